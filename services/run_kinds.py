"""Which handler carries out which kind of run, and which runs start by themselves."""

from __future__ import annotations

from domain.enums import SyncKind
from services import logins, match_runs
from services.operation import Engine
from services.run import Handlers
from services.teams import pull
from services.teams.assign import assign
from services.teams.nightly import Night, start_pulls
from services.teams.publish import publish
from services.teams.push import push_plan

HANDLERS: Handlers = {
    SyncKind.PULL_TEAMS: pull.pull_teams,
    SyncKind.PUSH_MEMBERSHIPS: push_plan,
    SyncKind.ASSIGN_UNASSIGNED: assign,
    SyncKind.PUBLISH_TEAMS: publish,
    SyncKind.MATCH: match_runs.match,
    SyncKind.APPLY_MATCHES: match_runs.apply,
    SyncKind.LOGINS: logins.make_logins,
}


async def start_nightly(engine: Engine, night: Night) -> None:
    """Start the last night's runs that nobody started yet, and logins that still wait."""
    await start_pulls(engine, night)
    await logins.start_waiting(engine)
