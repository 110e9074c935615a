"""Pulls that start by themselves: once a night for every provider that wants it (off by default)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tortoise.exceptions import IntegrityError

from db.models import Provider, SyncRun
from db.transactions import violated
from domain.enums import ProviderState, SyncKind
from domain.scope import SYSTEM
from services.operation import Engine, begin
from services.runs import Asked, start
from services.teams.pull import Options, parameters_of


@dataclass(frozen=True, slots=True)
class Night:
    """When nights begin: at this hour of the clock on the wall, in summer and winter."""

    hour: int = 2
    time_zone: str = "UTC"

    def latest(self, now: datetime) -> tuple[date, bool]:
        """The day whose night has begun last, and whether that is today."""
        local = now.astimezone(ZoneInfo(self.time_zone))
        begun = local.hour >= self.hour
        return (local.date() if begun else local.date() - timedelta(days=1)), begun


async def start_pulls(engine: Engine, night: Night) -> None:
    """Start the last night's pulls that nobody started yet.

    Shape:  a night that was missed while nothing ran is made up for; a provider that has never been pulled by night
            waits for its first one.
    Quirk:  any number of processes may try; the database keeps one run per provider and night.
    """
    day, today = night.latest(engine.clock())
    scheduled = SyncRun.filter(kind=SyncKind.PULL_TEAMS, scheduled_for__isnull=False)
    done = {id for (id,) in await scheduled.filter(scheduled_for__gte=day).values_list("provider_id")}
    known = {id for (id,) in await scheduled.distinct().values_list("provider_id")}
    for row in await Provider.filter(nightly_sync=True, state=ProviderState.ENABLED).order_by("id"):
        if row.id not in done and (today or row.id in known):
            await _start(engine, row.id, day)


async def _start(engine: Engine, provider: int, day: date) -> None:
    parameters = parameters_of(Options())
    asked = Asked(SyncKind.PULL_TEAMS, provider, None, parameters, alone=f"pull:{provider}", night=day)
    try:
        await start(begin(engine, SYSTEM), asked, "syncTeams")
    except IntegrityError as error:
        if not violated(error, "sync_run_night"):  # Another process was quicker.
            raise
