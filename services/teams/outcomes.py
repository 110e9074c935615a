"""What a push did, told per person from what Canvas shows afterwards and not from what it answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.enums import PushOutcome
from domain.teams import Planned, Result, TeamChange
from services.teams.course_now import Members

OUTCOME_ISSUES = {
    PushOutcome.REFUSED: "Canvas refused this person.",
    PushOutcome.MISSING: "Canvas said yes, but the person is not in the group.",
    PushOutcome.STILL_THERE: "Canvas said yes, but the person is still in the group.",
}


def results_of(written: Sequence[TeamChange], after: Members, refused: Mapping[tuple[str, str], str]) -> list[Result]:
    """One result per planned person. `refused`: (account, REFUSED) → why."""
    return [result for change in written for result in _of_change(change, after, refused)]


def _of_change(change: TeamChange, after: Members, refused: Mapping[tuple[str, str], str]) -> Iterator[Result]:
    there = after.get(change.group_id, frozenset())

    def result(
        one: Planned, done: PushOutcome, *, is_done: bool, failed: PushOutcome, origin: int | None = None
    ) -> Result:
        account = one.canvas_user_id or ""
        outcome = done if is_done else PushOutcome.REFUSED if (account, "REFUSED") in refused else failed
        return Result(change.team_id, account, one.user_id, outcome, origin)

    for one in change.adds:
        yield result(one, PushOutcome.ADDED, is_done=one.canvas_user_id in there, failed=PushOutcome.MISSING)
    for move in change.moves:
        done = move.member.canvas_user_id in there
        yield result(move.member, PushOutcome.MOVED, is_done=done, failed=PushOutcome.MISSING, origin=move.from_team_id)
    for one in change.removes:
        yield result(one, PushOutcome.REMOVED, is_done=one.canvas_user_id not in there, failed=PushOutcome.STILL_THERE)


def seen_after(team_id: int, seen: Mapping[str, int | None], results: Iterable[Result]) -> dict[str, int | None]:
    """What both sides know of a team's group after those results."""
    known = dict(seen)
    for result in results:
        if result.team_id == team_id and result.outcome in {"ADDED", "MOVED"}:
            known[result.canvas_user_id] = result.user_id
        elif (result.team_id == team_id and result.outcome == "REMOVED") or (
            result.from_team_id == team_id and result.outcome == "MOVED"
        ):
            known.pop(result.canvas_user_id, None)
    return known
