"""Whether a group is still the one that a plan was made for."""

from __future__ import annotations

from collections.abc import Sequence

from domain.teams import TeamChange
from services.teams.course_now import Members


def is_stale(change: TeamChange, all_changes: Sequence[TeamChange], now: Members) -> bool:
    """Whether anybody else changed this group, or moved one of its people, since the plan was made.

    Shape:  what the plan itself wants, done already, is not stale: an attempt that died may have done it.
    """
    there = now.get(change.group_id)
    if there is None:
        return True
    before = set(change.there)
    arriving = {one.canvas_user_id for one in change.adds} | {move.member.canvas_user_id for move in change.moves}
    leaving = {one.canvas_user_id for one in change.removes} | _moved_away(change, all_changes)
    if (there - before) - arriving or (before - there) - leaving:
        return True
    return _taken_elsewhere(change, all_changes, now)


def _moved_away(change: TeamChange, all_changes: Sequence[TeamChange]) -> set[str | None]:
    return {
        move.member.canvas_user_id
        for other in all_changes
        for move in other.moves
        if move.from_team_id == change.team_id
    }


def _taken_elsewhere(change: TeamChange, all_changes: Sequence[TeamChange], now: Members) -> bool:
    """Whether somebody to be added is, by now, in another group that the plan knows of the same set."""
    added = {one.canvas_user_id for one in change.adds}
    others = (other for other in all_changes if other.set_id == change.set_id and other.team_id != change.team_id)
    return any(added & now.get(other.group_id, frozenset()) for other in others)
