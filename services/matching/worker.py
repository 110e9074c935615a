"""A report made in a process of its own, so that the API keeps answering.

The process is this module run by the same interpreter, one per report: it can be stopped at once, gives its memory back,
and needs nothing of the parent but two pipes. Messages are a length (4 bytes) and MessagePack.
"""

from __future__ import annotations

import asyncio
import os
import struct
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from domain.enums import MatchGrade, MatchPolicy
from services.matching.build import build_report
from services.matching.people import CanvasPerson, LocalPerson
from services.matching.report import Candidate, Report

SMALL = 8_000  # pairs: fewer are matched in place within about 20 ms
PART = 500  # candidates in one message: unpacking a part keeps the loop for a few milliseconds
PAUSE = 0.1  # seconds between two messages of progress
ROOT = Path(__file__).parents[2]

OnProgress = Callable[[int, int], Awaitable[None]]


class MatchWorkerError(RuntimeError):
    """The process ended without a report."""


class Job(msgspec.Struct, frozen=True):
    """What the process is asked."""

    canvas: Sequence[CanvasPerson]
    local: Sequence[LocalPerson]
    policy: MatchPolicy
    rejected: Sequence[tuple[str, int]]


class Progress(msgspec.Struct, frozen=True, tag=True):
    """Canvas people done so far."""

    done: int
    total: int


class Part(msgspec.Struct, frozen=True, tag=True):
    """Some candidates, in order."""

    candidates: list[Candidate]


class Finished(msgspec.Struct, frozen=True, tag=True):
    """Everything has been said. `error` is an exception's class name, and never its text, which may hold names."""

    error: str | None = None


_said = msgspec.msgpack.Decoder(Progress | Part | Finished)


def is_small(canvas: int, local: int) -> bool:
    """Whether rosters of these sizes are matched in place, within about 20 ms."""
    return canvas * local <= SMALL


async def run_in_worker(
    canvas: Sequence[CanvasPerson],
    local: Sequence[LocalPerson],
    policy: MatchPolicy,
    progress: OnProgress | None = None,
    *,
    rejected: Collection[tuple[str, int]] = (),
) -> Report:
    """`build_report` in another process.

    Units:  `await progress(done, len(canvas))` on this loop, at most ten times a second.
    Errors: MatchWorkerError when the process fails. Cancelling, or raising from `progress`, ends the process.
    """
    process = await _start()
    try:
        await _send(process, Job(canvas, local, policy, list(rejected)))
        return await _listen(process, policy, progress)
    except (asyncio.IncompleteReadError, ConnectionError) as gone:
        raise MatchWorkerError(f"the matching process ended early ({type(gone).__name__})") from None
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def make_report(
    canvas: Sequence[CanvasPerson],
    local: Sequence[LocalPerson],
    policy: MatchPolicy,
    progress: OnProgress | None = None,
    *,
    rejected: Collection[tuple[str, int]] = (),
) -> Report:
    """A report in place when it is small, from a worker when it is not."""
    if is_small(len(canvas), len(local)):
        return build_report(canvas, local, policy, rejected=rejected)
    return await run_in_worker(canvas, local, policy, progress, rejected=rejected)


async def _start() -> asyncio.subprocess.Process:
    """Start the process without our secrets in its environment."""
    safe = {name: value for name, value in os.environ.items() if not name.startswith("HOMEROOM_")}
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=pipe, stdout=pipe, cwd=ROOT, env=safe
    )


async def _send(process: asyncio.subprocess.Process, job: Job) -> None:
    stdin = cast("asyncio.StreamWriter", process.stdin)
    stdin.write(_frame(job))
    await stdin.drain()


async def _listen(process: asyncio.subprocess.Process, policy: MatchPolicy, progress: OnProgress | None) -> Report:
    """Gather what the process says until it has finished."""
    stdout = cast("asyncio.StreamReader", process.stdout)
    buckets: dict[MatchGrade, list[Candidate]] = {grade: [] for grade in MatchGrade}
    while True:
        (size,) = struct.unpack(">I", await stdout.readexactly(4))
        message = _said.decode(await stdout.readexactly(size))
        match message:
            case Progress(done, total):
                if progress is not None:
                    await progress(done, total)
            case Part(candidates):
                for candidate in candidates:
                    buckets[candidate.grade].append(candidate)
                await asyncio.sleep(0)
            case Finished(error):
                if error is not None:
                    raise MatchWorkerError(f"the matching process failed ({error})")
                return Report(policy, *(tuple(buckets[grade]) for grade in MatchGrade))


def _frame(message: msgspec.Struct) -> bytes:
    data = msgspec.msgpack.encode(message)
    return struct.pack(">I", len(data)) + data


def main(source: BinaryIO, out: BinaryIO) -> None:
    """The process's side: read one job, say how far it is, then the candidates."""

    def say(message: msgspec.Struct) -> None:
        out.write(_frame(message))
        out.flush()

    try:
        (size,) = struct.unpack(">I", source.read(4))
        job = msgspec.msgpack.decode(source.read(size), type=Job)
        report = build_report(job.canvas, job.local, job.policy, _seldom(say), rejected=job.rejected)
        candidates = report.candidates
        for at in range(0, len(candidates), PART):
            say(Part(list(candidates[at : at + PART])))
    except BrokenPipeError:
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
        say(Finished(type(error).__name__))
    else:
        say(Finished())


def _seldom(say: Callable[[msgspec.Struct], None]) -> Callable[[int, int], None]:
    """Pass progress on, but not more often than `PAUSE`; the end always."""
    last = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done == total or now - last >= PAUSE:
            last = now
            say(Progress(done, total))

    return progress


if __name__ == "__main__":
    os.nice(10)  # The API's own work goes first.
    main(sys.stdin.buffer, sys.stdout.buffer)
