from __future__ import annotations

import strawberry

from domain.enums import Role as RoleOf
from graph.enums import Role
from graph.info import Info
from graph.types.facility import Facility
from graph.types.user import User
from resolvers import facilities as resolve_facilities


@strawberry.type(description="Who is asking, and what their role may do.")
class Viewer:
    user: User | None = strawberry.field(description="The person behind the token.")
    role: Role = strawberry.field(description="Their role, from the organisation's database and not from the token.")
    can_manage_providers: bool = strawberry.field(description="Whether to show the screens for Canvas instances.")
    can_link_users: bool = strawberry.field(description="Whether to show the linking screen.")
    can_push_teams: bool = strawberry.field(description="Whether to show the push of team memberships to Canvas.")

    @strawberry.field(description="Their facility; null for those who belong to none.")
    async def facility(self, info: Info) -> Facility | None:
        viewer = info.context.viewer
        found = await resolve_facilities.facilities_by_ids(info.context, [viewer.facility_id if viewer else None])
        return Facility.of(found[0]) if found[0] else None

    @classmethod
    def of(cls, info: Info) -> Viewer | None:
        viewer = info.context.viewer
        if viewer is None:
            return None
        may_link = viewer.role is not RoleOf.STUDENT
        return cls(
            user=User.of(viewer),
            role=viewer.role,
            can_manage_providers=info.context.op.scope.everywhere,
            can_link_users=may_link,
            can_push_teams=may_link,
        )
