"""Every write leaves an entry in the audit log: walked through the source, so that a new mutation cannot forget it."""

from __future__ import annotations

import ast

import pytest

from graph.schema import schema
from tests.support.calls import Function, Place, functions, module, modules, reach, uses

RECORDS: set[Place] = {("services.audit", "record"), ("services.audit", "record_all"), ("db.models", "AuditEntry")}
KEEPS_NO_RECORD = {
    "services.writing:writing": "opens the transactions of the others",
    "services.linking:linking": "opens those in which links are made",
    "services.match_applying:_open": "makes room for links, of which each is recorded, and then the whole",
    "services.match_runs:_make_report": "keeps a report so that it need not be worked out again",
    "services.match_store:keep": "the same",
    "services.link_names:_write": "display names as Canvas has them, nobody's decision",
    "services.teams.push:_begin": "begins a run whose asking was recorded",
}


def _mutations() -> list[str]:
    assert schema._schema.mutation_type is not None
    return list(schema._schema.mutation_type.fields)


@pytest.mark.parametrize("mutation", _mutations())
def test_every_mutation_leads_to_an_audit_entry(mutation: str) -> None:
    (name,) = (
        name for name in modules("graph/mutations") if name.rpartition(".")[2].replace("_", "") == mutation.lower()
    )
    tree = module(name)
    assert tree is not None
    assert bool(reach(uses(name, tree)) & RECORDS) is (mutation != "testProvider")  # which writes nothing


@pytest.mark.parametrize("read", ["classes:list_classes", "rosters:enrolled_counts", "users:list_users"])
def test_a_read_leads_to_none(read: str) -> None:
    """Else the walk would prove nothing."""
    name, _, function = read.partition(":")
    assert not reach(uses(f"services.{name}", functions(f"services.{name}")[function])) & RECORDS


@pytest.mark.parametrize("name", modules("services"))
def test_every_transaction_of_a_service_records_what_it_did(name: str) -> None:
    silent = [
        f"{name}:{function.name}"
        for function in functions(name).values()
        if _writes(function) and not reach(uses(name, function)) & RECORDS
    ]
    assert [place for place in silent if place not in KEEPS_NO_RECORD] == []


def _writes(function: Function) -> bool:
    contexts = [
        item.context_expr for node in ast.walk(function) if isinstance(node, ast.AsyncWith) for item in node.items
    ]
    return any(isinstance(given, ast.Call) and ast.unparse(given.func) in {"writing", "atomic"} for given in contexts)
