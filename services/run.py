"""One attempt at a run, as its handler sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from db import models
from domain.enums import SyncKind
from domain.refs import ClassRef
from services.operation import Operation
from services.runs import tell

COUNTS = ("created", "updated", "removed", "unchanged", "skipped")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: how long a lease holds, how often it is prolonged, looked for lapsed ones, and progress is written."""

    lease: float = 30
    beat: float = 10
    sweep: float = 20
    told: float = 0.5


class LeaseLostError(Exception):
    """Another process has taken the run up: nothing more may be written for it here."""


class RunCancelledError(Exception):
    """Somebody asked for the run to stop."""


@dataclass(eq=False)
class Run:
    """One attempt at a run, as its handler sees it. `op` acts in the scope that its requester has now."""

    op: Operation
    id: int
    kind: SyncKind
    token: str
    provider_id: int | None
    school_class: ClassRef | None
    parameters: Mapping[str, Any]
    pace: Pace
    counts: dict[str, int]
    has_issues: bool = False
    _progress: dict[str, Any] = field(default_factory=dict)
    _issues: list[models.SyncIssue] = field(default_factory=list)
    _told_at: float = 0.0

    @property
    def provider(self) -> int:
        """The Canvas instance it works on, for kinds that have one."""
        if self.provider_id is None:
            raise ValueError(self.kind)
        return self.provider_id

    async def step(self, name: str, total: int | None = None, message: str | None = None) -> None:
        """Begin a step of `total` things; stops a run that was cancelled.

        Errors: RunCancelledError, LeaseLostError: let them pass.
        """
        self._progress = {"step": name, "current": 0, "total": total, "message": message}
        await self._report()

    async def advance(self, by: int = 1) -> None:
        """So many things of the step are done. Written now and then; stops a run that was cancelled."""
        self._progress["current"] = self._progress.get("current", 0) + by
        if monotonic() - self._told_at >= self.pace.told:
            await self._report()

    def complete(self) -> None:
        """The last step is done; kept with the next `save`."""
        if self._progress.get("total") is not None:
            self._progress["current"] = self._progress["total"]

    def say(self, message: str) -> None:
        """What a person should read about the run; kept with the next `save`."""
        self._progress["message"] = message

    def count(self, **by: int) -> None:
        """Add to `created`, `updated`, `removed`, `unchanged` or `skipped`."""
        for name, number in by.items():
            self.counts[name] += number

    def issue(
        self,
        code: str,
        message: str,
        *,
        team_id: int | None = None,
        course_id: str | None = None,
        canvas_user_id: str | None = None,
    ) -> None:
        """Note something that could not be done; kept with the next `save`."""
        self.has_issues = True
        self._issues.append(
            models.SyncIssue(
                run_id=self.id,
                code=code,
                message=message,
                team_id=team_id,
                course_id=course_id,
                canvas_user_id=canvas_user_id,
                at=self.op.now(),
            )
        )

    async def save(self) -> None:
        """Write progress, counts and issues; inside the transaction of a step it guards that step.

        Errors: LeaseLostError, which undoes the transaction.
        """
        held = models.SyncRun.filter(id=self.id, lease_token=self.token, finished_at=None)
        if not await held.update(**self._progress, **self.counts):
            raise LeaseLostError
        if self._issues:
            noted, self._issues = self._issues, []
            await models.SyncIssue.bulk_create(noted, batch_size=500)

    async def _report(self) -> None:
        await self.save()
        self._told_at = monotonic()
        await tell(self.op.engine, self.id, self.provider_id)
        if await models.SyncRun.filter(id=self.id, cancel_asked=True).exists():
            raise RunCancelledError


Handler = Callable[[Run], Awaitable[None]]
Handlers = Mapping[SyncKind, Handler]
