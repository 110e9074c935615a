"""schemathesis over the whole schema, as every role, against a real server."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from graph.auth import issue_token
from graph.schema import schema
from tests.acceptance.estate import build
from tests.graph.server import serving
from tests.support.served import SECRET, served

ROOT = Path(__file__).parents[2]
EXAMPLES = os.environ.get("HOMEROOM_FUZZ_EXAMPLES", "1")
ROOTS = (schema._schema.query_type, schema._schema.mutation_type)
FIELDS = sum(len(root.fields) for root in ROOTS if root is not None)
ROLES = ["nobody", "student", "officer", "department", "system"]


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("role", ROLES)
async def test_schemathesis_finds_no_fault_of_ours_as_any_role(
    role: str, database_url: str, redis: str | None, tmp_path: Path
) -> None:
    """§4.9: every root field of queries and mutations is asked for, with made-up arguments and selections."""
    async with served(database_url, redis, max_cost=10**6, max_nodes=10**6, budget=10**9) as here:
        estate = await build(here.house)
        viewer = estate.viewers[role]
        async with serving(here.app) as port:
            headers = (
                [] if viewer is None else ["--header", f"Authorization: Bearer {issue_token(SECRET, viewer.username)}"]
            )
            code, said = await _schemathesis(tmp_path, f"http://127.0.0.1:{port}/graphql", *headers)
        assert code == 0, said[-4_000:]
        tested = re.search(r"(\d+) selected / (\d+) total", said)
        assert tested, said[-2_000:]
        assert int(tested[1]) == int(tested[2]) == FIELDS
        assert 'code="INTERNAL"' not in (await here.http.get("/metrics")).text


async def _schemathesis(folder: Path, url: str, *options: str) -> tuple[int, str]:
    command = [
        sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run", url, *options,
        "--checks", "no_fault_of_ours", "--phases", "fuzzing", "--max-examples", EXAMPLES, "--seed", "6", "--no-color",
        "--suppress-health-check", "all", "--generation-database", "none", "--request-timeout", "30",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,  # it writes what it found beside itself
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.abuse.checks", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, out.decode()
