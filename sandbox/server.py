"""The stand-in as a process, or beside a test in a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from sandbox.app import Sandbox, create_app
from sandbox.behaviour import Behaviour
from sandbox.world import World

LOOPBACK = "127.0.0.1"
START_SECONDS = 10.0


def run(host: str, port: int, world: World, behaviour: Behaviour | None = None) -> None:
    """Serve until interrupted. There is no protection but the loopback address, so no other is taken."""
    if host not in {LOOPBACK, "localhost", "::1"}:
        raise ValueError("the sandbox listens on loopback only")
    uvicorn.run(create_app(world, behaviour), host=host, port=port, log_level="warning", server_header=False)


def command(
    *, port: int = 8001, courses: int = 60, students: int = 400, latency_ms: float = 0.0, seed: int = 1
) -> None:
    """What `homeroom sandbox` does."""
    world = World.generate(seed=seed, courses=courses, students=students)
    run(LOOPBACK, port, world, Behaviour(latency_ms=latency_ms))


@contextmanager
def serving(app: Sandbox) -> Iterator[str]:
    """Serve an app on a free loopback port from a thread; gives its base URL."""
    listener = socket.create_server((LOOPBACK, 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listener.close()
