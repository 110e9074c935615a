"""Which function calls which, read from the source: names are followed through imports, not guessed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[str, str]
"""A module of ours and a name in it."""


@cache
def module(name: str) -> ast.Module | None:
    """The source of a module of ours."""
    path = ROOT / f"{name.replace('.', '/')}.py"
    package = ROOT / name.replace(".", "/") / "__init__.py"
    found = path if path.exists() else package
    return ast.parse(found.read_text(encoding="utf-8")) if found.exists() else None


def modules(folder: str) -> list[str]:
    """All modules below a folder, as they are imported."""
    found = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / folder).rglob("*.py"))
    return sorted(str(path).replace("/", ".") for path in found)


@cache
def functions(name: str) -> dict[str, Function]:
    """The functions of a module, methods included."""
    tree = module(name)
    nodes = ast.walk(tree) if tree else iter(())
    return {node.name: node for node in nodes if isinstance(node, Function)}


@cache
def _imported(name: str) -> dict[str, str]:
    """What a name in a module stands for: a module, or `module:name`."""
    found: dict[str, str] = {}
    tree = module(name)
    for node in ast.walk(tree) if tree else iter(()):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found[alias.asname or alias.name] = inner if module(inner) else f"{node.module}:{alias.name}"
    return found


def uses(where: str, tree: ast.AST) -> Iterator[Place]:
    """The functions that a piece of a module names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            target, _, name = _imported(where).get(node.id, f"{where}:{node.id}").partition(":")
            yield (target, name)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield (_imported(where).get(node.value.id, ""), node.attr)


def reach(start: Iterator[Place]) -> set[Place]:
    """Everything that may be called from there."""
    seen: set[Place] = set()
    todo = list(start)
    while todo:
        place = todo.pop()
        if place not in seen:
            seen.add(place)
            function = functions(place[0]).get(place[1])
            if function is not None:
                todo += uses(place[0], function)
    return seen
