"""Runs and their issues, as far as the viewer may see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tortoise.expressions import Q
from tortoise.functions import Count

from db.models import ProviderLink, SyncIssue, SyncRun
from db.queries import scoping
from db.queries.fetching import batches, by_ids, rows_of
from domain import runs
from domain.enums import SyncKind, SyncState
from domain.filters import SyncRunFilter
from domain.refs import CanvasClassRef, ClassRef
from domain.scope import Scope


async def runs_by_ids(scope: Scope, ids: Iterable[int]) -> list[runs.SyncRun]:
    """In no order."""
    return await by_ids(runs.SyncRun, SyncRun.filter(_visible(scope)), ids)


async def runs_page(scope: Scope, narrowed: SyncRunFilter, limit: int, before: int | None = None) -> list[runs.SyncRun]:
    """At most `limit` runs, newest first, older than the run `before` where one is given."""
    wanted = _visible(scope) & _narrowed(narrowed)
    if before is not None:
        wanted &= Q(id__lt=before)
    return await rows_of(runs.SyncRun, SyncRun.filter(wanted).order_by("-id").limit(limit))


async def runs_count(scope: Scope, narrowed: SyncRunFilter) -> int:
    return await SyncRun.filter(_visible(scope) & _narrowed(narrowed)).count()


async def issues_of_runs(run_ids: Iterable[int]) -> list[runs.SyncIssue]:
    """In the order they were met. The runs are in scope already."""
    return await by_ids(runs.SyncIssue, SyncIssue.all().order_by("id"), run_ids, "run_id")


async def places_of_accounts(
    provider_ids: Iterable[int], accounts: Iterable[str]
) -> dict[tuple[int | None, str | None], tuple[int, int | None]]:
    """(provider, Canvas account) → the person linked to it and their facility, whatever the scope."""
    numbers = list(provider_ids)
    found: dict[tuple[int | None, str | None], tuple[int, int | None]] = {}
    for batch in batches(accounts):
        live = ProviderLink.filter(provider_id__in=numbers, external_user_id__in=batch, unlinked_at=None)
        columns = ("provider_id", "external_user_id", "user_id", "user__facility_id")
        for provider, account, person, place in await live.values_list(*columns):
            found[provider, account] = (person, place)
    return found


LONGEST_LEASE = timedelta(minutes=2)
"""No lease is written for longer: one that ends later than that is of a clock that was put back since."""


def held_by_nobody(now: datetime) -> Q:
    """Of runs and of courses: the lease has run out, or cannot be one of now."""
    return Q(lease_until=None) | lease_is_over(now)


def lease_is_over(now: datetime) -> Q:
    return Q(lease_until__lt=now) | Q(lease_until__gt=now + LONGEST_LEASE)


async def lapsed_runs(now: datetime, asked_before: datetime) -> list[int]:
    """Unfinished runs whose lease has run out, and those nobody took up since `asked_before`; oldest first."""
    waiting = Q(lease_until=None, created_at__lt=asked_before)
    found = SyncRun.filter(Q(finished_at=None) & (lease_is_over(now) | waiting)).order_by("id")
    return [id for (id,) in await found.values_list("id")]


async def run_states() -> list[tuple[SyncKind, SyncState, int]]:
    """How many runs of each kind are in each state."""
    counted = SyncRun.annotate(count=Count("id")).group_by("kind", "state").order_by("kind", "state")
    found = await counted.values_list("kind", "state", "count")
    return [(SyncKind(kind), SyncState(state), int(count)) for kind, state, count in found]


async def waiting_since(now: datetime) -> datetime | None:
    """Since when the oldest unfinished run that nobody holds has been asked for."""
    free = SyncRun.filter(held_by_nobody(now), finished_at=None)
    row = await free.order_by("created_at").first()
    return row.created_at if row else None


def _narrowed(narrowed: SyncRunFilter) -> Q:
    wanted = _of_class(narrowed.school_class)
    if narrowed.provider_id is not None:
        wanted &= Q(provider_id=narrowed.provider_id)
    if narrowed.kinds is not None:
        wanted &= Q(kind__in=list(narrowed.kinds))
    if narrowed.states is not None:
        wanted &= Q(state__in=list(narrowed.states))
    return wanted


def _of_class(school_class: ClassRef | None) -> Q:
    if school_class is None:
        return Q()
    if isinstance(school_class, CanvasClassRef):
        return Q(provider_id=school_class.provider, course_id=school_class.course_id)
    return Q(school_class_id=school_class.id)


def _visible(scope: Scope) -> Q:
    """All; for a facility admin those of the own facility, and pulls of providers that are on there; none for students."""
    if scope.everywhere:
        return Q()
    if not scope.is_admin or scope.facility_id is None:
        return Q(id__in=[])
    return Q(facility_id=scope.facility_id) | (
        Q(kind=SyncKind.PULL_TEAMS) & scoping.providers(scope, prefix="provider__")
    )
