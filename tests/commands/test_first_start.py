"""A first start without a browser, as the README tells it, with real processes."""

from __future__ import annotations

import json
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

import pytest

from db.sealing import new_key
from sandbox.app import create_app
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.server import serving
from sandbox.world import World

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


class Shell:
    """Runs `homeroom` with settings of its own."""

    def __init__(self, folder: Path) -> None:
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
            process.communicate(timeout=30)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(process.communicate(timeout=10))


def ask(url: str, token: str | None, query: str) -> tuple[int, dict[str, object]]:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"{url}/graphql", json.dumps({"query": query}).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def get(url: str, accept: str = "*/*") -> tuple[int, str]:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"accept": accept}), timeout=20) as answer:
        return answer.status, answer.read().decode()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_from_nothing_to_a_merged_answer(shell: Shell) -> None:
    world = World.generate(courses=12, students=40, plain=True)
    with serving(create_app(world, Behaviour())) as canvas:
        assert "homeroom migrate" in shell.run("serve", fails=True)
        shell.run("migrate")
        assert shell.run("migrate") == "Nothing to do\n"
        shell.run("facility", "add", "--name", "Cedar Ridge", "--time-zone", "America/Chicago")
        assert "time zone" in shell.run("facility", "add", "--name", "X", "--time-zone", "Mars/Olympus", fails=True)
        shell.run(
            "user", "add", "--username", "ada", "--role", "DEPARTMENT_ADMIN", "--first-name", "Ada", "--last-name", "B"
        )
        add = ("provider", "add", "--name", "State College", "--base-url", canvas, "--account-id", "1")
        shell.run(*add, given=f"  {DEFAULT_TOKEN}\n\n")
        checks = shell.run("provider", "test", "--name", "State College")
        assert "NO " not in checks
        assert "ok  accessKey" not in checks
        token = shell.run("token", "--username", "ada").strip()
        assert token.count(".") == 2
        with shell.serve() as url:
            query = "{ viewer { role } programs { nodes { name metrics { classCount } } } }"
            status, answer = ask(url, token, query)
            assert (status, answer["data"]) == (
                200,
                {
                    "viewer": {"role": "DEPARTMENT_ADMIN"},
                    "programs": {"nodes": [{"name": "State College", "metrics": {"classCount": 12}}]},
                },
            )
            status, answer = ask(url, None, "{ viewer { role } programs { totalCount } }")
            assert (status, answer["data"]) == (200, {"viewer": None, "programs": None})
            status, answer = ask(url, token[:-4] + "AAAA", "{ viewer { role } }")
            assert status == 401
            assert get(f"{url}/readyz")[0] == 200
            assert "type Query" in get(f"{url}/schema.graphql")[1]
            assert "/graphql" in get(f"{url}/", "text/html")[1]
            assert "GraphiQL" in get(f"{url}/graphql", "text/html")[1]
        with Path(shell.env["HOMEROOM_DATABASE_URL"].removeprefix("sqlite://")).open("rb") as stored:
            assert DEFAULT_TOKEN.encode() not in stored.read()


def test_serve_refuses_what_would_not_be_safe(shell: Shell) -> None:
    shell.run("migrate")
    for setting, value, told in (
        ("HOMEROOM_AUTH_SECRET", None, "nobody can sign in"),
        ("HOMEROOM_AUTH_SECRET", "short", "32"),
        ("HOMEROOM_SECRET_KEY", None, "HOMEROOM_SECRET_KEY"),
        ("HOMEROOM_SECRET_KEY", "c2hvcnQ=", "32 random bytes"),
    ):
        other = Shell(Path())
        other.env = {k: v for k, v in shell.env.items() if k != setting} | ({setting: value} if value else {})
        assert told in other.run("serve", fails=True)
    assert "HOMEROOM_REDIS_URL" in shell.run("serve", "--workers", "2", fails=True)


def test_a_file_is_imported_once_tried_and_once_for_good(shell: Shell, tmp_path: Path) -> None:
    shell.run("migrate")
    shell.run("facility", "add", "--name", "Cedar Ridge", "--time-zone", "America/Chicago")
    file = tmp_path / "people.csv"
    file.write_text(
        "username,first_name,last_name,facility,program,class\n"
        "sreed,Sam,Reed,Cedar Ridge,Trades,Welding\n"
        "ihall,Ida,Hall,Nowhere,Trades,Welding\n"
    )
    told = shell.run("import", str(file), fails=True)
    assert "line 3, facility" in told
    assert told.endswith("Nothing was written.\n")
    file.write_text(file.read_text().replace("Nowhere", "Cedar Ridge"))
    assert "2 created" in shell.run("import", str(file), "--dry-run")
    assert "2 created" in shell.run("import", str(file))
    assert "0 created, 0 updated, 2 unchanged" in shell.run("import", str(file))


def test_keys_are_rotated(shell: Shell) -> None:
    shell.run("migrate")
    add = ("provider", "add", "--name", "C", "--base-url", "https://canvas.example.org", "--account-id", "1")
    shell.run(*add, given="a-key\n")
    old, new = shell.env["HOMEROOM_SECRET_KEY"], new_key()
    shell.env["HOMEROOM_SECRET_KEY"] = f"{new},{old}"
    assert shell.run("keys", "rotate") == "1 secrets sealed again\n"
    shell.env["HOMEROOM_SECRET_KEY"] = new
    assert shell.run("keys", "rotate") == "0 secrets sealed again\n"


def test_the_demo_says_where_it_is_in_one_line(shell: Shell, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        port, sandbox = one.getsockname()[1], other.getsockname()[1]
    words = (
        "demo",
        "--json",
        "--port",
        str(port),
        "--sandbox-port",
        str(sandbox),
        "--courses",
        "20",
        "--students",
        "60",
    )
    process = subprocess.Popen(
        shell.command(*words), cwd=ROOT, env=shell.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        demo = json.loads(process.stdout.readline())
        assert demo["url"] == f"http://127.0.0.1:{port}/graphql"
        assert list(demo["tokens"]) == ["system_admin", "department_admin", "facility_admin", "student"]
        url = demo["url"].removesuffix("/graphql")
        query = "{ viewer { role } programs { nodes { name source freshness { state } } } }"
        _, answer = ask(url, demo["tokens"]["department_admin"], query)
        nodes = answer["data"]["programs"]["nodes"]  # type: ignore[index]
        assert {n["name"]: n["freshness"]["state"] for n in nodes if n["source"] == "CANVAS"} == {
            "Harbor College": "FAILED",
            "State College": "FRESH",
        }
        assert len([n for n in nodes if n["source"] == "NATIVE"]) == 12
        _, answer = ask(url, demo["tokens"]["student"], "{ users { totalCount } }")
        assert answer["data"] == {"users": {"totalCount": 1}}
    finally:
        process.terminate()
        process.communicate(timeout=30)
