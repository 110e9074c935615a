"""Linking many pairs in few transactions, with an outcome for each (AC-17)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from db.models import MatchApplication, ProviderLink, User
from db.queries import users
from db.transactions import lock
from domain import facts, rows
from domain.enums import LoginState, MatchOutcomeKind
from domain.problems import AlreadyLinked, Conflict, NotAStudent, NotFound, Problem
from domain.refs import ProviderLinkRef, UserRef
from loaders.people import is_on
from services import audit
from services.access import require_person
from services.linking import LONGEST_ID, Account, columns, drop_drafts, linking, require_active_student, told
from services.operation import Operation

CHUNK = 200
Pair = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one pair or of one person to create. `problem` is set exactly for FAILED."""

    kind: MatchOutcomeKind
    canvas_user_id: str
    user: UserRef | None = None
    link: ProviderLinkRef | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of one provider that are linked in one step. `accounts`: every student's account there, linked or not."""

    provider: rows.Provider
    application: int
    accounts: Mapping[str, facts.Person]


Within = Callable[[Sequence[Outcome]], Awaitable[None]]
"""What else is written of a chunk's outcomes in its transaction."""


async def link_chunk(op: Operation, batch: Batch, pairs: Sequence[Pair], within: Within | None = None) -> list[Outcome]:
    """Link what can be linked, in one transaction; one outcome per pair, in order.

    Shape:  a pair that is linked already is ALREADY_LINKED; a side that is linked to something else is FAILED.
    Errors: Conflict where the application was undone while its run was still linking.
    """
    async with linking(op, batch.provider.id) as login:
        if await MatchApplication.exists(id=batch.application, undone_at__isnull=False):
            raise Conflict("This was undone before all of it was linked.")
        state = await _State.read(op, batch, pairs)
        refused = {pair: state.outcome(op, pair) for pair in pairs}
        made = await _write(op, batch, [pair for pair, outcome in refused.items() if outcome is None], login)
        told_of = (
            audit.Entry(ProviderLinkRef(row.id), state.people[row.user_id].facility_id, None, told(row)) for row in made
        )
        await audit.record_all(op, "linkUser", told_of)
        refs = {row.external_user_id: ProviderLinkRef(row.id) for row in made}
        outcomes = [outcome or _linked(pair, refs) for pair, outcome in refused.items()]
        if within is not None:
            await within(outcomes)
    return outcomes


def _linked(pair: Pair, refs: Mapping[str, ProviderLinkRef]) -> Outcome:
    account, user = pair
    return Outcome(MatchOutcomeKind.LINKED, account, UserRef(user), refs[account])


class _State:
    """Who is linked to what before a chunk, and who of the chunk has been dealt with."""

    def __init__(self, batch: Batch, people: Mapping[int, rows.User], live: Sequence[ProviderLink]) -> None:
        self.people = people
        self._batch = batch
        self._of_account = {row.external_user_id: (row.user_id, row.id) for row in live}
        self._of_user = {row.user_id: (row.external_user_id, row.id) for row in live}

    @classmethod
    async def read(cls, op: Operation, batch: Batch, pairs: Sequence[Pair]) -> _State:
        ids = [user for _, user in pairs]
        await lock(User.filter(id__in=ids).order_by("id"))
        people = {row.id: row for row in await users.users_by_ids(op.scope, ids)}
        live = ProviderLink.filter(provider_id=batch.provider.id, unlinked_at=None)
        mine = await live.filter(user_id__in=ids)
        theirs = await live.filter(external_user_id__in=[id for id, _ in pairs if len(id) <= LONGEST_ID])
        return cls(batch, people, [*mine, *theirs])

    def outcome(self, op: Operation, pair: Pair) -> Outcome | None:
        """What is to be said of a pair that is not to be linked; None for one that is, which is then taken."""
        account, user = pair
        if user in self.people and self._of_account.get(account, (None, 0))[0] == user:
            link = self._of_account[account][1]
            known_link = ProviderLinkRef(link) if link else None
            return Outcome(MatchOutcomeKind.ALREADY_LINKED, account, UserRef(user), known_link)
        try:
            self._require(op, account, user)
        except Problem as problem:
            known = UserRef(user) if user in self.people else None
            return Outcome(MatchOutcomeKind.FAILED, account, known, problem=problem)
        self._of_account[account], self._of_user[user] = (user, 0), (account, 0)
        return None

    def _require(self, op: Operation, account: str, user: int) -> None:
        person = require_person(op.scope, self.people.get(user), "userId")
        require_active_student(person, "userId")
        if not is_on(self._batch.provider, person.facility_id):
            raise NotFound("This Canvas is switched off at the person's facility.", ["userId"])
        if account not in self._batch.accounts:
            raise NotAStudent("This Canvas account does not exist or is not a student's.", ["canvasUserId"])
        if user in self._of_user:
            link = self._of_user[user][1]
            raise AlreadyLinked(
                "This person is linked to a Canvas account already.",
                ["userId"],
                ProviderLinkRef(link) if link else None,
            )
        if account in self._of_account:
            link = self._of_account[account][1]
            raise AlreadyLinked(
                "This Canvas account is linked to somebody already.",
                ["canvasUserId"],
                ProviderLinkRef(link) if link else None,
            )


async def _write(op: Operation, batch: Batch, pairs: Sequence[Pair], login: LoginState) -> list[ProviderLink]:
    accounts = {account: Account(batch.provider.id, batch.accounts[account]) for account, _ in pairs}
    await drop_drafts(batch.provider.id, list(accounts), [user for _, user in pairs])
    await ProviderLink.bulk_create(
        ProviderLink(user_id=user, application_id=batch.application, **columns(op, accounts[account], login))
        for account, user in pairs
    )
    mine = ProviderLink.filter(application_id=batch.application, unlinked_at=None)
    return await mine.filter(external_user_id__in=list(accounts))
