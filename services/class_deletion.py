"""What keeps a class from being deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from db.queries.enrollments import classes_with_enrollments
from db.queries.events import classes_with_events
from db.queries.teams import classes_with_teams
from domain.refs import ClassRef, NativeClassRef
from services.rosters import native_ids

CANVAS = "Canvas"
HAS_ENROLLMENTS = "It has enrolments: cancel it instead, so that their history stays."
HAS_TEAMS = "It has teams: delete them first."
HAS_SESSIONS = "It has sessions: delete them first."


async def delete_blockers(refs: Sequence[ClassRef]) -> list[list[str]]:
    """Why each class cannot be deleted; none: it can. A Canvas class never can be (P-17)."""
    found = await blockers(native_ids(refs))
    return [found.get(ref.id, []) if isinstance(ref, NativeClassRef) else [CANVAS] for ref in refs]


async def blockers(class_ids: Collection[int]) -> dict[int, list[str]]:
    """The same by the number of a native class; none: absent. Usable inside a transaction.

    Whose enrolments and teams they are is not said, so those out of the viewer's scope and of deactivated people count too.
    """
    holding = {
        HAS_ENROLLMENTS: await classes_with_enrollments(class_ids),
        HAS_TEAMS: await classes_with_teams(class_ids),
        HAS_SESSIONS: await classes_with_events(class_ids),
    }
    return {id: [reason for reason, held in holding.items() if id in held] for id in set().union(*holding.values())}
