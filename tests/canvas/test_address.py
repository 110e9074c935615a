"""Conventions §4.5: what an admin types as a base URL cannot make us talk to our own network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address

import httpx
import pytest

from canvas.address import AddressNotAllowed, Networks, check_base_url
from canvas.pool import CanvasPool, PoolSettings
from domain.errors import UpstreamBlocked
from tests.canvas.fake import connection


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://Canvas.Example/", "https://canvas.example"),
        (" https://canvas.example:443 ", "https://canvas.example"),
        ("https://canvas.example.:8443", "https://canvas.example:8443"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
        ("https://8.8.8.8", "https://8.8.8.8"),
        ("https://[2001:4860:4860::8888]:8443", "https://[2001:4860:4860::8888]:8443"),
    ],
)
def test_good_addresses_have_one_spelling(url: str, normal: str) -> None:
    assert check_base_url(url) == normal
    assert check_base_url(normal) == normal


@pytest.mark.parametrize(
    "url",
    [
        "http://canvas.example",
        "ftp://canvas.example",
        "canvas.example",
        "https://",
        "https://user:pass@canvas.example",
        "https://canvas.example/api",
        "https://canvas.example?x=1",
        "https://canvas.example/#x",
        "https://canvas.example:99999",
        "https://a b",
        "https://127.0.0.1",
        "https://127.1",
        "https://0x7f.0.0.1",
        "https://2130706433",
        "https://017700000001",
        "https://10.0.0.1.",
        "https://172.16.0.1",
        "https://192.168.1.1",
        "https://100.64.0.1",
        "https://169.254.169.254",
        "https://224.0.0.1",
        "https://0.0.0.0",
        "https://255.255.255.255",
        "https://[::1]",
        "https://[::]",
        "https://[fe80::1]",
        "https://[fd00::1]",
        "https://[ff02::1]",
        "https://[::ffff:10.0.0.1]",
        "https://[::ffff:7f00:1]",
        "https://[::127.0.0.1]",
        "https://[64:ff9b::a00:1]",
        "https://[64:ff9b:1::a00:1]",
        "https://[2002:a00:1::]",
        "https://[2001:0:a00:1::]",
    ],
)
def test_bad_addresses_are_refused_with_a_reason(url: str) -> None:
    with pytest.raises(AddressNotAllowed) as refused:
        check_base_url(url)
    assert str(refused.value).startswith(("The ", "This "))


def test_the_operators_networks_allow_what_is_in_them_only() -> None:
    networks = ("127.0.0.0/8", "10.1.0.0/16", "fd00:1::/32")
    assert check_base_url("http://127.0.0.1:8001", networks) == "http://127.0.0.1:8001"
    assert check_base_url("https://10.1.2.3", networks) == "https://10.1.2.3"
    assert check_base_url("http://canvas.internal", networks) == "http://canvas.internal"
    for url in ("https://10.2.0.1", "http://8.8.8.8", "https://[fd00:2::1]"):
        with pytest.raises(AddressNotAllowed):
            check_base_url(url, networks)
    assert Networks(networks).allow(ip_address("::ffff:10.1.0.9"))


def test_behind_a_proxy_the_proxy_checks_addresses() -> None:
    assert check_base_url("https://10.0.0.1", behind_proxy=True) == "https://10.0.0.1"
    with pytest.raises(AddressNotAllowed):
        check_base_url("http://canvas.example", behind_proxy=True)


class Names:
    """Name resolution under the test's control."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, list[str]] = {}
        self.asked: list[str] = []
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", self._getaddrinfo)

    async def _getaddrinfo(self, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        self.asked.append(host)
        if host not in self.answers:
            raise socket.gaierror(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.answers[host]]


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


class Server:
    """Answers `{}` to everything and keeps what it was sent."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    double = Server()
    listening = await asyncio.start_server(double.answer, "127.0.0.1", 0)
    double.port = listening.sockets[0].getsockname()[1]
    yield double
    listening.close()
    await listening.wait_closed()


async def ask(url: str, **settings: object) -> object:
    pool = CanvasPool(PoolSettings(**settings))  # type: ignore[arg-type]
    try:
        return await pool.canvas(connection(base_url=url)).get("courses/1")
    finally:
        await pool.aclose()


async def test_the_address_checked_is_the_one_connected_to(names: Names, server: Server) -> None:
    names.answers["canvas.internal"] = ["10.9.9.9", "127.0.0.1"]
    url = f"http://canvas.internal:{server.port}"
    assert await ask(url, allow_networks=("127.0.0.0/8",)) == {}
    assert names.asked == ["canvas.internal"]
    assert f"host: canvas.internal:{server.port}".encode() in server.received[0].lower()


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("url", ["https://rebound.example", "http://rebound.example"])
async def test_a_name_that_leads_inside_is_refused_before_any_byte(
    names: Names, server: Server, address: str, url: str
) -> None:
    names.answers["rebound.example"] = [address]
    with pytest.raises(UpstreamBlocked) as refused:
        await ask(f"{url}:{server.port}", allow_networks=("192.0.2.0/24",))
    assert refused.value.detail == "The address is in a network that is not allowed."
    assert server.received == []


async def test_plain_http_goes_to_the_operators_networks_only(names: Names) -> None:
    names.answers["public.example"] = ["8.8.8.8"]
    with pytest.raises(UpstreamBlocked):
        await ask("http://public.example", allow_networks=("127.0.0.0/8",))


async def test_a_blocked_base_url_shows_when_it_is_used() -> None:
    with pytest.raises(UpstreamBlocked) as refused:
        await ask("https://127.0.0.1")
    assert refused.value.detail == "The address is in a network that is not allowed."


async def test_the_environments_proxy_has_no_say(names: Names, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    names.answers["canvas.internal"] = ["127.0.0.1"]
    assert await ask(f"http://canvas.internal:{server.port}", allow_networks=("127.0.0.0/8",)) == {}


async def test_the_operators_proxy_gets_the_requests(server: Server) -> None:
    proxy = f"http://127.0.0.1:{server.port}"
    assert await ask("http://canvas.internal", proxy=proxy, allow_networks=("10.0.0.0/8",)) == {}
    assert server.received[0].startswith(b"GET http://canvas.internal/api/v1/courses/1 HTTP/1.1")


def test_a_private_authority_is_read_at_the_start() -> None:
    with pytest.raises(OSError, match="No such file"):
        CanvasPool(PoolSettings(ca_file="/nowhere/ca.pem"))


async def test_other_transports_stay_the_tests_own() -> None:
    pool = CanvasPool(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"id": 1})))
    assert await pool.canvas(connection(base_url="https://canvas.example")).get("courses/1") == {"id": 1}
