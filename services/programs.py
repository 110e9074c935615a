"""Programs of both sources in one list."""

from __future__ import annotations

from collections.abc import Sequence

from db.queries import programs
from domain import rows
from domain.catalog import Program
from domain.enums import Source
from domain.filters import ProgramFilter
from domain.names import fold
from domain.paging import Key, Page, PageRequest, cut
from domain.refs import CanvasProgramRef, NativeProgramRef, ProgramRef, key_of
from loaders import Loaders
from loaders.people import in_view
from services.canvas_courses import canvas_program, in_hand, own_courses

Item = tuple[Key, ProgramRef]


async def list_programs(loaders: Loaders, narrowed: ProgramFilter, request: PageRequest) -> Page[Program]:
    """The page of native and Canvas programs, merged and then cut (W-17).

    Source: (sort key, id) of all native programs in scope, then the rows of the page; one program per provider.
    Shape:  the total of a student is None while it is not known in which Canvases they have a class.
    """
    items = [*await _native_items(loaders, narrowed), *await _canvas_items(loaders, narrowed)]
    page = cut(items, lambda item: item[0], request)
    rows_of = await programs_by_refs(loaders, [ref for _, ref in page.rows])
    if loaders.scope.is_student and narrowed.wants(Source.CANVAS):
        page = page.of_known(complete=await in_hand(loaders, await loaders.providers()))
    return page.map(lambda _: [row for row in rows_of if row is not None])


async def programs_by_refs(loaders: Loaders, refs: Sequence[ProgramRef]) -> list[Program | None]:
    """One answer per ref: the row, or None for what does not exist for the viewer."""
    native = await loaders.native_program_by_id.load_many([r.id for r in refs if isinstance(r, NativeProgramRef)])
    by_ref: dict[ProgramRef, Program] = {NativeProgramRef(row.id): native_program(row) for row in native if row}
    by_ref |= {row.ref: row for row in await canvas_programs(loaders)}
    return [by_ref.get(ref) for ref in refs]


async def canvas_programs(loaders: Loaders) -> list[Program]:
    """One program per provider that is on for the viewer; for a student only where they have a class."""
    providers = await loaders.providers()
    own = await own_courses(loaders) if loaders.scope.is_student else None
    return [canvas_program(row) for row in providers.values() if own is None or own.get(row.id)]


def native_program(row: rows.Program) -> Program:
    """A row of ours in the shape of both."""
    return Program(
        ref=NativeProgramRef(row.id),
        name=row.name,
        description=row.description,
        is_active=row.is_active,
        types=tuple(row.types),
        credit_types=tuple(row.credit_types),
        funding_type=row.funding_type,
        archived_at=row.archived_at,
    )


async def _native_items(loaders: Loaders, narrowed: ProgramFilter) -> list[Item]:
    if not narrowed.wants(Source.NATIVE):
        return []
    keys = await programs.program_keys(
        loaders.scope,
        facility_id=narrowed.facility_id,
        search=narrowed.search,
        is_active=narrowed.is_active,
        archived=narrowed.archived,
    )
    return [((sort_key, key_of(ref)), ref) for sort_key, id in keys for ref in [NativeProgramRef(id)]]


async def _canvas_items(loaders: Loaders, narrowed: ProgramFilter) -> list[Item]:
    if narrowed.archived or not narrowed.wants(Source.CANVAS):
        return []
    providers = await loaders.providers()
    return [
        ((fold(row.name), key_of(row.ref)), row.ref)
        for row in await canvas_programs(loaders)
        if isinstance(row.ref, CanvasProgramRef)
        and narrowed.finds(row.name)
        and narrowed.is_active in (None, row.is_active)
        and in_view(loaders.scope, providers[row.ref.provider], narrowed.facility_id)
    ]
