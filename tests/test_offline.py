from __future__ import annotations

import socket

import httpx
import pytest


def test_tests_cannot_connect_to_another_machine() -> None:
    with socket.socket() as out, pytest.raises(OSError, match="A test connected to"):
        out.connect(("192.0.2.1", 80))


async def test_tests_cannot_look_up_another_machine() -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError, match="A test looked up"):
            await client.get("http://canvas.example.org/")


def test_tests_can_connect_to_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
