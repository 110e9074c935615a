"""What matching reads of our side: who has no link yet, what was decided, and what was worked out before."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tortoise.connection import get_connection
from tortoise.expressions import Q, Subquery

from db.models import MatchApplication, MatchDraft, MatchReport, ProviderLink, User
from db.queries import scoping
from db.queries.fetching import by_ids
from domain import matches
from domain.enums import Role
from domain.scope import Scope


async def students(
    scope: Scope, facility_id: int | None, only_facilities: Collection[int] | None
) -> list[matches.Student]:
    """Active students in scope by creation and id (D-02); `only_facilities`: where the provider in question is on.

    Source: one query; the driver's own rows as they are, since there may be tens of thousands. Nothing in the statement
            comes from outside but numbers.
    """
    wanted = scoping.residents(scope, facility_id) & Q(role=Role.STUDENT)
    if only_facilities is not None:
        wanted &= Q(facility_id__in=list(only_facilities))
    columns = User.filter(wanted).order_by("created_at", "id")
    found = columns.values_list("id", "first_name", "last_name", "username", "doc_id", "email")
    _, drivers_rows = await get_connection("default").execute_query(found.sql(params_inline=True))
    return list(map(matches.Student._make, drivers_rows))


async def drafts(scope: Scope, provider_id: int, facility_id: int | None = None) -> list[matches.MatchDraft]:
    """What was decided for a provider about active students without a link there, oldest first.

    Shape: of everybody, or of the people of one facility; `in_scope` says whom the viewer may know of.
    """
    linked = Subquery(ProviderLink.filter(provider_id=provider_id, unlinked_at=None).values("user_id"))
    open_ = Q(user__deactivated_at=None, user__role=Role.STUDENT) & ~Q(user_id__in=linked)
    if facility_id is not None:
        open_ &= Q(user__facility_id=facility_id)
    found = MatchDraft.filter(open_, provider_id=provider_id).order_by("id")
    columns = ("canvas_user_id", "user_id", "decision", "decided_by_id", "decided_at", "user__facility_id")
    return [
        matches.MatchDraft(account, user, decision, by, at, scope.covers_person(user, facility))
        for account, user, decision, by, at, facility in await found.values_list(*columns)
    ]


async def stored_report(key: matches.ReportKey) -> matches.StoredReport | None:
    """The report that was kept, whether or not it is still right."""
    kept = MatchReport.filter(provider_id=key.provider, facility_id=key.facility or 0, policy=key.policy)
    row = await kept.first().values("fingerprint", "computed_at", "payload")
    return matches.StoredReport(**row) if row else None


async def applications_by_ids(scope: Scope, ids: Iterable[int]) -> list[matches.MatchApplication]:
    """In no order; a facility admin knows those of the own facility."""
    visible = Q()
    if not scope.everywhere:
        own = scope.is_admin and scope.facility_id is not None
        visible = Q(facility_id=scope.facility_id) if own else Q(id__in=[])
    return await by_ids(matches.MatchApplication, MatchApplication.filter(visible), ids)
