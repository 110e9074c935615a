"""Filters of lists, as clients write them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain import filters
from domain.errors import BadInputError
from domain.refs import ClassRef, FacilityRef, ProgramRef, ProviderRef, UserRef
from graph.enums import ClassStatus, EnrollmentStatus, Role, Source, SyncKind, SyncState
from graph.ids import class_ref, decode, decode_as, program_ref

SHORTEST_SEARCH = 2
LONGEST_SEARCH = 200
LONGEST_ACTION = 64


def searched(search: str | None) -> str | None:
    """What to search for. Raises BadInputError for a single character, and for more than anybody types."""
    text = (search or "").strip()
    if text and len(text) < SHORTEST_SEARCH:
        raise BadInputError(f"Search for {SHORTEST_SEARCH} characters or more.", ["filter", "search"])
    if len(text) > LONGEST_SEARCH:
        raise BadInputError(f"Search for {LONGEST_SEARCH} characters at most.", ["filter", "search"])
    return text or None


def facility_id(id: strawberry.ID | None) -> int | None:
    """The number of the facility that a filter names."""
    return decode_as(id, FacilityRef).id if id is not None else None


@strawberry.input(description="Which programs to list.")
class ProgramFilter:
    source: Source | None = strawberry.field(default=None, description="Only of this source.")
    facility_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those offered there, with counts of that facility's people alone."
    )
    search: str | None = strawberry.field(default=None, description="Words of the name; at least 2 characters.")
    is_active: bool | None = strawberry.field(default=None, description="Only those that are, or are not, active.")
    archived: bool | None = strawberry.field(
        default=False, description="False: only those that are not archived; true: only archived ones; null: both."
    )

    def narrowed(self) -> filters.ProgramFilter:
        return filters.ProgramFilter(
            self.source, facility_id(self.facility_id), searched(self.search), self.is_active, self.archived
        )


@strawberry.input(description="Which classes to list.")
class ClassFilter:
    source: Source | None = strawberry.field(default=None, description="Only of this source.")
    program_id: strawberry.ID | None = strawberry.field(default=None, description="Only of this program.")
    facility_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="That facility's view: its native classes and all Canvas classes, with counts of its people alone.",
    )
    status: list[ClassStatus] | None = strawberry.field(default=None, description="Only in one of these states.")
    search: str | None = strawberry.field(default=None, description="Words of the name; at least 2 characters.")

    def narrowed(self, program: ProgramRef | None = None, facility: int | None = None) -> filters.ClassFilter:
        """The filter within a program's own list: its facility stands where this one names none."""
        own = program_ref(self.program_id) if self.program_id is not None else None
        if program is not None and own not in (None, program):
            raise BadInputError(
                "Leave `programId` out here: these are the classes of one program.", ["filter", "programId"]
            )
        chosen = facility_id(self.facility_id)
        return filters.ClassFilter(
            source=self.source,
            program=program or own,
            facility_id=facility if chosen is None else chosen,
            status=tuple(self.status) if self.status is not None else None,
            search=searched(self.search),
        )


@strawberry.input(
    description="Whose events to show. Left out: everything in your scope; of a student their own classes."
)
class CalendarFilter:
    source: Source | None = strawberry.field(default=None, description="Only of this source.")
    facility_id: strawberry.ID | None = strawberry.field(
        default=None, description="Classes held at this facility, and those of either source that its people are in."
    )
    class_id: strawberry.ID | None = strawberry.field(default=None, description="Only this class.")
    user_id: strawberry.ID | None = strawberry.field(
        default=None, description="The classes this person is or was in, and the sessions they teach."
    )

    def narrowed(self) -> filters.CalendarFilter:
        return filters.CalendarFilter(
            source=self.source,
            facility_id=facility_id(self.facility_id),
            classes=(class_ref(self.class_id),) if self.class_id is not None else None,
            user_id=decode_as(self.user_id, UserRef).id if self.user_id is not None else None,
        )


