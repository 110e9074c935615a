"""A full disk under SQLite, under a real `homeroom serve`: `python -m benchmarks.full_disk`.

It needs the right to mount a file system of 3 MB, which root has in most places.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.report import write
from db import connection
from db.models import AuditEntry, Program
from tests.processes.estate import Estate, Running, estate

CREATE = """mutation Make($name: String!, $text: String!) {
  createProgram(input: {name: $name, description: $text, idempotencyKey: $name}) { program { id } errors { __typename } } }"""
READ = "{ programs(first: 100) { totalCount } }"
MEGABYTES = 3


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own. Raises CalledProcessError where mounting is not allowed."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder]
        subprocess.run(["mount", *options], check=True, capture_output=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def main() -> int:
    try:
        with small_disk() as disk, tempfile.TemporaryDirectory() as folder:
            url = f"sqlite://{disk / 'homeroom.sqlite3'}"
            asyncio.run(connection.migrate(url))
            with estate(Path(folder), url) as here:
                del here.env["HOMEROOM_REDIS_URL"]
                body = _trial(here, disk)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        print(f"skipped: no file system can be mounted here ({error})")
        return 0
    write("full_disk", "A full disk under SQLite", "python -m benchmarks.full_disk", body)
    return 0


def _trial(here: Estate, disk: Path) -> str:
    api = here.api()
    made, refused = _write_until_refused(here, api)
    while not _fill(disk):
        pass
    reads = [_post(here, api, READ) for _ in range(50)]
    again = [_post(here, api, CREATE, name=f"full {n}", text="x" * 2_000) for n in range(50)]
    codes = sorted({code for answer in again for code in _codes(answer)})
    ready = httpx.get(f"{api.url}/readyz", timeout=10).status_code
    counted, audited = here.in_database(_counts)
    (disk / "filler").unlink()
    began = time.perf_counter()
    while _codes(_post(here, api, CREATE, name=f"program {made}", text="x" * 2_000)):
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    after, audited_after = here.in_database(_counts)
    logs = "".join(run.errors.read_text(encoding="utf-8") for run in here.started)
    rows = [
        ("programs made before the disk was full", str(made)),
        ("what the next writer was told", ", ".join(_codes(refused))),
        ("50 reads on the full disk, by status", ", ".join(sorted({str(r.status_code) for r in reads}))),
        ("errors in those reads", str(sum(bool(_codes(r)) for r in reads))),
        ("50 writes on the full disk, codes", ", ".join(codes)),
        ("/readyz", str(ready)),
        ("programs / audit entries of it, while full", f"{counted} / {audited}"),
        ("first write after there was room again", f"{seconds:.2f} s"),
        ("programs / audit entries of it, afterwards", f"{after} / {audited_after}"),
        ("“unexpected error” in the logs", str(logs.count("unexpected error"))),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _write_until_refused(here: Estate, api: Running) -> tuple[int, httpx.Response]:
    _fill(here_disk(here), leave=120_000)
    made = 0
    while True:
        answer = _post(here, api, CREATE, name=f"program {made}", text="x" * 2_000)
        if _codes(answer):
            return made, answer
        made += 1


def here_disk(here: Estate) -> Path:
    return Path(here.database_url.removeprefix("sqlite://")).parent


def _fill(disk: Path, leave: int = 0) -> bool:
    """Write until only so many bytes are left; whether nothing more went in."""
    with (disk / "filler").open("ab", buffering=0) as file:
        statistics = subprocess.run(
            ["df", "--output=avail", "-B1", str(disk)], capture_output=True, text=True, check=True
        )
        left = int(statistics.stdout.split()[1]) - leave
        try:
            file.write(b"\0" * max(left, 0))
        except OSError:
            return True
    return left <= 0


def _post(here: Estate, api: Running, query: str, **variables: str) -> httpx.Response:
    body = {"query": query, "variables": variables}
    return httpx.post(f"{api.url}/graphql", json=body, headers=here.headers, timeout=30)


def _codes(answer: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json().get("errors", [])]


async def _counts() -> tuple[int, int]:
    return await Program.all().count(), await AuditEntry.filter(action="createProgram").count()


if __name__ == "__main__":
    sys.exit(main())
