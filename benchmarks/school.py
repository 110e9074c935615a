"""The classes and teachers that every comparison of executors and servers answers with; peers/ has the same."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from graph.execution.batching import batched


@strawberry.type
class Teacher:
    id: strawberry.ID
    name: str


TEACHERS = [Teacher(id=strawberry.ID(str(number)), name=f"Teacher {number}") for number in range(100)]


async def load_teachers(parents: Sequence[Class]) -> list[Teacher]:
    return [TEACHERS[parent.teacher_number] for parent in parents]


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Class(Node):
    name: str
    code: str | None
    credits: int
    rating: float
    active: bool
    starts_on: str
    enrolled: int
    teacher_number: strawberry.Private[int]
    teacher: Teacher | None = batched(load_teachers)


CLASSES = [
    Class(
        id=strawberry.ID(str(number)),
        name=f"Class {number}",
        code=f"C-{number}" if number % 3 else None,
        credits=number % 5,
        rating=number / 7,
        active=number % 2 == 0,
        starts_on="2026-09-01",
        enrolled=number % 30,
        teacher_number=number % 100,
    )
    for number in range(10_000)
]


@strawberry.type
class School:
    """The root field that lists them."""

    @strawberry.field
    async def classes(self, n: int) -> list[Class]:
        return CLASSES[:n]
