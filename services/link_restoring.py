"""Taking links and whole applications back, for 30 days (P-64, AC-06)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tortoise.exceptions import IntegrityError

from db.models import MatchApplication, ProviderLink, User
from db.queries import links, matching, users
from db.transactions import atomic, lock
from domain import matches, rows
from domain.problems import Conflict, NotFound
from domain.refs import MatchApplicationRef, ProviderLinkRef, UserRef
from loaders import Loaders
from loaders.people import is_on
from services import audit, logins
from services.linking import (
    UNDO,
    drop_drafts,
    end_link,
    linking,
    locked_link,
    require_active_student,
    require_unlinked,
    told,
)
from services.match_sides import provider_for
from services.operation import Operation


async def open_application(op: Operation, provider: int) -> MatchApplicationRef:
    """A step in which links are made together; inside a transaction."""
    row = await MatchApplication.create(
        provider_id=provider, facility_id=op.scope.facility_id, applied_by_id=op.scope.user_id, applied_at=op.now()
    )
    return MatchApplicationRef(row.id)


async def applications_by_ids(loaders: Loaders, ids: Sequence[int]) -> list[matches.MatchApplication | None]:
    """One answer per id; None for what does not exist for the viewer."""
    found = {row.id: row for row in await matching.applications_by_ids(loaders.scope, ids)}
    return [found.get(id) for id in ids]


async def links_of_applications(loaders: Loaders, ids: Sequence[int]) -> list[list[rows.Link]]:
    """The links that each application made and that exist for the viewer, undone ones too."""
    of: defaultdict[int | None, list[rows.Link]] = defaultdict(list)
    for application, link in await links.links_of_applications(loaders.scope, ids):
        of[application].append(link)
    return [of[id] for id in ids]


async def restore_link(op: Operation, link: ProviderLinkRef) -> ProviderLinkRef:
    """Make a link that was undone live again, as it was.

    Errors: NotAllowed for students; NotFound out of scope and where the provider is off for viewer or person; Conflict for a live link, after
            30 days, and for somebody deactivated; NotAStudent; AlreadyLinked where a side was linked meanwhile.
    """
    ended = await ProviderLink.get_or_none(id=link.id)
    if ended is None:
        raise NotFound("There is no such link.", ["linkId"])
    known = await provider_for(op.loaders, ended.provider_id, None)
    async with linking(op, ended.provider_id) as login:
        row, person = await locked_link(op, link)
        if not is_on(known, person.facility_id):
            raise NotFound("The provider is off where this person is.", ["linkId"])
        if row.unlinked_at is None:
            raise Conflict("This link is live.", ["linkId"])
        if row.undo_until is None or row.undo_until < op.now():
            raise Conflict(f"A link can be restored for {UNDO.days} days. Link the two again.", ["linkId"])
        require_active_student(person, "linkId")
        await require_unlinked(op, person.id, row.provider_id, row.external_user_id)
        await drop_drafts(row.provider_id, [row.external_user_id], [person.id])
        row.unlinked_at = row.unlinked_by_id = row.undo_until = None
        row.login_state = login
        await row.save()
        await audit.record(op, "restoreLink", link, person.facility_id, None, told(row))
    await logins.start(op, row.provider_id, [login])
    return link


async def undo_application(op: Operation, ref: MatchApplicationRef) -> MatchApplicationRef:
    """End what is left of the links of one application, and remove the people it made.

    Shape:  somebody whom other records know meanwhile is deactivated, not removed; links of people who are out of scope
            by now stay.
    Errors: NotFound out of scope; Conflict when it was undone already or is older than 30 days.
    """
    known = next(iter(await matching.applications_by_ids(op.scope, [ref.id])), None)
    if known is None:
        raise NotFound("There is no such application.", ["applicationId"])
    async with linking(op, known.provider_id):
        row = await lock(MatchApplication.filter(id=ref.id)).first()
        if row is None or row.undone_at is not None:
            raise Conflict("This was undone already.", ["applicationId"])
        if row.applied_at + UNDO < op.now():
            raise Conflict(f"This can be undone for {UNDO.days} days.", ["applicationId"])
        row.undone_at = op.now()
        await row.save(update_fields=["undone_at"])
        await _end_links(op, ref)
        await audit.record(op, "undoApplication", ref, row.facility_id, None, {"undone_at": str(row.undone_at)})
    return ref


async def _end_links(op: Operation, ref: MatchApplicationRef) -> None:
    live = await lock(ProviderLink.filter(application_id=ref.id, unlinked_at=None).order_by("id"))
    people = {row.id: row for row in await users.users_by_ids(op.scope, [link.user_id for link in live])}
    for link in live:
        person = people.get(link.user_id)
        if person is None or not op.scope.covers_facility(person.facility_id):
            continue
        await end_link(op, link)
        await audit.record(op, "unlinkUser", ProviderLinkRef(link.id), person.facility_id, told(link), None)
        if link.made_person:
            await _take_back(op, link, person)


async def _take_back(op: Operation, link: ProviderLink, person: rows.User) -> None:
    """Remove somebody who was made together with this link, so that their user name is free again."""
    ref = UserRef(person.id)
    try:
        async with atomic():
            await ProviderLink.filter(id=link.id).delete()
            await User.filter(id=person.id).delete()
    except IntegrityError:
        await User.filter(id=person.id, deactivated_at=None).update(deactivated_at=op.now())
        await audit.record(op, "deactivateUser", ref, person.facility_id, None, {"deactivated_at": str(op.now())})
    else:
        await audit.record(op, "removeUser", ref, person.facility_id, {"username": person.username}, None)
