"""How long a whole SAFE report takes and how much memory, each in a process of its own.

python -m benchmarks.matching_speed        (sizes: --sizes 1000,3000,10000,30000)
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import product

from benchmarks.matching_results import section, table
from domain.enums import MatchPolicy
from services.matching.build import build_report
from services.matching.people import CanvasPerson, LocalPerson
from services.matching.score import exact, fold

KINDS = ("typos", "disjoint", "plain loop", "numbered")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def pool(rng: random.Random, size: int, lengths: Sequence[int]) -> list[str]:
    parts = [a + b + c for a in "bcdfghjklmnprstvwz" for b in "aeiou" for c in ("", "n", "r", "l", "s")]
    return ["".join(rng.choices(parts, k=rng.choice(lengths))) for _ in range(size)]


def roster(size: int, seed: int) -> list[str]:
    """Made-up names: 800 given names and 4,000 family names, others for every seed."""
    rng = random.Random(seed)
    given, family = pool(rng, 800, (2, 2, 3)), pool(rng, 4000, (2, 3, 3, 4))
    return [f"{rng.choice(given)} {rng.choice(family)}" for _ in range(size)]


def misspelt(name: str, rng: random.Random) -> str:
    """Three names in seven get one or two slips of the pen."""
    for _ in range(rng.choice((0, 0, 0, 0, 1, 1, 2))):
        at, letter = rng.randrange(len(name)), rng.choice(LETTERS)
        name = rng.choice(
            (name[:at] + name[at + 1 :], name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :])
        )
    return name


def rosters(kind: str, size: int) -> tuple[list[str], list[str]]:
    if kind == "numbered":
        return [f"Student {10_000 + n}" for n in range(size)], [f"Student {50_000 + n}" for n in range(size)]
    left = roster(size, 1)
    if kind == "disjoint":
        return left, roster(size, 2)
    rng = random.Random(3)
    right = [misspelt(name, rng) for name in left]
    rng.shuffle(right)
    return left, right


def plain_loop(left: Sequence[str], right: Sequence[str]) -> int:
    """The published way: score all pairs, sort them, take them."""
    a, b = [fold(name) for name in left], [fold(name) for name in right]
    scored = [(-score, i, j) for i, name in enumerate(a) for j, score in enumerate(exact([name] * len(b), b).tolist())]
    rows, cols = set[int](), set[int]()
    for score, i, j in sorted(scored):
        if score <= -0.5 and i not in rows and j not in cols:
            rows.add(i)
            cols.add(j)
    return len(rows)


def one(kind: str, size: int) -> dict[str, float]:
    """Run one cell in this process."""
    left, right = rosters(kind, size)
    canvas = [CanvasPerson(str(number), name) for number, name in enumerate(left)]
    local = [LocalPerson(number, *name.partition(" ")[::2]) for number, name in enumerate(right)]
    start = time.perf_counter()
    if kind == "plain loop":
        pairs = plain_loop(left, right)
    else:
        counts = build_report(canvas, local, MatchPolicy.SAFE).counts
        pairs = counts.auto_confirmed + counts.ambiguous
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "pairs": pairs}


def measured(kind: str, size: int) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.matching_speed", "--one", kind, "--sizes", str(size)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [f"{size:,} x {size:,}", kind, f"{found['seconds']:.2f}", f"{found['mb']:.0f}", f"{found['pairs']:,}"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", choices=KINDS)
    parser.add_argument("--sizes", default="1000,3000,10000,30000")
    chosen = parser.parse_args()
    sizes = [int(size) for size in chosen.sizes.split(",")]
    if chosen.one:
        print(json.dumps(one(chosen.one, sizes[0])))
        return
    cells = [("plain loop", 1000), *product(KINDS[:2], sizes), ("numbered", 3000)]
    head = ["rosters", "names", "seconds", "peak MB", "pairs"]
    body = table(head, [measured(kind, size) for kind, size in cells])
    section("Speed", "python -m benchmarks.matching_speed", body)


if __name__ == "__main__":
    main()
