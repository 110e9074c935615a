"""What operators are given to run homeroom with says what is."""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from commands import records, serving, working
from graph.app import create_app
from jobs.work import GRACE
from services.meters import Meters
from settings import Settings
from tests.support.list_dependencies import bill

ROOT = Path(__file__).parents[1]
FILES = [
    ROOT / "compose.yaml",
    ROOT / "Containerfile",
    ROOT / "SECURITY.md",
    ROOT / "docs/operate.md",
    *sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file()),
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_that_is_named_exists(file: Path) -> None:
    named = re.findall(r"HOMEROOM_([A-Z_]*[A-Z])\b", file.read_text(encoding="utf-8"))
    assert [name for name in named if name.lower() not in Settings.model_fields] == []


def test_every_metric_is_explained() -> None:
    page = (ROOT / "docs/operate.md").read_text(encoding="utf-8")
    families = [family.name for family in Meters().registry().collect() if family.name.startswith("homeroom_")]
    assert len(families) == 12
    assert [name for name in families if f"`{name}" not in page] == []


@pytest.mark.parametrize(
    "file", ["compose.yaml", "deploy/systemd/homeroom-api.service", "deploy/kubernetes/homeroom.yaml"]
)
def test_every_example_closes_the_schema_to_strangers(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(r"HOMEROOM_PUBLIC_INTROSPECTION(=false\b|: \"false\")", text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_command_that_is_started_exists(file: Path) -> None:
    started = re.findall(r"(?:-m cli|command: \[|args: \[|CMD \[\")\s*\"?([a-z]+)", file.read_text(encoding="utf-8"))
    verbs = {"serve", "worker", "migrate", "prune", "sleep", "python"}
    assert set(started) <= verbs


def _manifests() -> list[dict[str, Any]]:
    text = (ROOT / "deploy/kubernetes/homeroom.yaml").read_text(encoding="utf-8")
    return [document for document in yaml.safe_load_all(text) if document]


def _pods() -> dict[str, dict[str, Any]]:
    """The pod of everything that has one, by its name."""
    found = {}
    for manifest in _manifests():
        spec = manifest.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            found[manifest["metadata"]["name"]] = spec["template"]["spec"]
    return found


def _services() -> dict[str, dict[str, Any]]:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return {name: service for name, service in composed.items() if service.get("image") == "homeroom"}


def _commands() -> list[list[str]]:
    """Every command that the examples start, words after `python -m cli`."""
    found = [container["args"] for pod in _pods().values() for container in pod["containers"]]
    found += [service["command"] for service in _services().values() if "command" in service]
    units = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "deploy/systemd").glob("*.service"))
    found += [line.split() for line in re.findall(r"-m cli (.+)", units)]
    (default,) = re.findall(r"^CMD (\[.+\])$", (ROOT / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    return [*found, json.loads(default)]


def test_every_command_is_understood() -> None:
    verbs = {"serve": serving.serve, "migrate": serving.migrate, "worker": working.worker, "prune": records.prune}
    started = _commands()
    assert {command[0] for command in started} == verbs.keys()
    for verb, *words in started:
        options = {word.removeprefix("--").replace("-", "_") for word in words if word.startswith("--")}
        assert options - inspect.signature(verbs[verb]).parameters.keys() == set(), (verb, words)


def test_every_container_is_nobody_writes_nowhere_and_has_time_to_stop() -> None:
    assert _pods().keys() == {"homeroom-migrate", "homeroom-api", "homeroom-worker", "homeroom-prune"}
    for name, pod in _pods().items():
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] == 10001, name
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert {source for entry in container["envFrom"] for source in entry} == {"configMapRef", "secretRef"}, name
    assert _services().keys() == {"migrate", "api-1", "api-2", "worker"}
    for name, service in _services().items():
        assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"]), name  # noqa: S108
        assert service["stop_grace_period"] == "45s", name
    drain, finish, before = 5, 30, 5
    assert _pods()["homeroom-api"]["terminationGracePeriodSeconds"] >= before + drain + finish
    assert _pods()["homeroom-worker"]["terminationGracePeriodSeconds"] > GRACE
    image = (ROOT / "Containerfile").read_text(encoding="utf-8").rpartition("FROM ")[2]
    assert "USER 10001:10001" in image
    assert "HEALTHCHECK" in image


def test_every_probe_and_port_is_one_that_is_answered() -> None:
    pods = _pods()
    probes = [
        (name, probe["httpGet"]["path"], probe["httpGet"]["port"])
        for name in ("homeroom-api", "homeroom-worker")
        for kind, probe in pods[name]["containers"][0].items()
        if kind.endswith("Probe")
    ]
    assert sorted({path for _, path, _ in probes}) == ["/healthz", "/readyz"]
    assert {port for _, _, port in probes} == {"http"}
    routes = {getattr(route, "path", None) for route in create_app(Settings(auth_secret="x0123456789" * 4)).routes}
    assert routes >= {"/healthz", "/readyz", "/metrics", "/graphql"}
    (service,) = [manifest for manifest in _manifests() if manifest["kind"] == "Service"]
    (budget,) = [manifest for manifest in _manifests() if manifest["kind"] == "PodDisruptionBudget"]
    (api,) = [
        manifest
        for manifest in _manifests()
        if manifest["metadata"]["name"] == "homeroom-api" and "template" in manifest["spec"]
    ]
    labels = api["spec"]["template"]["metadata"]["labels"]
    assert labels == service["spec"]["selector"] == budget["spec"]["selector"]["matchLabels"]


def _locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "http" not in re.sub(r"^[\w.-]+==", "", text, flags=re.MULTILINE), "an index has no place in a lock"
    pinned = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))
    assert text.count("--hash=sha256:") >= len(pinned) > 0
    return pinned


def test_every_lock_holds_hashes_and_one_version_of_everything() -> None:
    run, dev, otel, node = (_locked(f"requirements{part}.lock") for part in ("", "-dev", "-otel", "-node"))
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}
    assert {name: version for name, version in {**otel, **node}.items() if dev.get(name) != version} == {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [re.split(r"[<>=;\s]", line)[0] for line in project["optional-dependencies"]["otel"]]
    assert len(wanted) == 2
    assert [name for name in wanted if name not in otel] == []
    assert [name for name in map(_name, project["dependencies"]) if name not in run] == []


def _name(requirement: str) -> str:
    return re.split(r"[<>=;\s]", requirement)[0].lower()


def test_the_list_of_dependencies_names_every_locked_package_with_its_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = bill()
    assert found["bomFormat"] == "CycloneDX"
    assert [f"{row['name']}=={row['version']}" for row in found["components"]] == re.findall(
        r"^([\w.-]+==[^\s;\\]+)", lock, re.MULTILINE
    )
    hashes = [row["externalReferences"][0]["hashes"] for row in found["components"]]
    assert sum(map(len, hashes)) == lock.count("--hash=sha256:")
