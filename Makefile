# Python 3.11 or newer and make are all that is needed; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV := $(VENV)/.ready-dev
PEERS := benchmarks/peers/node_modules/.ready
BENCH := $(VENV)/.ready-bench
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

.PHONY: help setup demo test check schema migration lock bench bench-peers sbom clean

help: ## What can be typed here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("homeroom needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(READY): requirements.lock graph/explorer/pins.py | $(VENV)/bin/python
	$(PIP) -r requirements.lock
	command -v npm >/dev/null || $(PIP) -r requirements-node.lock
	$(BIN)/python -m graph.explorer.install
	@touch $@

$(DEV): requirements-dev.lock | $(READY)
	$(PIP) -r requirements-dev.lock
	@touch $@

$(BENCH): requirements-bench.lock | $(DEV)
	$(PIP) -r requirements-bench.lock
	@touch $@

setup: $(READY) ## Install what is needed to run

demo: $(READY) ## Try it: a stand-in Canvas, demo data, GraphiQL
	$(BIN)/python -m cli demo $(ARGS)

test: $(DEV) ## Every test
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(DEV) ## What CI demands beside the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r canvas db domain graph jobs loaders resolvers services cli.py settings.py
	$(BIN)/python -m cli schema --check
	$(BIN)/python -m cli schema --since graph/released.graphql
	$(BIN)/python -m cli documents graph/explorer/examples
	$(BIN)/python -m pytest -n 0 -q -rs tests/graph/http/test_clients.py
	$(BIN)/python tests/support/audit_dependencies.py

schema: $(DEV) ## Write schema.graphql anew
	$(BIN)/python -m cli schema

migration: $(DEV) ## Write the migration of changed models
	$(BIN)/python -m db.make_migration

COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q
WANTED = import sys, tomllib; project = tomllib.load(open("pyproject.toml", "rb"))

lock: $(DEV) ## Lock the newest versions of the dependencies (needs uv on the PATH)
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --group dev -o requirements-dev.lock
	$(COMPILE) pyproject.toml --group dev --group bench --constraint requirements-dev.lock -o requirements-bench.lock
	$(BIN)/python -c '$(WANTED); print(*project["project"]["optional-dependencies"]["otel"], sep="\n")' \
		| $(COMPILE) --constraint requirements.lock -o requirements-otel.lock -
	$(BIN)/python -c '$(WANTED); print(*(d for d in project["dependency-groups"]["dev"] if d.startswith("nodejs")))' \
		| $(COMPILE) --constraint requirements-dev.lock -o requirements-node.lock -

$(PEERS): benchmarks/peers/package-lock.json | $(READY)
	cd benchmarks/peers && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund
	@touch $@

bench-peers: $(DEV) $(PEERS) ## Measure beside Apollo Server and GraphQL Yoga (installs them by npm)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m benchmarks.against_peers

bench: $(BENCH) ## Measure, into benchmarks/results.md
	$(BIN)/python -m benchmarks

sbom: $(DEV) ## Write the list of dependencies, CycloneDX
	$(BIN)/python tests/support/list_dependencies.py dist/homeroom.cdx.json

clean: ## Remove what was installed and made
	rm -rf $(VENV) graph/explorer/assets .mypy_cache .ruff_cache .pytest_cache .hypothesis
