"""Trying a provider out: reachability, key, account, and every permission and capability homeroom needs, with the fix."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from canvas import accounts, courses, enrollments, environment, groups, rosters, users
from canvas.client import Canvas
from canvas.errors import GraphqlUnavailable, ServerFault, Unreachable
from db.models import Provider
from domain import facts
from domain.enums import Role
from domain.errors import (
    UpstreamBlocked,
    UpstreamCredentials,
    UpstreamError,
    UpstreamForbidden,
    UpstreamMissing,
)
from domain.freshness import MESSAGES
from domain.problems import NotFound
from domain.refs import ProviderRef
from services.access import require_role
from services.operation import Operation


@dataclass(frozen=True, slots=True)
class Check:
    """`required`: homeroom cannot show this Canvas without it. `message` is good news, or the fix."""

    name: str
    ok: bool
    required: bool
    message: str


@dataclass(frozen=True, slots=True)
class _Trial:
    name: str
    required: bool
    run: Callable[[Canvas, Sequence[facts.Course]], Awaitable[str]]
    fix: str


_REACHED = Check("reachability", ok=True, required=True, message="Canvas answers.")
_KEY_TAKEN = Check("accessKey", ok=True, required=True, message="Canvas takes the access key.")


async def check_provider(op: Operation, ref: ProviderRef) -> list[Check]:
    """Everything that homeroom needs of a Canvas, tried out live.

    Source: one small request per check; those that need a course use the first published one.
    Shape:  in the order in which they are to be fixed; the rest is left out where the account cannot be read.
    Errors: NotAllowed below department admin; NotFound.
    """
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "test providers")
    if not await Provider.exists(id=ref.id):
        raise NotFound("There is no such provider.", ["id"])
    try:
        canvas = await op.engine.canvases.trial(ref.id)
        account = await accounts.show_account(canvas)
    except UpstreamError as error:
        return _unreachable(error)
    first = [_REACHED, _KEY_TAKEN, _account(account)]
    try:
        listed = await courses.list_courses(canvas)
    except UpstreamError as error:
        return [*first, _failed(_COURSES, error)]
    published = [course for course in listed if course.published]
    found = Check("courses", ok=True, required=True, message=f"{len(published)} published courses can be read.")
    return [*first, found, *await asyncio.gather(*(_try(trial, canvas, published) for trial in _TRIALS))]


def _account(account: facts.Account) -> Check:
    return Check("account", ok=True, required=True, message=f"The access key works for the account “{account.name}”.")


def _unreachable(error: UpstreamError) -> list[Check]:
    fixes = {
        Unreachable: (
            "reachability",
            "Nothing answers at this address. Check it, and whether this server may connect to it. The log says more.",
        ),
        ServerFault: (
            "reachability",
            "Canvas answers with an error of its own. Look whether it is down or being updated.",
        ),
        UpstreamBlocked: (
            "reachability",
            "This address is not one homeroom may connect to. The operator can allow its network.",
        ),
        UpstreamCredentials: (
            "accessKey",
            "Canvas refuses the access key. Make a new one in Canvas and enter it here.",
        ),
        UpstreamForbidden: ("account", "The key's owner may not see this account. Give them an admin role in it."),
        UpstreamMissing: ("account", "Canvas knows no such account. Correct the account id, or enter “self”."),
    }
    name, fix = fixes.get(type(error), ("reachability", MESSAGES.get(error.reason, "Canvas cannot be reached.")))
    passed = {"reachability": [], "accessKey": [_REACHED], "account": [_REACHED, _KEY_TAKEN]}[name]
    return [*passed, Check(name, ok=False, required=True, message=fix)]


async def _try(trial: _Trial, canvas: Canvas, published: Sequence[facts.Course]) -> Check:
    try:
        return Check(trial.name, ok=True, required=trial.required, message=await trial.run(canvas, published))
    except UpstreamError as error:
        return _failed(trial, error)


def _failed(trial: _Trial, error: UpstreamError) -> Check:
    lacking = isinstance(error, UpstreamForbidden | UpstreamMissing | GraphqlUnavailable)
    message = trial.fix if lacking else MESSAGES.get(error.reason, "Canvas cannot be reached.")
    return Check(trial.name, ok=False, required=trial.required, message=message)


async def _people(canvas: Canvas, _: Sequence[facts.Course]) -> str:
    await users.search_users(canvas, "aaaaaa")
    return "The account's people can be read."


async def _enrollments(canvas: Canvas, published: Sequence[facts.Course]) -> str:
    for course in published[:1]:
        await enrollments.list_roster(canvas, course.id)
        return "The people of a course can be read."
    return "No course is published yet with which this could be tried."


async def _rosters(canvas: Canvas, published: Sequence[facts.Course]) -> str:
    answers = await rosters.list_rosters(canvas, [course.id for course in published[:1]])
    for answer in answers.values():
        if isinstance(answer, UpstreamError):
            raise answer
    return "Rosters of many courses come in one request."


async def _calendar(canvas: Canvas, _: Sequence[facts.Course]) -> str:
    limit = await environment.show_calendar_limit(canvas)
    return f"Calendars can be read, {limit} courses at a time."


async def _groups(canvas: Canvas, published: Sequence[facts.Course]) -> str:
    for course in published[:1]:
        await groups.list_course_groups(canvas, course.id)
    return "Groups can be read."


_COURSES = _Trial(
    "courses", required=True, run=_people, fix="The key's owner may not list courses. Give them “Courses - view list”."
)
_TRIALS = (
    _Trial(
        "people", required=True, run=_people, fix="The key's owner may not list people. Give them “Users - view list”."
    ),
    _Trial(
        "enrollments",
        required=True,
        run=_enrollments,
        fix="The key's owner may not see who is in a course. Give them “Users - view list” for courses.",
    ),
    _Trial(
        "rosters",
        required=False,
        run=_rosters,
        fix="Canvas's GraphQL is missing, old or closed to this key: rosters are read course by course, which is slower. "
        "Use a personal token or an unscoped developer key.",
    ),
    _Trial(
        "calendar",
        required=False,
        run=_calendar,
        fix="Canvas does not tell its calendar limit: 10 courses at a time are read.",
    ),
    _Trial(
        "groups",
        required=False,
        run=_groups,
        fix="The key's owner may not see groups. Give them “Groups - add, edit and delete”.",
    ),
)
