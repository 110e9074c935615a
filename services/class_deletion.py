"""What keeps a class from being deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from db.queries.enrollments import classes_with_enrollments
from domain.refs import ClassRef, NativeClassRef
from services.rosters import native_ids

CANVAS = "Canvas"
HAS_ENROLLMENTS = "It has enrolments: cancel it instead, so that their history stays."


async def delete_blockers(refs: Sequence[ClassRef]) -> list[list[str]]:
    """Why each class cannot be deleted; none: it can. A Canvas class never can be (P-17)."""
    found = await blockers(native_ids(refs))
    return [found.get(ref.id, []) if isinstance(ref, NativeClassRef) else [CANVAS] for ref in refs]


async def blockers(class_ids: Collection[int]) -> dict[int, list[str]]:
    """The same by the number of a native class; none: absent. Usable inside a transaction.

    Whose enrolments they are is not said, so those out of the viewer's scope and of deactivated people count too.
    """
    return {id: [HAS_ENROLLMENTS] for id in await classes_with_enrollments(class_ids)}
