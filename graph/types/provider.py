from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain import rows
from domain.refs import FacilityRef, ProviderRef
from graph.arguments import AFTER, FIRST, SEARCH, SORT
from graph.enums import MatchPolicy, ProviderKind, ProviderState
from graph.execution.batching import Answers, batched
from graph.ids import decode_as, encode
from graph.info import Info
from graph.inputs.filters import CanvasUserFilter, searched
from graph.paging import NameSort, page_request
from graph.scalars import URL
from graph.types.canvas_user import CanvasUser, CanvasUserConnection
from graph.types.facility import Facility
from graph.types.freshness import Freshness
from graph.types.node import Node
from graph.types.provider_link import ProviderLink, ProviderLinkConnection
from resolvers import facilities as resolve_facilities
from resolvers import links as resolve_links
from resolvers import providers as resolve
from services import canvas_users

if TYPE_CHECKING:
    from graph.types.match_report import MatchReport


@strawberry.type(
    description="How the organisation's sign-in is registered in a Canvas instance. Its secret is never shown."
)
class OidcClient:
    client_id: str = strawberry.field(description="The client id that the issuer gave.")
    redirect_uris: list[URL] = strawberry.field(description="Where the issuer may send people back to.")
    scopes: list[str] = strawberry.field(description="What is asked of the issuer.")
    created_at: datetime = strawberry.field(description="When it was registered.")


@strawberry.type(description="One Canvas instance.")
class Provider(Node):
    row: strawberry.Private[rows.Provider]
    name: str = strawberry.field(description="Its name, which is also that of its program.")
    kind: ProviderKind = strawberry.field(description="Who hosts it.")
    state: ProviderState = strawberry.field(description="Whether it takes part.")
    match_policy: MatchPolicy = strawberry.field(description="How its name matches are graded.")
    base_url: URL | None = strawberry.field(description="Its address. Null for those who do not manage providers.")
    account_id: str | None = strawberry.field(
        description="The Canvas account whose courses and people are read. Null for those who do not manage providers."
    )
    has_access_key: bool | None = strawberry.field(
        description="Whether an access key is on record; the key itself can never be read back. Null for those who do not "
        "manage providers."
    )
    access_key_fingerprint: str | None = strawberry.field(
        description="Four characters that tell two keys apart. Null for those who do not manage providers."
    )
    nightly_sync: bool | None = strawberry.field(
        description="Whether its teams are pulled every night. Null for those who do not manage providers."
    )

    @batched(description="Where it is switched on; null: everywhere. Others see no row, no count and no request of it.")
    @staticmethod
    async def facilities(parents: Sequence[Provider], info: Info) -> Answers[list[Facility] | None]:
        ids = list({id for parent in parents for id in parent.row.facility_ids or ()})
        loaded = await resolve_facilities.facilities_in_scope_by_ids(info.context, ids)
        found = {row.id: Facility.of(row) for row in loaded}
        return [
            None if parent.row.facility_ids is None else [found[id] for id in parent.row.facility_ids if id in found]
            for parent in parents
        ]

    @batched(description="The registered sign-in. Null without one, and for those who do not manage providers.")
    @staticmethod
    async def oidc_client(parents: Sequence[Provider], info: Info) -> Answers[OidcClient | None]:
        found = await resolve.oidc_clients(info.context, [parent.row.id for parent in parents])
        return [
            OidcClient(
                client_id=row.client_id,
                redirect_uris=[URL(uri) for uri in row.redirect_uris],
                scopes=list(row.scopes),
                created_at=row.created_at,
            )
            if row
            else None
            for row in found
        ]

    @batched(description="How current its course list is; DISABLED while it is off.")
    @staticmethod
    async def freshness(parents: Sequence[Provider], info: Info) -> Answers[Freshness]:
        return [Freshness.of(row) for row in await resolve.freshness(info.context, [parent.row for parent in parents])]

    @batched(description="Active students in your scope with a live link. Null for students.")
    @staticmethod
    async def linked_user_count(parents: Sequence[Provider], info: Info) -> Answers[int | None]:
        return await resolve_links.linked_counts(info.context, [parent.row.id for parent in parents])

    @batched(
        description="Students in Canvas without a link, so that a 0 elsewhere is explained. Department admins only; null for "
        "others, and while not every roster is in hand."
    )
    @staticmethod
    async def unlinked_student_count(parents: Sequence[Provider], info: Info) -> Answers[int | None]:
        return await resolve_links.unlinked_counts(info.context, [parent.row.id for parent in parents])

    @strawberry.field(description="Its students, linked or not, for the linking screen. Null for students.")
    async def canvas_users(
        self,
        info: Info,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        filter: Annotated[CanvasUserFilter | None, strawberry.argument(description="Only these.")] = None,
        sort: Annotated[NameSort | None, SORT] = None,
    ) -> CanvasUserConnection | None:
        chosen = filter or CanvasUserFilter()
        narrowed = canvas_users.CanvasUserFilter(chosen.linked, searched(chosen.search))
        request = page_request(first, after, descending=sort is NameSort.NAME_DESC)
        found = await resolve_links.canvas_users_page(info.context, self.row.id, narrowed, request)
        return CanvasUserConnection.page(found[0], CanvasUser.of, found[1]) if found else None

    @strawberry.field(description="Its live links in your scope, by the person's name.")
    async def links(
        self,
        info: Info,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        search: Annotated[str | None, SEARCH] = None,
        sort: Annotated[NameSort | None, SORT] = None,
    ) -> ProviderLinkConnection | None:
        request = page_request(first, after, descending=sort is NameSort.NAME_DESC)
        page = await resolve_links.links_page(info.context, self.row.id, searched(search), request)
        return ProviderLinkConnection.page(page, ProviderLink.of)

    @strawberry.field(
        description="Which of our students is which student there; as `Query.matchReport`, for payloads that hold a provider."
    )
    async def match_report(
        self,
        info: Info,
        facility_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only the people of this facility.")
        ] = None,
        policy: Annotated[
            MatchPolicy | None, strawberry.argument(description="How to grade; the provider's own when left out.")
        ] = None,
    ) -> Annotated[MatchReport, strawberry.lazy("graph.types.match_report")] | None:
        from graph.types.match_report import match_report

        facility = decode_as(facility_id, FacilityRef).id if facility_id is not None else None
        return await match_report(info, self.row.id, facility, policy)

    @classmethod
    def of(cls, row: rows.Provider, info: Info) -> Provider:
        manages = info.context.op.scope.everywhere
        return cls(
            id=encode(row.ref),
            row=row,
            name=row.name,
            kind=row.kind,
            state=row.state,
            match_policy=row.match_policy,
            base_url=URL(row.base_url) if manages else None,
            account_id=row.account_id if manages else None,
            has_access_key=row.has_access_key if manages else None,
            access_key_fingerprint=row.access_key_fingerprint if manages else None,
            nightly_sync=row.nightly_sync if manages else None,
        )


async def provider(info: Info, ref: ProviderRef) -> Provider | None:
    """The provider that a mutation has just written."""
    row = (await resolve.providers_by_number(info.context, [ref.id]))[0]
    return Provider.of(row, info) if row else None
