"""The library's executor against ours, in one process, in turns: rows with eight attributes and one batched child each.

Run: python -m benchmarks.executor [--rounds N] [--out FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import platform
import statistics
import time
from pathlib import Path
from typing import Any

import strawberry
from strawberry.extensions import ParserCache, ValidationCache

from benchmarks.school import School
from graph.execution.executor import ListExecutor

RESULTS = Path(__file__).parent / "results" / "executor.md"
COMMAND = "python -m benchmarks.executor"
TINY = "{ hello }"
ROWS = """query ($n: Int!) {
  classes(n: $n) { id name code credits rating active startsOn enrolled teacher { id name } }
}"""
# Rows and how often each executor answers them in a round.
CASES = ((0, 200), (1, 200), (10, 100), (1000, 4), (10_000, 1))


@strawberry.type
class Query(School):
    hello: str = "world"


SCHEMAS = {
    name: strawberry.Schema(Query, execution_context_class=executor, extensions=[ParserCache, ValidationCache])
    for name, executor in (("library", None), ("ours", ListExecutor))
}


async def answer(schema: strawberry.Schema, rows: int) -> Any:
    document, variables = (ROWS, {"n": rows}) if rows else (TINY, {})
    result = await schema.execute(document, variables, context_value={}, root_value=Query())
    assert result.errors is None, result.errors
    return result.data


async def measure(rounds: int) -> list[tuple[int, dict[str, list[float]]]]:
    """Milliseconds of one answer, a list of one entry for each round and executor."""
    measured = []
    for rows, times in CASES:
        first, second = [await answer(schema, rows) for schema in SCHEMAS.values()]
        assert first == second
        taken: dict[str, list[float]] = {name: [] for name in SCHEMAS}
        for turn in range(rounds):
            for name in list(SCHEMAS)[:: 1 if turn % 2 else -1]:
                gc.collect()
                started = time.perf_counter()
                for _ in range(times):
                    await answer(SCHEMAS[name], rows)
                taken[name].append((time.perf_counter() - started) / times * 1000)
        measured.append((rows, taken))
    return measured


def table(measured: list[tuple[int, dict[str, list[float]]]], rounds: int) -> str:
    lines = [
        "# List-at-a-time executor",
        "",
        f"`{COMMAND} --rounds {rounds}`, Python {platform.python_version()}, {platform.machine()}. Milliseconds for one answer in",
        "process (parse and validation cached, no HTTP, no encoding), the executors in turns; median of the rounds, best in",
        "brackets. Each row has eight attributes and a batched child with two.",
        "",
        "| rows | library | ours | library / ours |",
        "|---|---|---|---|",
    ]
    for rows, taken in measured:
        library, ours = (statistics.median(taken[name]) for name in ("library", "ours"))
        cells = [
            f"{shown(median)} ({shown(min(taken[name]))})" for name, median in (("library", library), ("ours", ours))
        ]
        lines.append(f"| {rows or '`{ hello }`'} | {cells[0]} | {cells[1]} | {library / ours:.1f} |")
    return "\n".join(lines) + "\n"


def shown(milliseconds: float) -> str:
    return f"{milliseconds:.0f}" if milliseconds >= 100 else f"{milliseconds:.3g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    text = table(asyncio.run(measure(options.rounds)), options.rounds)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
