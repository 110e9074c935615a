"""Figures made by the published formula's original implementation: scores of pairs, and one greedy result of 2,000."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

HERE = Path(__file__).parent


def lines(name: str) -> list[str]:
    return text(name).splitlines()


def rows(name: str) -> list[dict[str, str]]:
    with gzip.open(HERE / f"{name}.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text(name: str) -> str:
    with gzip.open(HERE / f"{name}.gz", "rt", encoding="utf-8") as file:
        return file.read()