@strawberry.input(description="Which people to list. Deactivated people are listed only when asked for.")
class UserFilter:
    facility_id: strawberry.ID | None = strawberry.field(default=None, description="Only the people of this facility.")
    role: Role | None = strawberry.field(default=None, description="Only people with this role.")
    search: str | None = strawberry.field(
        default=None, description="Words of the name, user name or document id; at least 2 characters."
    )
    linked_to: strawberry.ID | None = strawberry.field(
        default=None, description="Only people with a live link to this provider."
    )
    not_linked_to: strawberry.ID | None = strawberry.field(
        default=None,
        description="Only people who can still be linked to this provider: without a live link and without a confirmed draft.",
    )
    active: bool | None = strawberry.field(
        default=True, description="True: only active people; false: only deactivated ones; null: both."
    )

    def narrowed(self) -> filters.UserFilter:
        return filters.UserFilter(
            facility_id=facility_id(self.facility_id),
            role=self.role,
            search=searched(self.search),
            linked_to=decode_as(self.linked_to, ProviderRef).id if self.linked_to is not None else None,
            not_linked_to=decode_as(self.not_linked_to, ProviderRef).id if self.not_linked_to is not None else None,
            active=self.active,
        )


@strawberry.input(description="Which enrolments of a class to list.")
class RosterFilter:
    status: list[EnrollmentStatus] | None = strawberry.field(
        default=None, description="Only in one of these states; null: all."
    )

    def __hash__(self) -> int:
        """Strawberry hashes the defaults of arguments, and this is one."""
        return hash(tuple(self.status or ()))

    def narrowed(self) -> filters.RosterFilter:
        return filters.RosterFilter(tuple(self.status) if self.status is not None else None)


@strawberry.input(description="Which students of a Canvas instance to list.")
class CanvasUserFilter:
    linked: bool | None = strawberry.field(default=None, description="Only those with, or without, a live link.")
    search: str | None = strawberry.field(
        default=None, description="Words of the name, login or SIS id; at least 2 characters."
    )


@strawberry.input(description="Which teams to list.")
class TeamFilter:
    source: Source | None = strawberry.field(default=None, description="Only made by hand, or only Canvas groups.")
    class_id: strawberry.ID | None = strawberry.field(default=None, description="Only of this class.")
    facility_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those of this facility, and those with people of it."
    )
    search: str | None = strawberry.field(default=None, description="Words of the name; at least 2 characters.")

    def narrowed(self) -> filters.TeamFilter:
        return filters.TeamFilter(
            source=self.source,
            school_class=class_ref(self.class_id) if self.class_id is not None else None,
            facility_id=facility_id(self.facility_id),
            search=searched(self.search),
        )


@strawberry.input(description="Which entries of the audit log to list.")
class AuditFilter:
    action: str | None = strawberry.field(default=None, description="Only this action, such as linkUser.")
    actor_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only what this person did; nothing for people out of your scope."
    )
    object_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only what was done to this object, such as a User or a ProviderLink: its history."
    )
    since: datetime | None = strawberry.field(default=None, description="Only entries of this instant or later.")
    until: datetime | None = strawberry.field(default=None, description="Only entries from before this instant.")

    def narrowed(self) -> filters.AuditFilter:
        actor = decode_as(self.actor_id, UserRef).id if self.actor_id is not None else None
        if len(self.action or "") > LONGEST_ACTION:
            raise BadInputError("There is no such action.", ["filter", "action"])
        subject = decode(self.object_id) if self.object_id is not None else None
        return filters.AuditFilter(
            action=self.action,
            actor_id=actor,
            object_type=subject.type_name if subject else None,
            object_key=":".join(subject.parts[1:]) if subject else None,
            since=self.since,
            until=self.until,
        )


@strawberry.input(description="Which runs to list.")
class SyncRunFilter:
    provider_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only runs about this Canvas instance and its classes."
    )
    kind: list[SyncKind] | None = strawberry.field(default=None, description="Only runs of one of these kinds.")
    state: list[SyncState] | None = strawberry.field(
        default=None, description="Only in one of these states; QUEUED and RUNNING: what goes on now."
    )

    def narrowed(self, school_class: ClassRef | None) -> filters.SyncRunFilter:
        """With the class that the field's own argument names."""
        return filters.SyncRunFilter(
            school_class=school_class,
            provider_id=decode_as(self.provider_id, ProviderRef).id if self.provider_id is not None else None,
            kinds=tuple(self.kind) if self.kind is not None else None,
            states=tuple(self.state) if self.state is not None else None,
        )
