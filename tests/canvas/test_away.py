"""A Canvas that is away: what its operator reads about it."""

from __future__ import annotations

import socket
import ssl

import httpx
import pytest
import structlog

from canvas.errors import why
from domain.errors import UpstreamCredentials, UpstreamError
from tests.canvas.fake import FakeCanvas, answers, connection, ok


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (ssl.SSLCertVerificationError("canary.example"), "the certificate is not accepted"),
        (ssl.SSLError("canary.example"), "no secure connection"),
        (socket.gaierror(-2, "canary.example"), "the host name is not known"),
        (ConnectionRefusedError(111, "canary.example"), "the connection is refused"),
        (ConnectionResetError(104, "canary.example"), "the connection is reset"),
    ],
)
def test_why_it_cannot_be_reached_is_said_without_its_words(cause: OSError, told: str) -> None:
    failure = httpx.ConnectError("canary.example")
    failure.__cause__ = OSError("All connection attempts failed")
    failure.__cause__.__cause__ = cause
    assert why(failure) == f"ConnectError: {told}"
    assert why(httpx.ReadError("canary.example")) == "ReadError"


async def test_that_it_went_and_came_back_is_said_once_each() -> None:
    fake = FakeCanvas(answers(httpx.ConnectError("")))
    canvas = fake.canvas()
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            fake.time.now += 61
            with pytest.raises(UpstreamError):
                await canvas.get("courses/1")
        fake.time.now += 61
        fake.handler = answers(ok({}))
        await canvas.get("courses/1")
        await canvas.get("courses/1")
    told = [(line["event"], line["provider"]) for line in lines if line["event"] != "canvas.call_failed"]
    assert told == [("canvas.away", 7), ("canvas.back", 7)]


async def test_a_refused_key_is_said_once() -> None:
    fake = FakeCanvas(answers(httpx.Response(401, json={})))
    pool = fake.pool()
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            with pytest.raises(UpstreamCredentials):
                await pool.canvas(connection()).get("courses/1")
    assert [line["event"] for line in lines].count("canvas.key_refused") == 1
    assert {provider: state.value for provider, state in pool.circuits().items()} == {7: "refuses the access key"}
