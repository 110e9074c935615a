"""The protocols as others implement them: npm's graphql-http audit, graphql-ws and graphql-sse (C-11, C-13)."""

from __future__ import annotations

import asyncio
import fcntl
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.graph.server import serving
from tests.graph.toy import endpoint, site, token

HERE = Path(__file__).parent / "node"
INSTALL = ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="session")
def node() -> str:
    """Node, with the packages of `node/package.json` beside it."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        pytest.skip("Node.js and npm are not on the PATH")
    wanted = json.loads((HERE / "package.json").read_text())["devDependencies"]
    with (Path(tempfile.gettempdir()) / "homeroom-node.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if any(_installed(name) != version for name, version in wanted.items()):
            done = subprocess.run([npm, *INSTALL], cwd=HERE, capture_output=True, text=True, timeout=150, check=False)
            if done.returncode:
                pytest.skip("npm could not install graphql-http, graphql-ws and graphql-sse")
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


async def test_the_audit_of_graphql_over_http_finds_nothing(node: str) -> None:
    async with serving(site(endpoint())) as port:
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
