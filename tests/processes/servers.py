"""A PostgreSQL and a Redis of a test's own, to be killed and started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
START_SECONDS = 40


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(what: Callable[[], T | None], seconds: float = START_SECONDS) -> T:
    """The first answer that is not None or False; fails when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain")


@dataclass
class Server:
    """A program that listens on a port of its own; its group dies as one."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, user=owner()
        )
        wait_for(self.answers)

    def kill(self) -> None:
        """SIGKILL, as the kernel does it when memory is short."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Connections stay, and nothing is answered."""
        assert self.process is not None
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        everything = [pid, *map(int, children)]
        for one in everything:
            os.kill(one, signal.SIGSTOP)
        try:
            yield
        finally:
            for one in everything:
                os.kill(one, signal.SIGCONT)

    def answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


class Redis(Server):
    """Keeps nothing on disk."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        program = shutil.which("redis-server") or "redis-server"
        return [program, "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", tempfile.gettempdir()]


class Postgres(Server):
    """Durable as it comes: nothing that was committed may be lost by killing it."""

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def command(self) -> list[str]:
        socket_folder = ["-k", str(self.folder)]
        return [postgres("postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), *socket_folder]

    def answers(self) -> bool:
        command = [postgres("pg_isready"), "--quiet", "--host", "127.0.0.1", "--port", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0


@contextmanager
def own_postgres() -> Iterator[Postgres]:
    """An empty cluster, gone afterwards. It refuses to run as root, so root's is somebody else's."""
    folder = Path(tempfile.mkdtemp(prefix="homeroom-postgres-"))
    try:
        if owner() is not None:
            os.chown(folder, owner() or 0, -1)
        made = [postgres("initdb"), "-D", str(folder / "data"), "-U", "postgres", "--auth", "trust", "-E", "UTF8"]
        subprocess.run(made, check=True, capture_output=True, user=owner())
        server = Postgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def postgres(program: str) -> str:
    """Where one of PostgreSQL's programs is; Debian keeps them off the PATH."""
    found = shutil.which(program) or next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))[::-1]), "")
    return str(found)


def owner() -> int | None:
    """Whom servers run as; None: as we do."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return None
