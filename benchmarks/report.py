"""Results as sections of Markdown under benchmarks/results/, put together into benchmarks/results.md."""

from __future__ import annotations

import datetime as dt
import os
import platform
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results"


def machine() -> str:
    """What the figures were measured on."""
    day = dt.datetime.now(dt.UTC).date().isoformat()
    return (
        f"{os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, CPython {platform.python_version()}, {day}"
    )


def write(name: str, title: str, command: str, body: str) -> None:
    """One section, with the command that makes it anew."""
    RESULTS.mkdir(exist_ok=True)
    section = f"## {title}\n\n`{command}` on {machine()}\n\n{body}\n"
    (RESULTS / f"{name}.md").write_text(section, encoding="utf-8")
    gather()
    print(section)


def gather() -> None:
    """benchmarks/results.md: all sections, by name."""
    head = "# Measured\n\nTrust ratios within a table more than single figures: the machine is shared. Each section says how to repeat it.\n"
    sections = [file.read_text(encoding="utf-8") for file in sorted(RESULTS.glob("*.md"))]
    (HERE / "results.md").write_text("\n".join([head, *sections]), encoding="utf-8")
