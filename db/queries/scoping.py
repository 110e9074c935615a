"""Which of our rows exist for a viewer. Every query about people, programs and classes goes through one of these.

`facility_id` narrows further to one facility's view, which is what an admin of that facility sees. The view of a facility
out of scope is empty: what of one's own is shared with people elsewhere is not to be found out by asking for theirs.
"""

from __future__ import annotations

from typing import Any

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from db.models import Enrollment, ProgramFacility, Provider, ProviderFacility, SchoolClass, TeamMembership
from domain.scope import Scope

_NOTHING = Q(id__in=[])


def people(scope: Scope, facility_id: int | None = None, prefix: str = "") -> Q:
    """Everybody, or the people of the own facility and oneself, or oneself."""
    narrowed = Q() if facility_id is None else _is(prefix, facility_id=facility_id)
    if scope.everywhere:
        return narrowed
    visible = _is(prefix, id=scope.user_id)
    if scope.is_admin and scope.facility_id is not None:
        visible |= _is(prefix, facility_id=scope.facility_id)
    return narrowed & visible


def residents(scope: Scope, facility_id: int | None = None, prefix: str = "") -> Q:
    """The same without those who were deactivated: everybody who counts (AC-14)."""
    return people(scope, facility_id, prefix) & _is(prefix, deactivated_at=None)


def classes(scope: Scope, facility_id: int | None = None) -> Q:
    """All that are not deleted, or those taught at the own facility or with one of its people, or one's own."""
    if not scope.covers_view(facility_id):
        return _NOTHING
    visible = Q(deleted_at=None)
    if facility_id is not None:
        visible &= _classes_at(facility_id)
    if scope.everywhere:
        return visible
    if scope.is_admin:
        return visible & (_NOTHING if scope.facility_id is None else _classes_at(scope.facility_id))
    return visible & Q(id__in=_sub(Enrollment.filter(user_id=scope.user_id), "school_class_id"))


def programs(scope: Scope, facility_id: int | None = None) -> Q:
    """All, or those offered at the own facility or with a class in scope, or those of one's own classes."""
    if not scope.covers_view(facility_id):
        return _NOTHING
    visible = Q() if facility_id is None else _programs_at(facility_id)
    if scope.everywhere:
        return visible
    if scope.is_admin:
        return visible & (_NOTHING if scope.facility_id is None else _programs_at(scope.facility_id))
    return visible & Q(id__in=_sub(SchoolClass.filter(classes(scope)), "program_id"))


def providers(scope: Scope, prefix: str = "") -> Q:
    """All, or those that are on at the own facility."""
    if scope.everywhere:
        return Q()
    switched_on = _sub(ProviderFacility.filter(facility_id=scope.facility_id), "provider_id")
    return _is(prefix, facility_limited=False) | _is(prefix, id__in=switched_on)


def teams(scope: Scope, facility_id: int | None = None) -> Q:
    """All that were not deleted; or the own facility's, those of classes in scope and those of Canvas groups, and those
    with one of its people; or one's own.
    """
    if not scope.covers_view(facility_id):
        return _NOTHING
    visible = Q(deleted_at=None)
    if facility_id is not None:
        visible &= _teams_at(facility_id)
    if scope.everywhere:
        return visible
    if not scope.is_admin:
        return visible & Q(id__in=_sub(TeamMembership.filter(user_id=scope.user_id, until=None), "team_id"))
    if scope.facility_id is None:
        return visible & _NOTHING
    of_canvas = Q(facility_id=None, provider_id__in=_sub(Provider.filter(providers(scope)), "id"))
    of_classes = Q(school_class_id__in=_sub(SchoolClass.filter(classes(scope)), "id"))
    return visible & (_teams_at(scope.facility_id) | of_classes | of_canvas)


def _teams_at(facility_id: int) -> Q:
    of_its_people = _sub(TeamMembership.filter(user__facility_id=facility_id, until=None), "team_id")
    return Q(facility_id=facility_id) | Q(id__in=of_its_people)


def _classes_at(facility_id: int) -> Q:
    taken_by_its_people = _sub(Enrollment.filter(user__facility_id=facility_id), "school_class_id")
    return Q(facility_id=facility_id) | Q(id__in=taken_by_its_people)


def _programs_at(facility_id: int) -> Q:
    offered = _sub(ProgramFacility.filter(facility_id=facility_id), "program_id")
    taught = _sub(SchoolClass.filter(_classes_at(facility_id), deleted_at=None), "program_id")
    return Q(id__in=offered) | Q(id__in=taught)


def _sub(rows: QuerySet[Any], column: str) -> Subquery:
    return Subquery(rows.values(column))


def _is(prefix: str, **conditions: Any) -> Q:
    return Q(**{f"{prefix}{column}": value for column, value in conditions.items()})
