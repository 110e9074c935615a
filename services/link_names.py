"""Links follow their Canvas accounts: names stay fresh, and accounts that are gone show as such (AC-04, P-67)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from canvas.client import Canvas
from canvas.users import show_user
from db.failures import UNANSWERED
from db.models import ProviderLink
from db.queries.fetching import batches
from domain import facts
from domain.enums import CanvasAccountState
from domain.errors import UpstreamError, UpstreamMissing
from domain.names import fold
from domain.refs import ProviderLinkRef
from domain.scope import SYSTEM
from loaders.bus import News, stream
from loaders.keys import FactKey
from loaders.kinds import ACCOUNT, PEOPLE
from services import audit
from services.operation import Engine, Operation, begin
from services.writing import writing

log = structlog.get_logger()
MOST_LOOKED_FOR = 50
"""Accounts missing from the list that are asked for one by one after one refresh; the others have their turn later."""

GONE = (CanvasAccountState.MERGED, CanvasAccountState.DELETED)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a live link says of its account."""

    id: int
    account: str
    name: str | None
    login: str | None
    state: CanvasAccountState
    facility_id: int | None


async def follow(engine: Engine) -> None:
    """Until cancelled: whenever this process has read the people of a Canvas, bring its links up to date."""
    async for news in stream(engine.bus, _is_about_people):
        try:
            await refresh_names(engine, news.provider)
        except (*UNANSWERED, UpstreamError) as error:
            log.warning("link_names.failed", provider=news.provider, error=type(error).__name__)


async def refresh_names(engine: Engine, provider: int) -> None:
    """Compare every live link of a provider with the people in hand.

    Source: the cached list of people; one request for each account that is missing from it.
    Shape:  the last known name stays with an account that is gone; nothing is unlinked here.
    """
    reading = engine.facts.peek(PEOPLE, provider, [ACCOUNT])[ACCOUNT]
    if reading.value is None or reading.freshness.fetched_at is None:
        return
    people = {person.id: person for person in reading.value.people}
    known = await _known(provider)
    op = begin(engine, SYSTEM, request_id="link-names")
    await _confirm(provider, [link for link in known if link.account in people], reading.freshness.fetched_at)
    for link in known:
        if link.account in people:
            await _write(op, link, _of_person(link, people[link.account]))
    missing = [link for link in known if link.account not in people and link.state not in GONE]
    await _look_for(op, provider, missing[:MOST_LOOKED_FOR])


def _is_about_people(news: News) -> bool:
    key = FactKey(news.provider, PEOPLE.name, ACCOUNT).text
    return news.topic == "facts" and not news.origin and key in news.keys and key not in news.failures


async def _known(provider: int) -> list[_Known]:
    live = ProviderLink.filter(provider_id=provider, unlinked_at=None).order_by("id")
    columns = ("id", "external_user_id", "canvas_name", "external_username", "canvas_state", "user__facility_id")
    return [_Known(*row) for row in await live.values_list(*columns)]


async def _confirm(provider: int, links: Iterable[_Known], at: datetime) -> None:
    """Canvas has just shown these accounts."""
    for ids in batches(link.id for link in links):
        await ProviderLink.filter(provider_id=provider, id__in=ids).update(canvas_name_at=at)


def _of_person(link: _Known, person: facts.Person) -> dict[str, Any]:
    """The columns to write for an account that is there. A new name is RENAMED until somebody keeps it."""
    renamed = link.name is not None and person.name is not None and fold(person.name) != fold(link.name)
    state = CanvasAccountState.RENAMED if renamed else link.state
    return {
        "canvas_name": person.name or link.name,
        "external_username": person.login_id or link.login,
        "canvas_state": CanvasAccountState.PRESENT if state in GONE else state,
        "merged_into_id": None,
    }


async def _look_for(op: Operation, provider: int, missing: list[_Known]) -> None:
    if not missing:
        return
    canvas = await op.engine.canvases.get(provider)
    found = await asyncio.gather(*(_look(canvas, link) for link in missing))
    for link, columns in zip(missing, found, strict=True):
        await _write(op, link, columns)


async def _look(canvas: Canvas, link: _Known) -> Mapping[str, Any]:
    """The columns to write for an account that is not in the list; none where Canvas does not say."""
    try:
        person = await show_user(canvas, link.account)
    except UpstreamMissing:
        return {"canvas_state": CanvasAccountState.DELETED}
    except UpstreamError:
        return {}
    if isinstance(person, facts.Person):
        return _of_person(link, person)
    state = CanvasAccountState.MERGED if person.merged_into else CanvasAccountState.DELETED
    return {"canvas_state": state, "merged_into_id": person.merged_into}


async def _write(op: Operation, link: _Known, columns: Mapping[str, Any]) -> None:
    """Write what differs. A change of state is told in the audit log, without anybody's name."""
    state = columns.get("canvas_state", link.state)
    same = (columns.get("canvas_name", link.name), columns.get("external_username", link.login), state)
    if same == (link.name, link.login, link.state):
        return
    async with writing(op):
        changed = await ProviderLink.filter(id=link.id, unlinked_at=None).update(**columns)
        if changed and state is not link.state:
            told = {"canvas_state": link.state.value}, {"canvas_state": state.value}
            await audit.record(op, "canvasAccountChanged", ProviderLinkRef(link.id), link.facility_id, *told)
