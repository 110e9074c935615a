"""The fault list of the main job at the client's level, and that the access key stays where it is."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import traceback
from datetime import timedelta

import httpx
import pytest
import structlog

from canvas.address import AddressNotAllowed
from canvas.deadline import deadline, no_deadline, remaining
from canvas.errors import CircuitOpen, GraphqlUnavailable, ServerFault, Unreachable, retry_after
from canvas.retry import Budget
from domain.errors import (
    UpstreamBlocked,
    UpstreamCredentials,
    UpstreamError,
    UpstreamForbidden,
    UpstreamMissing,
    UpstreamRejected,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnreadable,
)
from tests.canvas.fake import KEY, FakeCanvas, FakeTime, answers, connection, ok

NO_RIGHT = {"status": "unauthorized", "errors": [{"message": "user not authorized to perform that action"}]}
THROTTLED_429 = httpx.Response(429, text="429 Too Many Requests (Rate Limit Exceeded)\n")
THROTTLED_403 = httpx.Response(403, text="403 Forbidden (Rate Limit Exceeded)\n")


def said(message: str) -> dict[str, object]:
    return {"errors": [{"message": message}]}


BEARER = {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (httpx.Response(401, json=said("Invalid access token."), headers=BEARER), UpstreamCredentials),
        (httpx.Response(401, json=said("Revoked access token."), headers=BEARER), UpstreamCredentials),
        (httpx.Response(401, json=said("Expired access token.")), UpstreamCredentials),
        (httpx.Response(401, json={"status": "unauthenticated"}), UpstreamCredentials),
        (httpx.Response(401, text=""), UpstreamCredentials),
        (httpx.Response(401, json=NO_RIGHT), UpstreamForbidden),
        (httpx.Response(403, json=NO_RIGHT), UpstreamForbidden),
        (httpx.Response(401, json={"message": "You must have manage_sis permission"}), UpstreamForbidden),
        (httpx.Response(401, json=said("Insufficient scopes on access token."), headers=BEARER), UpstreamForbidden),
        (httpx.Response(403, text="<html>blocked</html>"), UpstreamUnreadable),
        (httpx.Response(403, json={"message": "no valid user agent"}), UpstreamRejected),
        (httpx.Response(404, json=said("The specified resource does not exist.")), UpstreamMissing),
        (httpx.Response(404, text="<html>"), UpstreamMissing),
        (httpx.Response(400, json={"message": "bad"}), UpstreamRejected),
        (httpx.Response(409, json={}), UpstreamRejected),
        (httpx.Response(200, text="<html>hello</html>"), UpstreamUnreadable),
        (httpx.Response(200, content=b'[{"id":1},{"id"'), UpstreamUnreadable),
        (httpx.Response(500, json=said("An error occurred.")), ServerFault),
        (httpx.Response(503, text="<html>"), ServerFault),
        (httpx.Response(504, text=""), UpstreamTimeout),
        (THROTTLED_429, UpstreamThrottled),
        (THROTTLED_403, UpstreamThrottled),
        (httpx.ConnectError("host secret.example"), Unreachable),
        (httpx.ConnectTimeout(""), Unreachable),
        (httpx.RemoteProtocolError("half a body"), Unreachable),
        (httpx.ReadTimeout(""), UpstreamTimeout),
        (httpx.DecodingError("gzip"), UpstreamUnreadable),
        (AddressNotAllowed("no"), UpstreamBlocked),
    ],
)
async def test_every_failure_has_its_name(response: httpx.Response | Exception, expected: type[UpstreamError]) -> None:
    fake = FakeCanvas(answers(response))
    with pytest.raises(UpstreamError) as failure:
        await fake.canvas().get("courses/1")
    assert type(failure.value) is expected
    assert failure.value.provider == 7
    assert str(failure.value) == "Canvas did not answer."
    assert "secret.example" not in failure.value.detail


@pytest.mark.parametrize(
    ("body", "fields", "types"),
    [
        ({"errors": [{"field": "name", "message": "x y", "error_code": "taken"}]}, ("name",), ("taken",)),
        ({"errors": {"name": [{"attribute": "name", "type": "too_long", "message": "m"}]}}, ("name",), ("too_long",)),
        (
            {
                "errors": {
                    "group_id": [{"attribute": "group_id", "type": "The group is full.", "message": "The group…"}]
                }
            },
            ("group_id",),
            ("full",),
        ),
        (
            {
                "errors": {
                    "user": {},
                    "pseudonym": {"unique_id": [{"type": "taken", "message": "m"}]},
                    "recaptcha": None,
                }
            },
            ("unique_id",),
            ("taken",),
        ),
        ({"errors": {"start_date": "Invalid date"}}, ("start_date",), ()),
        ({"errors": "ID already in use"}, (), ("taken",)),
        ({"message": "Missing INTERVAL"}, (), ()),
        ([1, 2], (), ()),
    ],
)
async def test_a_rejection_names_fields_and_codes_but_quotes_nothing(
    body: object, fields: tuple[str, ...], types: tuple[str, ...]
) -> None:
    fake = FakeCanvas(answers(httpx.Response(400, json=body)))
    with pytest.raises(UpstreamRejected) as failure:
        await fake.canvas().post("groups", {"name": "x"})
    assert (failure.value.fields, failure.value.types) == (fields, types)
    assert failure.value.detail == "HTTP 400"


@pytest.mark.parametrize(
    ("failures", "waits"),
    [
        ([httpx.Response(500), httpx.Response(502), httpx.Response(503)], [0.5, 1.0, 2.0]),
        ([httpx.ConnectError(""), httpx.RemoteProtocolError("")], [0.5, 1.0]),
        ([THROTTLED_429, THROTTLED_403], [2.0, 4.0]),
        ([httpx.Response(429, text="Rate Limit Exceeded", headers={"Retry-After": "9"})], [9.0]),
        ([httpx.Response(504)], [0.5]),
    ],
)
async def test_a_read_is_tried_again_after_growing_waits(failures: list[httpx.Response], waits: list[float]) -> None:
    fake = FakeCanvas(answers(*failures, ok({"id": "1"})))
    assert await fake.canvas().get("courses/1") == {"id": "1"}
    assert len(fake.requests) == len(failures) + 1
    assert fake.time.slept == waits


@pytest.mark.parametrize(
    ("failure", "tries"),
    [(httpx.Response(500), 4), (THROTTLED_429, 6), (httpx.ReadTimeout(""), 2), (httpx.Response(404, json={}), 1)],
)
async def test_tries_are_counted(failure: httpx.Response | Exception, tries: int) -> None:
    fake = FakeCanvas(answers(failure))
    with pytest.raises(UpstreamError):
        await fake.canvas().get("courses/1")
    assert len(fake.requests) == tries


async def test_a_write_is_repeated_after_a_throttle_answer_only() -> None:
    throttled = FakeCanvas(answers(THROTTLED_403, ok({"ok": True})))
    assert await throttled.canvas().post("groups/1/memberships", {"user_id": "1"}) == {"ok": True}
    for failure in (httpx.Response(500), httpx.ReadError(""), httpx.ReadTimeout("")):
        fake = FakeCanvas(answers(failure))
        with pytest.raises(UpstreamError):
            await fake.canvas().put("groups/1", {"name": "x"})
        assert len(fake.requests) == 1


async def test_a_long_retry_after_is_passed_on_instead_of_waited_for() -> None:
    fake = FakeCanvas(answers(httpx.Response(503, headers={"Retry-After": "120"})))
    with pytest.raises(ServerFault) as failure:
        await fake.canvas().get("courses/1")
    assert failure.value.retry_after == timedelta(seconds=120)
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("007", 7), ("3601", 3600), ("9" * 5_000, 3600), ("0" * 5_000, 3600), ("-1", None), ("1.5", None)],
)
def test_a_retry_after_of_any_length_is_a_wait_of_an_hour_at_most(text: str, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after({"retry-after": text}) == expected


@pytest.mark.parametrize("remaining", ["nan", "inf", "-inf", "9" * 5_000, "many"])
async def test_a_surprising_rate_limit_header_changes_nothing(remaining: str) -> None:
    fake = FakeCanvas(answers(ok({}, X_Rate_Limit_Remaining=remaining, X_Request_Cost=remaining)))
    assert await fake.canvas().get("courses/1") == {}
    assert [call.cost for call in fake.calls] == [None]


def test_retries_are_a_tenth_of_the_calls_once_the_floor_is_used_up() -> None:
    time = FakeTime()
    budget = Budget(time.clock)
    assert [budget.take() for _ in range(11)] == [True] * 10 + [False]
    for _ in range(100):
        budget.called()
    assert sum(budget.take() for _ in range(100)) in {9, 10}
    time.now += 1.5
    assert [budget.take() for _ in range(4)].count(True) in {1, 2}


async def test_a_dead_canvas_is_left_alone_and_probed_by_one() -> None:
    fake = FakeCanvas(answers(httpx.ConnectError("")))
    canvas = fake.canvas()
    for _ in range(2):
        with pytest.raises(UpstreamError):
            await canvas.get("courses/1")
    assert len(fake.requests) == 5
    with pytest.raises(CircuitOpen) as failure:
        await canvas.get("courses/1")
    assert failure.value.retry_after is not None
    fake.time.now += 10
    fake.handler = answers(ok({"id": "1"}))
    fake.hold = 0.01
    answered = await asyncio.gather(*(canvas.get("courses/1") for _ in range(3)), return_exceptions=True)
    assert [type(a) for a in answered] == [dict, CircuitOpen, CircuitOpen]
    assert await canvas.get("courses/1") == {"id": "1"}


async def test_a_refused_key_is_not_hammered_with_and_a_new_one_starts_afresh() -> None:
    fake = FakeCanvas(answers(httpx.Response(401, json=said("Revoked access token."), headers=BEARER)))
    pool = fake.pool()
    for _ in range(5):
        with pytest.raises(UpstreamCredentials):
            await pool.canvas(connection()).get("courses/1")
    assert len(fake.requests) == 1
    fake.handler = answers(ok({}))
    assert await pool.canvas(connection(key="another")).get("courses/1") == {}
    fake.time.now += 16
    assert await pool.canvas(connection()).get("courses/1") == {}


async def test_a_lost_permission_for_one_course_stops_nothing_else() -> None:
    fake = FakeCanvas(lambda r: httpx.Response(403, json=NO_RIGHT) if r.url.path.endswith("/13") else ok({}))
    canvas = fake.canvas()
    for _ in range(10):
        with pytest.raises(UpstreamForbidden):
            await canvas.get("courses/13")
    assert await canvas.get("courses/1") == {}


async def test_a_caller_with_a_deadline_does_not_wait_longer() -> None:
    fake = FakeCanvas(answers(ok({})), hold=30)
    with pytest.raises(UpstreamTimeout), deadline(0.05):
        await fake.canvas().get("courses/1")
    assert fake.flying == 0


async def test_a_retry_that_would_miss_the_deadline_is_not_waited_for() -> None:
    fake = FakeCanvas(answers(httpx.Response(429, text="Rate Limit Exceeded", headers={"Retry-After": "20"})))
    with pytest.raises(UpstreamThrottled), deadline(5):
        await fake.canvas().get("courses/1")
    assert len(fake.requests) == 1


async def test_the_earlier_of_two_deadlines_stands() -> None:
    assert remaining() is None
    with deadline(5), deadline(50):
        assert (remaining() or 99) <= 5
        with no_deadline():
            assert remaining() is None
    assert remaining() is None


async def test_a_slow_answer_within_the_timeout_is_waited_for_and_a_slower_one_is_not() -> None:
    fake = FakeCanvas(answers(ok({})), hold=0.05)
    assert await fake.canvas(timeout=5).get("courses/1") == {}
    with pytest.raises(UpstreamTimeout):
        await fake.canvas(timeout=0.01).get("courses/1")


async def test_a_caller_that_leaves_ends_its_request() -> None:
    fake = FakeCanvas(answers(ok({})), hold=30)
    canvas = fake.canvas()
    waiting = asyncio.create_task(canvas.get("courses/1"))
    while not fake.flying:  # noqa: ASYNC110  a plain number
        await asyncio.sleep(0.001)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    fake.hold = 0
    assert fake.flying == 0
    assert await canvas.get("courses/1") == {}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (httpx.Response(404, text="<html>"), GraphqlUnavailable),
        (httpx.Response(403, json=NO_RIGHT), GraphqlUnavailable),
        (
            ok({"errors": [{"message": "Field 'courses' doesn't exist on type 'Query'"}]}),
            GraphqlUnavailable,
        ),
        (
            ok({"data": None, "errors": [{"message": "?", "extensions": {"code": "undefinedField"}}]}),
            GraphqlUnavailable,
        ),
        (ok({"errors": [{"message": "some other refusal of the document"}]}), GraphqlUnavailable),
        (
            ok(
                {"data": None, "errors": [{"message": "An object … hidden due to insufficient scopes on access token"}]}
            ),
            GraphqlUnavailable,
        ),
        (ok({"data": None, "errors": [{"message": "operation timed out"}]}), UpstreamTimeout),
        (ok({"errors": [{"message": "Query has complexity of 9, which exceeds max complexity"}]}), UpstreamRejected),
        (ok({"data": None, "errors": [{"message": "boom"}]}), UpstreamError),
        (ok({"data": {"a": 1, "b": None}, "errors": [{"message": "boom", "path": ["b"]}]}), UpstreamError),
        (ok([]), UpstreamUnreadable),
        (ok({"data": None}), UpstreamUnreadable),
        (httpx.Response(401, json=said("Invalid access token."), headers=BEARER), UpstreamCredentials),
    ],
)
async def test_graphql_failures_have_their_names(response: httpx.Response, expected: type[UpstreamError]) -> None:
    with pytest.raises(UpstreamError) as failure:
        await FakeCanvas(answers(response)).canvas().graphql("query { a b }")
    assert type(failure.value) is expected


async def test_a_mutation_is_sent_once() -> None:
    fake = FakeCanvas(answers(httpx.Response(500)))
    with pytest.raises(ServerFault):
        await fake.canvas().query("mutation { a }", writes=True)
    assert len(fake.requests) == 1


@pytest.mark.parametrize("key", ["", "a b", "a\nb", "schlüssel", "a\x00"])
async def test_a_key_that_can_be_no_header_is_refused_unsent(key: str) -> None:
    fake = FakeCanvas(answers(ok({})))
    with pytest.raises(UpstreamCredentials):
        await fake.pool().canvas(connection(key=key)).get("courses/1")
    assert fake.requests == []


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(401, json=said(f"Invalid access token {KEY}"), headers=BEARER),
        httpx.Response(400, json={"errors": {KEY: [{"type": KEY, "message": KEY}]}}),
        httpx.Response(500, text=KEY),
        httpx.Response(200, text=f"<html>{KEY}"),
        httpx.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'"),
        httpx.ConnectError(KEY),
        httpx.ReadTimeout(KEY),
        httpx.Response(302, headers={"Location": f"https://x.example/?access_token={KEY}"}),
    ],
)
async def test_no_key_in_logs_exceptions_or_reprs(
    failure: httpx.Response | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """W-31: a canary key, thrown back by Canvas in every way there is, appears nowhere."""
    sink = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sink),
        cache_logger_on_first_use=False,
    )
    caplog.set_level(logging.DEBUG)
    try:
        fake = FakeCanvas(answers(failure))
        with pytest.raises(UpstreamError) as raised:
            await fake.canvas().get("courses/4711")
        with pytest.raises(UpstreamError):
            await fake.canvas().graphql("query { a }")
        lines = [json.loads(line) for line in sink.getvalue().splitlines()]
        assert {line["event"] for line in lines} - {"canvas.key_refused"} == {"canvas.call_failed"}
        error = raised.value
        shown = "".join(
            [
                sink.getvalue(),
                caplog.text,
                "".join(traceback.format_exception(error)),
                repr(error),
                repr(error.extensions),
                error.detail,
                repr(connection()),
                repr(fake.calls),
            ]
        )
        assert KEY not in shown
        assert KEY not in str(vars(error))
        assert "4711" not in sink.getvalue() + caplog.text
    finally:
        structlog.reset_defaults()
