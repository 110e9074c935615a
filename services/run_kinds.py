"""Which handler carries out which kind of run, and which runs start by themselves."""

from __future__ import annotations

from domain.enums import SyncKind
from services.run import Handlers
from services.teams.assign import assign
from services.teams.publish import publish
from services.teams.pull import pull_teams, start_nightly
from services.teams.push import push_plan

__all__ = ["HANDLERS", "start_nightly"]

HANDLERS: Handlers = {
    SyncKind.PULL_TEAMS: pull_teams,
    SyncKind.PUSH_MEMBERSHIPS: push_plan,
    SyncKind.ASSIGN_UNASSIGNED: assign,
    SyncKind.PUBLISH_TEAMS: publish,
}
