"""Every write leaves an entry in the audit log: walked through the source, so that a new mutation cannot forget it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.schema import schema

ROOT = Path(__file__).parents[3]
KEEPS_NO_RECORD = {
    "services/writing.py": "opens the transactions of the others",
    "services/match_store.py": "a report kept so that it need not be worked out again",
    "services/link_names.py": "display names as Canvas has them, no decision of anybody",
}


def _called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2]  # what is imported under another name


def _functions(folder: str) -> dict[str, set[str]]:
    """What each function names, by its own name; functions that share a name are taken together."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name].update(_called(node))
    return found


SERVICES = _functions("services")
AUDITING = {"record", "record_all", "record_many", "AuditEntry"}


def _reaches_audit(names: set[str]) -> bool:
    seen: set[str] = set()
    todo = set(names)
    while todo:
        name = todo.pop()
        if name in AUDITING:
            return True
        seen.add(name)
        todo |= SERVICES.get(name, set()) - seen
    return False


def _mutations() -> list[str]:
    assert schema._schema.mutation_type is not None
    return list(schema._schema.mutation_type.fields)


def _modules() -> dict[str, Path]:
    named = {path.stem.replace("_", ""): path for path in (ROOT / "graph/mutations").glob("*.py")}
    return {mutation: named[mutation.lower()] for mutation in _mutations()}


@pytest.mark.parametrize("mutation", _mutations())
def test_every_mutation_leads_to_an_audit_entry(mutation: str) -> None:
    tree = ast.parse(_modules()[mutation].read_text(encoding="utf-8"))
    assert _reaches_audit(set(_called(tree)))


def test_a_read_leads_to_none() -> None:
    """Else the walk above would prove nothing."""
    assert not _reaches_audit({"list_classes", "classes_by_refs", "enrolled_counts", "list_users"})


@pytest.mark.parametrize(
    "path", sorted((ROOT / "services").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_transaction_of_a_service_records_what_it_did(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _writes(node)
        and not _reaches_audit(set(_called(node)))
    ]
    assert silent == [] or str(path.relative_to(ROOT)) in KEEPS_NO_RECORD


def _writes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    blocks = [node for node in ast.walk(function) if isinstance(node, ast.AsyncWith)]
    return any(
        isinstance(item.context_expr, ast.Call) and {"writing", "atomic"} & set(_called(item.context_expr.func))
        for block in blocks
        for item in block.items
    )
