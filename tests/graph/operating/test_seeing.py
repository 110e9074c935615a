"""What operators see of homeroom at work, and what they never see."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import structlog
from graphql import OperationType, parse
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from canvas.calls import Call
from db.models import Provider, SyncRun, User
from domain.enums import Role, SyncKind, SyncState
from domain.errors import UpstreamCallLimit
from domain.scope import SYSTEM
from graph.http.answers import Caller, Operation
from graph.http.documents import Plan
from graph.limits.shape import Shape
from graph.limits.weights import HOMEROOM
from graph.logging import configure_logging
from graph.observing import Observing
from graph.schema import schema
from graph.tracing import Traces
from loaders.kinds import COURSES
from sandbox.behaviour import DEFAULT_TOKEN
from sandbox.world import World
from services.meters import Meters
from services.operation import begin
from tests import factories
from tests.support.served import Served, served

CLASSES = "query Shown($first: Int) { classes(first: $first) { nodes { name enrolledCount roster { totalCount } } } }"


@pytest_asyncio.fixture
async def here(database_url: str, redis: str | None) -> AsyncIterator[Served]:
    async with served(database_url, redis) as opened:
        yield opened


async def _college(here: Served) -> tuple[User, Provider]:
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    world = World()
    course = world.add_course("Algebra")
    student = world.add_user("Marisol Canary")
    world.enrol(course.id, student.id)
    canvas = await here.house.canvas(world, name="State College")
    person = await factories.user(facility=await factories.facility(), last_name="Canary")
    await factories.link(provider=canvas, user=person, external_user_id=str(student.id))
    return admin, canvas


async def _samples(here: Served) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = await here.http.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def _sum(samples: dict[tuple[str, tuple[tuple[str, str], ...]], float], name: str, **labels: str) -> float:
    return sum(value for (n, given), value in samples.items() if n == name and set(labels.items()) <= set(given))


async def test_metrics_count_operations_upstream_calls_and_cache_states(here: Served) -> None:
    admin, canvas = await _college(here)
    here.house.forget_calls()
    for _ in range(2):
        assert "errors" not in (await here.ask(CLASSES, admin)).json()
    await here.ask("{ nonsense }", admin)
    await here.ask('{ one: class(id: "x") { id } other: class(id: "y") { id } }', admin)
    asked = len(here.house.calls(canvas))
    samples = await _samples(here)

    assert _sum(samples, "homeroom_operations_total", kind="query", outcome="ok") == 2
    assert _sum(samples, "homeroom_errors_total", code="GRAPHQL_VALIDATION_FAILED") == 1
    assert _sum(samples, "homeroom_operation_seconds_count", kind="query") == 3
    assert _sum(samples, "homeroom_errors_total", code="BAD_ID") == 1
    assert (
        _sum(samples, "homeroom_field_errors_total")
        == _sum(samples, "homeroom_field_errors_total", field="class", code="BAD_ID")
        == 2
    )
    assert asked == 2  # the courses, and all rosters in one
    assert _sum(samples, "homeroom_upstream_calls_total", provider=str(canvas.id), status="200") == asked
    assert _sum(samples, "homeroom_upstream_in_flight", provider=str(canvas.id)) == 0
    assert _sum(samples, "homeroom_batch_size_sum", fact="roster") == 1
    assert _sum(samples, "homeroom_cache_readings_total", fact="roster", state="FRESH") >= 2
    assert _sum(samples, "homeroom_dependency_up", dependency="database") == 1


async def test_metrics_tell_the_states_of_runs_and_how_long_the_oldest_waits(here: Served) -> None:
    await SyncRun.create(kind=SyncKind.PULL_TEAMS, state=SyncState.FAILED, finished_at=here.house.clock())
    samples = await _samples(here)
    assert samples["homeroom_runs", (("kind", "PULL_TEAMS"), ("state", "FAILED"))] == 1
    assert samples["homeroom_run_lag_seconds", ()] == 0


async def test_metrics_are_for_this_machine_or_for_the_bearer_of_the_token(database_url: str) -> None:
    async with served(database_url) as here:
        assert (await here.http.get("/metrics")).status_code == 200
        passed_on = await here.http.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})
        assert passed_on.status_code == 403
        stranger = httpx.ASGITransport(app=here.app, client=("203.0.113.9", 1))
        async with httpx.AsyncClient(transport=stranger, base_url="http://homeroom") as outside:
            assert (await outside.get("/metrics")).status_code == 403
    async with served(database_url, metrics_token="scrape-me") as here:
        assert (await here.http.get("/metrics")).status_code == 403
        assert (await here.http.get("/metrics", headers={"authorization": "Bearer scrape-me"})).status_code == 200


async def test_ready_tells_every_dependency_and_degrades_when_a_canvas_is_away(here: Served) -> None:
    """C-26"""
    admin, canvas = await _college(here)
    await here.ask(CLASSES, admin)
    ready = (await here.http.get("/readyz")).json()
    assert ready["status"] == "ready"
    assert set(ready["checks"]) >= {"database", "canvas", "jobs"}
    assert ready["checks"]["canvas"]["detail"] == f"{canvas.id}: answers"

    here.house.hosts.apps.clear()
    for _ in range(3):
        await here.app.state.engine.facts.expire(canvas.id)
        await here.ask("{ classes { nodes { name enrolledCount } } }", admin)
    for _ in range(6):
        await here.house.engine.facts.refresh(COURSES, canvas.id, ["account"])
    answer = await here.http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    told = answer.json()["checks"]["canvas"]["detail"]
    assert re.fullmatch(rf"{canvas.id}: does not answer; last read \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told)
    metrics = (await here.http.get("/metrics")).text
    assert f'homeroom_canvas_age_seconds{{provider="{canvas.id}"}} ' in metrics


async def test_admins_are_told_what_canvas_had_to_do_with_an_answer(here: Served) -> None:
    admin, canvas = await _college(here)
    student = await User.get(last_name="Canary")
    here.house.forget_calls()
    cold = (await here.ask(CLASSES, admin, extensions={"upstream": True})).json()["extensions"]
    warm = (await here.ask(CLASSES, admin, extensions={"upstream": True})).json()["extensions"]
    assert cold["upstream"]["calls"] == cold["cost"]["upstreamCalls"] == len(here.house.calls(canvas)) == 2
    assert cold["upstream"]["ms"] > 0
    assert (warm["upstream"]["calls"], warm["upstream"]["cacheMisses"]) == (0, 0)
    assert warm["upstream"]["cacheHits"] > 0
    assert "upstream" not in (await here.ask(CLASSES, admin)).json()["extensions"]
    asked_by_student = await here.ask(CLASSES, student, extensions={"upstream": True})
    assert "upstream" not in asked_by_student.json()["extensions"]


async def test_logs_hold_hashes_and_codes_but_no_names_variables_or_tokens(
    here: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    """§4.3: names, user names, variables, tokens and access keys, grepped in every line."""
    configure_logging("debug")
    structlog.configure(**{**structlog.get_config(), "cache_logger_on_first_use": False})
    try:
        admin, _ = await _college(here)
        await here.ask(CLASSES, admin, variables={"first": 7})
        await here.ask("query Find($s: String!) { users(filter: {search: $s}) { nodes { id } } }", admin,
                       variables={"s": "variable-canary"})  # fmt: skip
        await here.http.post(
            "/graphql", json={"query": "{ viewer { id } }"}, headers={"authorization": "Bearer token-canary"}
        )
        for name in ("roster-page", "a\tb"):
            named = {"query": "query Named { viewer { role } }"}
            await here.http.post("/graphql", json=named, headers={"x-client-name": name})
        structlog.get_logger().error("broken", exc_info=ValueError("message-canary"))
        logging.getLogger("asyncio").error("Task exception\nfuture: <Task exception=ValueError('repr-canary')>")
        try:
            int("raised-canary")
        except ValueError:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    finally:
        structlog.reset_defaults()
        logging.getLogger().handlers.clear()
    said = capsys.readouterr().err
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]

    shown = next(line for line in lines if line.get("operation") == "Shown")
    assert set(shown) >= {"document", "kind", "ms", "codes", "points", "request_id", "viewer", "timestamp", "level"}
    assert len(shown["viewer"]) == 16
    assert [line.get("client") for line in lines if line.get("operation") == "Named"] == ["roster-page", None]
    assert any(line.get("error") == "ValueError" and line["event"] == "broken" for line in lines)
    for secret in (admin.username, "Canary", "variable-canary", "token-canary", "message-canary", "repr-canary",
                   "raised-canary", DEFAULT_TOKEN):  # fmt: skip
        assert secret not in said, secret


async def test_an_operation_waits_for_so_many_answers_of_canvas_and_no_more(here: Served) -> None:
    """§4.1: 50 awaited live calls, then a typed error; filling the cache is not among them."""
    admin, canvas = await _college(here)
    await here.ask(CLASSES, admin)
    engine = here.app.state.engine
    op = begin(engine, SYSTEM, most_live=2)
    client = await engine.canvases.get(canvas.id)
    here.house.forget_calls()
    for _ in range(2):
        await client.get("accounts/self")
    with pytest.raises(UpstreamCallLimit) as refused:
        await client.get("accounts/self")
    await engine.facts.refresh(COURSES, canvas.id, ["account"])
    assert refused.value.extensions == {
        "code": "UPSTREAM_CALL_LIMIT",
        "source": str(canvas.id),
        "reason": "TOO_MANY_CALLS",
    }
    assert len(here.house.calls(canvas)) == 3
    assert (op.footprint.live, op.footprint.calls) == (2, 3)


def _plan(name: str, digest: str) -> Plan:
    document = parse("{ a }")
    shape = Shape(1, 0, 1, 0)
    return Plan(None, document.definitions[0], name, OperationType.QUERY, shape, None, digest, frozenset())  # type: ignore[arg-type]


async def test_a_trace_goes_on_from_the_caller_through_the_operation_to_canvas() -> None:
    """C-26. No names and no variables are in it."""
    spans = InMemorySpanExporter()
    traces = Traces("0", SimpleSpanProcessor(spans))
    observing = Observing(Meters(), traces)
    plan = _plan("Shown", "abc")
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    caller = Caller("subject:name-canary", signed_in=True, request_id="r1", make_context=None, trace=trace)  # type: ignore[arg-type]
    with observing.running(Operation(plan, {"v": "variable-canary"}, 1, dry=False), caller):
        observing.call(Call(3, "rest", "GET", 12.0, 200, 1.5))
    traces.close()
    upstream, operation = spans.get_finished_spans()
    assert operation.context.trace_id == upstream.context.trace_id == 0x0AF7651916CD43DD8448EB211C80319C
    assert upstream.parent is not None
    assert upstream.parent.span_id == operation.context.span_id
    assert dict(operation.attributes or {})["graphql.document.hash"] == "abc"
    assert (upstream.name, dict(upstream.attributes or {})["http.response.status_code"]) == ("canvas rest", 200)
    assert "canary" not in str([span.to_json() for span in spans.get_finished_spans()])


async def test_the_budget_can_be_asked_for_and_is_never_remembered(here: Served) -> None:
    """C-17"""
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    asked = "{ rateLimit { limit remaining cost resetAt } facilities { name } }"
    first, again = [(await here.ask(asked, admin, extensions={"cache": True})).json() for _ in range(2)]
    told = first["data"]["rateLimit"]
    assert (told["limit"], told["remaining"]) == (100_000, 100_000 - told["cost"])
    assert told["cost"] == first["extensions"]["cost"]["requested"] > 1
    assert again["extensions"]["cache"]["hit"] is False


def test_every_price_is_that_of_a_field() -> None:
    """§4.1: a rename must not make a field cheap."""
    assert HOMEROOM.unknown(schema._schema) == []
