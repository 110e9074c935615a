"""Counts depend on the facility that a list was filtered by, and one operation may meet a class under several."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Viewed(Protocol):
    """`view`: the one facility whose people its counts are about; None for all in scope."""

    view: int | None
    row: Any


async def per_view(
    parents: Sequence[Viewed], load: Callable[[list[Any], int | None], Awaitable[Sequence[T]]]
) -> list[T]:
    """One answer per parent, in order. `load` is asked for the refs met under each facility at once."""
    places: defaultdict[int | None, list[int]] = defaultdict(list)
    for place, parent in enumerate(parents):
        places[parent.view].append(place)
    asked = [load([parents[place].row.ref for place in of], view) for view, of in places.items()]
    answers: dict[int, T] = {}
    for of, found in zip(places.values(), await asyncio.gather(*asked), strict=True):
        answers.update(zip(of, found, strict=True))
    return [answers[place] for place in range(len(parents))]
