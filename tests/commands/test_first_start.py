"""A first start without a browser, as the README tells it, with real processes."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from db.sealing import new_key
from sandbox.app import create_app
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.server import serving
from sandbox.world import World
from tests.support.shell import ROOT, Shell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


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
        assert shell.run("facility", "list") == "Cedar Ridge  America/Chicago\n"
        shell.run(
            "user", "add", "--username", "ada", "--role", "DEPARTMENT_ADMIN", "--first-name", "Ada", "--last-name", "B"
        )
        add = ("provider", "add", "--name", "State College", "--base-url", canvas, "--account-id", "1")
        shell.run(*add, given=f"  {DEFAULT_TOKEN}\n\n")
        assert shell.run("provider", "list") == f"State College  {canvas}  enabled\n"
        checks = shell.run("provider", "test", "--name", "State College")
        assert "NO " not in checks
        assert "ok  accessKey" in checks
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


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("DATABASE_URL", "mysql://x", "HOMEROOM_DATABASE_URL: It begins with sqlite:// or postgres://."),
        ("DATABASE_URL", "postgres://u:secret@127.0.0.1:1/x", "the database cannot be opened (ConnectionRefusedError)"),
        ("REDIS_URL", "cache:6379", "HOMEROOM_REDIS_URL: It begins with redis://, rediss:// or unix://."),
        ("CANVAS_ALLOW_NETWORKS", "10.0.0.0/8, here", "'here' does not appear to be an IPv4 or IPv6 network"),
        ("SECRET_KEY", "c2hvcnQ=", "32 random bytes"),
    ],
)
def test_a_wrong_setting_ends_a_command_with_one_sentence(shell: Shell, setting: str, value: str, told: str) -> None:
    if setting != "DATABASE_URL":
        shell.run("migrate")
    shell.env[f"HOMEROOM_{setting}"] = value
    said = shell.run("user", "add", "--username", "ada", "--role", "STUDENT", fails=True)
    last = said.splitlines()[-1]
    assert told in last
    assert ("secret@" in said, last.startswith("homeroom: ")) == (False, True)


def test_serve_warns_of_those_whom_the_setting_keeps_out(shell: Shell) -> None:
    shell.run("migrate")
    shell.run("user", "add", "--username", "ada", "--role", "DEPARTMENT_ADMIN")
    shell.env["HOMEROOM_AUTH_SUBJECT"] = "email"
    assert "ada has no email" in shell.run("token", "--username", "ada", fails=True)
    with shell.serve() as url:
        assert get(f"{url}/healthz")[0] == 200
    assert (
        shell.errors
        == "homeroom: warning: 1 admins have no e-mail: HOMEROOM_AUTH_SUBJECT=email does not let them in.\n"
    )


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
    assert "There is no folder" in shell.run(
        "import", str(file), "--errors", str(tmp_path / "no" / "x.csv"), fails=True
    )
    assert "does not exist" in shell.run("import", str(tmp_path / "none.csv"), fails=True)
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
