"""`documents`: what a frontend has written, held to this homeroom's schema and limits."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cyclopts.types import ExistingPath

from commands.files import OutputFile
from commands.running import fail
from graph.http.checked import Checked, Checker
from graph.limits import trusted
from graph.schema import schema
from settings import settings

SUFFIXES = ("*.graphql", "*.gql")


def documents(path: ExistingPath, *more: ExistingPath, manifest: OutputFile | None = None) -> None:
    """Check documents before they are sent: against the schema, the limits of the settings, and for what will go away.

    A file is one document; `name.json` beside it holds its variables. Exit code 1 where an operation would be refused.

    Example: homeroom documents src/queries --manifest trusted.json

    Args:
        path: A file, or a folder with files that end in .graphql or .gql.
        more: Others.
        manifest: Write the documents, by their sha256, into this file for HOMEROOM_TRUSTED_DOCUMENTS.
    """
    found = sorted(set(_files((path, *more))))
    if not found:
        fail(f"there is no file that ends in .graphql or .gql in {', '.join(map(str, (path, *more)))}.")
    texts = {file: _text(file) for file in found}
    if not asyncio.run(_tell(texts)):
        raise SystemExit(1)
    if manifest is not None:
        manifest.write_text(json.dumps(trusted.manifest(texts.values()), indent=2) + "\n", encoding="utf-8")


async def _tell(texts: dict[Path, str]) -> bool:
    """Print a line for each operation; whether all of them may run."""
    chosen = settings()
    checker = Checker(schema, chosen)
    good = True
    for file, text in texts.items():
        for operation in await checker.check(text, _variables(file.with_suffix(".json"))):
            sys.stdout.writelines(_lines(file, operation, chosen.max_cost))
            good = good and not operation.problems
    return good


def _lines(file: Path, operation: Checked, most: int) -> Iterator[str]:
    name = f"{file} {operation.name or ''}".rstrip()
    if operation.points is not None:
        yield f"{name}: {operation.points} points of {most}\n"
    yield from (f"{name}: refused, {problem}\n" for problem in operation.problems)
    yield from (f"{name}: {element} goes away. {reason}\n" for element, reason in (operation.goes_away or {}).items())


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (file for suffix in SUFFIXES for file in path.rglob(suffix))
        else:
            yield path


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        fail(f"{file} is not a document.")


def _variables(file: Path) -> dict[str, Any]:
    try:
        given = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except ValueError:
        given = None
    if not isinstance(given, dict):
        fail(f"{file} holds no variables: it has to be a JSON object.")
    return given
