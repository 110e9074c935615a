"""What keeps a class from being deleted."""

from __future__ import annotations

from collections.abc import Sequence

from db.queries import enrollments
from domain.refs import ClassRef, NativeClassRef
from loaders import Loaders
from services.rosters import native_ids

CANVAS = "Canvas"
HAS_ENROLLMENTS = "It has enrolments: cancel it instead, so that their history stays."


async def delete_blockers(loaders: Loaders, refs: Sequence[ClassRef]) -> list[list[str]]:
    """Why each class cannot be deleted; none: it can. A Canvas class never can be (P-17)."""
    taken = await enrollments.enrollments_of_classes(loaders.scope, native_ids(refs))
    return [
        ([HAS_ENROLLMENTS] if taken.get(ref.id) else []) if isinstance(ref, NativeClassRef) else [CANVAS]
        for ref in refs
    ]
