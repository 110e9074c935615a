"""Accounts, their terms, courses and people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.ask import Ask
from sandbox.lookup import plain_id
from sandbox.paging import Listing
from sandbox.refusals import Refusal, bad_request, short_search
from sandbox.shapes.courses import account_json, course_json, state_name, term_json
from sandbox.shapes.enrollments import LONG
from sandbox.shapes.users import user_with_extras
from sandbox.world.rows import DELETED, Course, User
from sandbox.world.times import at

COURSE_STATES = {"created", "claimed", "available", "completed", "deleted", "all"}
ENROLLMENT_STATES = {"active", "completed", "deleted", "invited", "pending", "creation_pending", "rejected"}
SORTS: dict[str, Callable[[Course], Any]] = {
    "course_name": lambda row: row.name.casefold(),
    "sis_course_id": lambda row: row.sis_id or "",
    "course_status": lambda row: row.state,
    "term": lambda row: row.term_id,
    "subaccount": lambda row: row.account_id,
    "account_name": lambda row: row.account_id,
}


def list_accounts(ask: Ask) -> Listing:
    rows = [ask.world.accounts[1]] if ask.caller.is_admin else []
    return Listing(rows, lambda row: account_json(ask, row))


def show_account(ask: Ask) -> dict[str, Any]:
    return account_json(ask, ask.find.account(ask.path["account"]))


def list_sub_accounts(ask: Ask) -> Listing:
    account = ask.find.account(ask.path["account"])
    tree = ask.world.account_tree(account.id) - {account.id}
    wanted = [row for key, row in sorted(ask.world.accounts.items()) if key in tree]
    if not ask.params.flag("recursive"):
        wanted = [row for row in wanted if row.parent_id == account.id]
    return Listing(wanted, lambda row: account_json(ask, row))


def list_terms(ask: Ask) -> Listing:
    """An object with a list in it, paged all the same."""
    ask.find.account(ask.path["account"])
    rows = sorted(ask.world.terms.values(), key=lambda row: row.id)
    return Listing(rows, lambda row: term_json(ask, row), wrap="enrollment_terms")


def list_courses(ask: Ask) -> Listing:
    """Courses of the account and below, by id, never with `last`."""
    account = ask.find.account(ask.path["account"])
    ask.caller.need("read_course_list")
    _check_enrollment_filters(ask)
    tree = ask.world.account_tree(account.id)
    rows = [row for row in ask.world.courses.values() if row.account_id in tree and _wanted(ask, row)]
    rows.sort(key=lambda row: row.id)
    sort = SORTS.get(ask.params.text("sort") or "")
    if sort:
        rows.sort(key=sort, reverse=ask.params.text("order") == "desc")
    return Listing(rows, lambda row: course_json(ask, row), total=False)


def list_users(ask: Ask) -> Listing:
    """People of the account. `enrollment_type` means: ever, anywhere, any row that is not deleted."""
    ask.find.account(ask.path["account"])
    ask.caller.need("read_users")
    kind = ask.params.text("enrollment_type")
    if kind is not None and kind not in LONG:
        raise Refusal(400, {"errors": [{"message": f"Invalid enrollment type: {kind}"}]})
    term = search_term(ask)
    rows = [row for row in ask.world.users.values() if row.state != DELETED and not _is_test(ask, row)]
    if kind is not None:
        rows = [row for row in rows if _ever(ask, row, LONG[kind])]
    if term is not None:
        rows = [row for row in rows if matches(ask, row, term)]
    by_id = ask.params.text("sort") == "id"
    rows.sort(key=lambda row: row.id if by_id else (row.sortable_name.casefold(), row.id))
    if ask.params.text("order") == "desc":
        rows.reverse()
    return Listing(rows, lambda row: user_with_extras(ask, row), bookmark=by_id, total=False)


def search_term(ask: Ask) -> str | None:
    """The search term, lower case; one of less than two characters is refused."""
    term = ask.params.text("search_term")
    if term is not None and len(term) < 2:
        raise short_search()
    return term.casefold() if term else None


def matches(ask: Ask, user: User, term: str) -> bool:
    """Whether a person's name, login, SIS id, e-mail or id holds the term."""
    login = ask.world.login_of(user.id)
    texts = [user.name, user.sortable_name, user.email or ""]
    texts += [login.unique_id, login.sis_user_id or ""] if login else []
    return term == str(user.id) or any(term in text.casefold() for text in texts)


def _is_test(ask: Ask, user: User) -> bool:
    """Test students are nobody's people."""
    return any(row.type == "StudentViewEnrollment" for row in ask.world.enrollments_of_user.get(user.id, ()))


def _ever(ask: Ask, user: User, type_name: str) -> bool:
    return any(row.type == type_name and row.state != DELETED for row in ask.world.enrollments_of_user[user.id])


def _check_enrollment_filters(ask: Ask) -> None:
    kinds = ask.params.values.get("enrollment_type")
    if isinstance(kinds, list) and not set(ask.params.many("enrollment_type")) <= LONG.keys() - {"student_view"}:
        raise bad_request("Invalid value provided to 'enrollment_type'")
    if not set(ask.params.many("enrollment_workflow_state")) <= ENROLLMENT_STATES:
        raise bad_request("Invalid value provided to 'enrollment_workflow_state'")
    if not set(ask.params.many("state")) <= COURSE_STATES:
        raise bad_request("Invalid value provided to 'state'")


def _wanted(ask: Ask, course: Course) -> bool:
    return _state_wanted(ask, course) and _dates_wanted(ask, course) and _roster_wanted(ask, course)


def _state_wanted(ask: Ask, course: Course) -> bool:
    states, published = set(ask.params.many("state")), ask.params.flag("published")
    if "all" not in states and course.state not in (states or COURSE_STATES - {DELETED}):
        return False
    if published is not None and published != (state_name(course) == "available"):
        return False
    completed = ask.params.flag("completed")
    return completed is None or completed == ask.world.concluded(course)


def _dates_wanted(ask: Ask, course: Course) -> bool:
    params, term = ask.params, ask.world.terms[course.term_id]
    starts, ends = params.text("starts_before"), params.text("ends_after")
    if starts and not _qualifies((course.start_at, term.start_at), lambda text: text < at(starts)):
        return False
    if ends and not _qualifies((course.end_at, term.end_at), lambda text: text > at(ends)):
        return False
    wanted_term = params.text("enrollment_term_id")
    return not wanted_term or plain_id(wanted_term) == course.term_id


def _qualifies(dates: tuple[str | None, str | None], holds: Callable[[str], bool]) -> bool:
    given = [text for text in dates if text]
    return not given or any(holds(text) for text in given)


def _roster_wanted(ask: Ask, course: Course) -> bool:
    rows = [row for row in ask.world.enrollments_of_course[course.id] if row.state != DELETED]
    with_enrollments, term = ask.params.flag("with_enrollments"), search_term(ask)
    if with_enrollments is not None and with_enrollments != bool(rows):
        return False
    kinds = {LONG[kind] for kind in ask.params.many("enrollment_type") if kind in LONG}
    if kinds and not any(row.type in kinds for row in rows):
        return False
    states = set(ask.params.many("enrollment_workflow_state"))
    if states and not any(row.state in states for row in ask.world.enrollments_of_course[course.id]):
        return False
    return term is None or any(
        term in text.casefold() for text in (course.name, course.course_code, course.sis_id or "")
    )
