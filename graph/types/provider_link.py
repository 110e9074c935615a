from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain import rows
from domain.footprint import show
from domain.refs import ProviderLinkRef
from graph.enums import CanvasAccountState, LoginState
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.paging import Connection
from graph.types.node import Node
from graph.types.user import User
from resolvers import links as resolve_links
from resolvers import providers as resolve_providers
from resolvers import users as resolve_users
from services import links

if TYPE_CHECKING:
    from graph.types.provider import Provider


@strawberry.type(
    description="One of our people and their account in one Canvas instance. Undone links stay, with `unlinkedAt`."
)
class ProviderLink(Node):
    row: strawberry.Private[rows.Link]
    external_user_id: str = strawberry.field(
        description="Canvas's own id of the account; may have more digits than a float."
    )
    external_username: str | None = strawberry.field(description="The account's login, where Canvas showed it.")
    canvas_name: str | None = strawberry.field(
        description="The last known display name in Canvas; kept while Canvas is away."
    )
    canvas_name_at: datetime | None = strawberry.field(description="When Canvas last said so.")
    canvas_state: CanvasAccountState = strawberry.field(
        description="Whether the account is still what it was; anything but PRESENT asks for a decision: see `proposal`."
    )
    merged_into_canvas_user_id: str | None = strawberry.field(
        description="The account it was merged into; null unless MERGED and known."
    )
    proposal: str | None = strawberry.field(
        description="What to do about a changed account, in words; null while nothing has changed. See `resolveLink`."
    )
    login_state: LoginState = strawberry.field(
        description="Whether the person can sign in to Canvas through the organisation."
    )
    linked_at: datetime = strawberry.field(description="When the link was made.")
    undo_until: datetime | None = strawberry.field(
        description="Until when `restoreLink` makes an undone link live again; null for live links."
    )
    unlinked_at: datetime | None = strawberry.field(description="When it was undone; null while it is live.")

    @batched(description="The person.")
    @staticmethod
    async def user(parents: Sequence[ProviderLink], info: Info) -> Answers[User]:
        found = await resolve_users.users_by_ids(info.context, [parent.row.user_id for parent in parents])
        return [User.of(row) if row else resolve_users.gone() for row in found]

    @batched(description="The Canvas instance.")
    @staticmethod
    async def provider(
        parents: Sequence[ProviderLink], info: Info
    ) -> Answers[Annotated[Provider, strawberry.lazy("graph.types.provider")]]:
        from graph.types.provider import Provider

        found = await resolve_providers.providers_by_number(
            info.context, [parent.row.provider_id for parent in parents]
        )
        return [Provider.of(row, info) if row else resolve_users.gone() for row in found]

    @batched(description="Who made it; null for background work, and for people out of your scope.")
    @staticmethod
    async def linked_by(parents: Sequence[ProviderLink], info: Info) -> Answers[User | None]:
        ids = {parent.row.linked_by_id for parent in parents if parent.row.linked_by_id is not None}
        found = {row.id: row for row in await resolve_users.users_by_ids(info.context, list(ids)) if row}
        linkers = (found.get(parent.row.linked_by_id) if parent.row.linked_by_id else None for parent in parents)
        return [User.of(row) if row else None for row in linkers]

    @classmethod
    def of(cls, row: rows.Link) -> ProviderLink:
        show(row.user_id)
        return cls(
            id=encode(row.ref),
            row=row,
            external_user_id=row.external_user_id,
            external_username=row.external_username,
            canvas_name=row.canvas_name,
            canvas_name_at=row.canvas_name_at,
            canvas_state=row.canvas_state,
            merged_into_canvas_user_id=row.merged_into_id,
            proposal=links.PROPOSALS.get(row.canvas_state) if row.unlinked_at is None else None,
            login_state=row.login_state,
            linked_at=row.linked_at,
            undo_until=row.undo_until,
            unlinked_at=row.unlinked_at,
        )


@strawberry.type(description="One page of links, by the person's name.")
class ProviderLinkConnection(Connection[ProviderLink]): ...


async def provider_link(info: Info, ref: ProviderLinkRef) -> ProviderLink | None:
    """The link that a mutation has just written."""
    row = (await resolve_links.links_by_ids(info.context, [ref.id]))[0]
    return ProviderLink.of(row) if row else None
