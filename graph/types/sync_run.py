from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from domain import runs
from domain.refs import SyncRunRef
from graph.enums import SyncKind, SyncState
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.paging import Connection
from graph.types.classes import Class, class_of
from graph.types.node import Node
from graph.types.provider import Provider
from graph.types.pushed import PushedMember
from graph.types.team import Team
from graph.types.user import User
from resolvers import classes as resolve_classes
from resolvers import providers as resolve_providers
from resolvers import runs as resolve
from resolvers import teams as resolve_teams
from resolvers import users as resolve_users


@strawberry.type(description="One thing that a run could not do, or that somebody should look at.")
class SyncIssue:
    row: strawberry.Private[runs.SyncIssue]
    code: str = strawberry.field(description="What kind of thing, such as UNLINKED_MEMBER; stable.")
    message: str = strawberry.field(description="A sentence to show.")
    canvas_course_id: str | None = strawberry.field(description="The Canvas course it is about.")
    canvas_user_id: str | None = strawberry.field(description="The Canvas account it is about.")
    at: datetime = strawberry.field(description="When it was met.")

    @batched(description="The team it is about; null for none, and for one out of your scope.")
    @staticmethod
    async def team(parents: Sequence[SyncIssue], info: Info) -> Answers[Team | None]:
        ids = list({parent.row.team_id for parent in parents if parent.row.team_id is not None})
        rows = dict(zip(ids, await resolve_teams.teams_by_ids(info.context, ids), strict=True))
        found = [rows.get(parent.row.team_id or 0) for parent in parents]
        return [Team.of(row) if row else None for row in found]

    @classmethod
    def of(cls, row: runs.SyncIssue) -> SyncIssue:
        return cls(
            row=row,
            code=row.code,
            message=row.message,
            canvas_course_id=row.course_id,
            canvas_user_id=row.canvas_user_id,
            at=row.at,
        )


@strawberry.type(
    description="Long work that goes on whether or not anybody watches. Follow it with `syncRunUpdated`, or ask again. A facility "
    "admin is told of the own people only: of a pull that somebody elsewhere asked for the counts are 0 and there is no message."
)
class SyncRun(Node):
    row: strawberry.Private[runs.SyncRun]
    kind: SyncKind = strawberry.field(description="What it does.")
    state: SyncState = strawberry.field(description="Where it is.")
    step: str | None = strawberry.field(
        description="What it is doing: fetching_groups, saving_groups, syncing_members and so on. Null before it begins."
    )
    current: int = strawberry.field(description="How many things of the step are done.")
    total: int | None = strawberry.field(description="How many there are; null where that is not known.")
    message: str | None = strawberry.field(description="A sentence about where it is, or why it ended as it did.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When a process first took it up.")
    finished_at: datetime | None = strawberry.field(description="When it ended, in whatever way.")
    created: int = strawberry.field(description="Things made: teams, memberships, links or people.")
    updated: int = strawberry.field(description="Things changed or moved.")
    removed: int = strawberry.field(description="Things ended or taken away.")
    unchanged: int = strawberry.field(description="Things that were as they should be.")
    skipped: int = strawberry.field(description="Things left alone; `issues` say why.")

    @batched(description="The Canvas instance it is about; null for none.")
    @staticmethod
    async def provider(parents: Sequence[SyncRun], info: Info) -> Answers[Provider | None]:
        numbers = [parent.row.provider_id for parent in parents]
        wanted = list({number for number in numbers if number is not None})
        rows = dict(zip(wanted, await resolve_providers.providers_by_number(info.context, wanted), strict=True))
        found = [rows.get(number) if number is not None else None for number in numbers]
        return [Provider.of(row, info) if row else None for row in found]

    @batched(name="class", description="The one class it is about; null where it is about several.")
    @staticmethod
    async def school_class(parents: Sequence[SyncRun], info: Info) -> Answers[Class | None]:
        wanted = list({parent.row.school_class for parent in parents} - {None})
        rows = dict(zip(wanted, await resolve_classes.classes_by_refs(info.context, wanted), strict=True))  # type: ignore[arg-type]
        found = [rows.get(parent.row.school_class) for parent in parents]
        return [class_of(row) if row else None for row in found]

    @batched(description="Who asked for it; null for the nightly schedule, and for people out of your scope.")
    @staticmethod
    async def requested_by(parents: Sequence[SyncRun], info: Info) -> Answers[User | None]:
        wanted = list({p.row.requested_by_id for p in parents if p.row.requested_by_id is not None})
        rows = dict(zip(wanted, await resolve_users.users_by_ids(info.context, wanted), strict=True))
        found = [rows.get(parent.row.requested_by_id or 0) for parent in parents]
        return [User.of(row) if row else None for row in found]

    @batched(
        description="What could not be done and what should be looked at, in the order it was met, as far as it is about your people or about nobody."
    )
    @staticmethod
    async def issues(parents: Sequence[SyncRun], info: Info) -> Answers[list[SyncIssue]]:
        found = await resolve.issues_of_runs(info.context, [parent.row for parent in parents])
        return [[SyncIssue.of(row) for row in rows] for rows in found]

    @batched(
        description="Of a push what became of each of your people, once it has read back; null before that, and for other runs."
    )
    @staticmethod
    async def pushed(parents: Sequence[SyncRun], info: Info) -> Answers[list[PushedMember] | None]:
        found = await resolve_teams.results_of_runs(info.context, [parent.row for parent in parents])
        return [[PushedMember.of(row) for row in rows] if rows is not None else None for rows in found]

    @classmethod
    def of(cls, row: runs.SyncRun) -> SyncRun:
        return cls(
            id=encode(row.ref),
            row=row,
            kind=row.kind,
            state=row.state,
            step=row.step,
            current=row.current,
            total=row.total,
            message=row.message,
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            created=row.created,
            updated=row.updated,
            removed=row.removed,
            unchanged=row.unchanged,
            skipped=row.skipped,
        )


async def sync_run(info: Info, ref: SyncRunRef) -> SyncRun | None:
    """The run of a ref, as payloads show it."""
    row = (await resolve.runs_by_ids(info.context, [ref.id]))[0]
    return SyncRun.of(row) if row else None


@strawberry.type(description="One page of runs, newest first.")
class SyncRunConnection(Connection[SyncRun]): ...
