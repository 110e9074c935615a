from __future__ import annotations

import strawberry

from graph.paging import Connection
from graph.types.provider_link import ProviderLink
from services.canvas_users import CanvasUser as Row
from services.people_from_canvas import suggested


@strawberry.type(
    description="What an account says of its person, to look over before `createUserFromCanvas`. Null: it does not say."
)
class SuggestedUser:
    first_name: str | None = strawberry.field(description="From the sortable name, else all but the last word.")
    last_name: str = strawberry.field(description="Empty for people with one name.")
    username: str | None = strawberry.field(description="The login, where it is one word.")
    doc_id: str | None = strawberry.field(description="The SIS id.")
    email: str | None = strawberry.field(description="Never made up.")


@strawberry.type(
    description="A student's account in a Canvas instance, linked or not. Absent identifiers were not visible to homeroom."
)
class CanvasUser:
    canvas_user_id: str = strawberry.field(description="Canvas's own id; may have more digits than a float.")
    roles: list[str] = strawberry.field(
        description="Every role they hold in any course, in Canvas's words, such as TaEnrollment."
    )
    name: str = strawberry.field(description="The display name; may be a single word.")
    first_name: str | None = strawberry.field(
        description="From the sortable name “Last, First”; null where it has none."
    )
    last_name: str | None = strawberry.field(description="From the sortable name “Last, First”.")
    login_id: str | None = strawberry.field(description="The login; null for accounts without one.")
    email: str | None = strawberry.field(description="Null where none is known; never made up.")
    sis_user_id: str | None = strawberry.field(description="The id in the student information system.")
    link: ProviderLink | None = strawberry.field(
        description="The live link; null without one, and where the person is out of your scope."
    )

    suggested_user: SuggestedUser = strawberry.field(description="Prefilled values for `createUserFromCanvas`.")

    @classmethod
    def of(cls, row: Row) -> CanvasUser:
        first, last = row.person.names
        return cls(
            canvas_user_id=row.person.id,
            roles=list(row.roles),
            name=row.person.name or "",
            first_name=first,
            last_name=last,
            login_id=row.person.login_id,
            email=row.person.email,
            sis_user_id=row.person.sis_user_id,
            link=ProviderLink.of(row.link) if row.link else None,
            suggested_user=_suggested(row),
        )


def _suggested(row: Row) -> SuggestedUser:
    found = suggested(row.person)
    return SuggestedUser(
        first_name=found.first_name,
        last_name=found.last_name or "",
        username=found.username,
        doc_id=found.doc_id,
        email=found.email,
    )


@strawberry.type(description="One page of the students of a Canvas instance, by name.")
class CanvasUserConnection(Connection[CanvasUser]): ...
