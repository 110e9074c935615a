"""Calendar feeds, as far as the viewer may publish and revoke them."""

from __future__ import annotations

from collections.abc import Iterable

from tortoise.expressions import Q

from db.models import CalendarFeed
from db.queries import scoping
from db.queries.fetching import by_ids, rows_of
from domain import events as rows
from domain.scope import Scope


async def live_feeds(scope: Scope) -> list[rows.CalendarFeed]:
    """Those that are not revoked, oldest first."""
    return await rows_of(rows.CalendarFeed, CalendarFeed.filter(_visible(scope), revoked_at=None).order_by("id"))


async def feeds_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.CalendarFeed]:
    """In no order; revoked ones too."""
    return await by_ids(rows.CalendarFeed, CalendarFeed.filter(_visible(scope)), ids)


def _visible(scope: Scope) -> Q:
    """All, or those of the own facility and its people, or one's own."""
    if scope.everywhere:
        return Q()
    of_people = Q(user_id__not_isnull=True) & scoping.people(scope, prefix="user__")
    return of_people | Q(facility_id=scope.facility_id) if scope.is_admin and scope.facility_id else of_people
