"""Enrolments as Canvas's GraphQL has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from canvas.folding import STATES, Row
from canvas.payloads import Id, rows


class _User(msgspec.Struct):
    name: str | None = None


class _Course(msgspec.Struct):
    id: Id = msgspec.field(name="_id")


class _Node(msgspec.Struct, rename="camel"):
    type: str
    state: str | None = None
    created_at: datetime | None = None
    end_at: datetime | None = None
    course_section_id: Id | None = None
    user_id: Id | None = None
    user: _User | None = None
    course: _Course | None = None


def enrollment_rows(nodes: Any, *, user_id: str | None = None, course_id: str | None = None) -> Iterator[Row]:
    """The active and concluded ones among the nodes of one course, or of one person.

    Quirk:  a node whose person or course is not shown is nobody's and left out.
    """
    for node in rows(nodes, _Node):
        person = user_id or (None if node.user_id is None else str(node.user_id))
        course = course_id or (None if node.course is None else str(node.course.id))
        if person is None or course is None or node.state not in STATES:
            continue
        yield Row(
            user_id=person,
            course_id=course,
            section_id=None if node.course_section_id is None else str(node.course_section_id),
            type=node.type,
            active=node.state == "active",
            created_at=node.created_at,
            ended_at=node.end_at,
            name=node.user.name if node.user else None,
        )
