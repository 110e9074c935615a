"""uvicorn, told to say goodbye: subscribers are closed before it waits for connections to end."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable

import uvicorn
from uvicorn.server import Server
from uvicorn.supervisors import multiprocess


class DrainingServer(uvicorn.Server):
    """`drain` runs when the server was asked to stop and before it waits. Streams would otherwise never end by themselves.

    Without one it is the application's own, `app.state.drain`.
    """

    def __init__(self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]] | None = None) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await (self._drain or _drain_of(self.config))()
        await super().shutdown(sockets)


class _DrainingProcess(multiprocess.Process):
    @property
    def server(self) -> Server:
        if self._server is None:
            self._server = DrainingServer(self.config)
        return self._server


def run(config: uvicorn.Config) -> None:
    """Serve in this process or, with `config.workers` above one, in so many of its own; return when told to stop."""
    if config.workers == 1:
        DrainingServer(config).run()
        return
    # uvicorn's supervisor takes its class of processes from its own module.
    multiprocess.Process = _DrainingProcess  # type: ignore[misc]
    multiprocess.Multiprocess(config, sockets=[config.bind_socket()]).run()


def _drain_of(config: uvicorn.Config) -> Callable[[], Awaitable[None]]:
    app = config.loaded_app
    while not hasattr(app, "state"):
        app = app.app
    drain: Callable[[], Awaitable[None]] = app.state.drain
    return drain
