"""The `homeroom` command as a real process."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.sealing import new_key

ROOT = Path(__file__).parents[2]


class Shell:
    """Runs `homeroom` with settings of its own. `errors` is what the last command said on its standard error."""

    def __init__(self, folder: Path) -> None:
        self.errors = ""
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("HOMEROOM_")} | {
            "HOMEROOM_DATABASE_URL": f"sqlite://{folder / 'first.sqlite3'}",
            "HOMEROOM_SECRET_KEY": new_key(),
            "HOMEROOM_AUTH_SECRET": secrets.token_urlsafe(48),
            "HOMEROOM_CANVAS_ALLOW_NETWORKS": "127.0.0.0/8",
            "HOMEROOM_LOG_LEVEL": "warning",
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "cli", *words]

    def run(self, *words: str, given: str = "", fails: bool = False) -> str:
        done = subprocess.run(
            self.command(*words),
            cwd=ROOT,
            env=self.env,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.errors = done.stderr
        assert (done.returncode != 0) is fails, done.stderr[-2000:]
        return done.stderr if fails and done.stderr else done.stdout

    @contextmanager
    def serve(self) -> Iterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = subprocess.Popen(
            self.command("serve", "--port", str(port)), cwd=ROOT, env=self.env, stderr=subprocess.PIPE
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            self.errors = process.communicate(timeout=30)[1].decode()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(process.communicate(timeout=10))
