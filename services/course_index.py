"""The published courses of a provider, findable by id and in the order of their names."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

from domain import facts
from domain.names import fold
from domain.paging import Key
from domain.refs import CanvasClassRef, key_of


@dataclass(frozen=True, slots=True)
class CourseIndex:
    """`items` are what lists are cut from, sorted: ((folded name, id text), ref)."""

    by_id: dict[str, facts.Course]
    items: tuple[tuple[Key, CanvasClassRef], ...]


def index_of(provider: int, listed: facts.Courses) -> CourseIndex:
    """The index of one course list."""
    published = {course.id: course for course in listed.courses if course.published}
    refs = ((course.name, CanvasClassRef(provider, course.id)) for course in published.values())
    return CourseIndex(
        published, tuple(sorted((((fold(name), key_of(ref)), ref) for name, ref in refs), key=itemgetter(0)))
    )
