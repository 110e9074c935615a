"""What Canvas does with group sets and members, whichever door the request came through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from sandbox.behaviour import Behaviour
from sandbox.params import to_int
from sandbox.refusals import Refusal, invalid
from sandbox.world import World
from sandbox.world import rows as r

RESERVED = {"student groups", "imported groups"}
MOST_GROUPS = 200


def check_set_name(world: World, course_id: int, name: str | None, but_id: int | None = None) -> str:
    """The trimmed name of a set; blank, taken and reserved ones are refused on `name`."""
    text = (name or "").strip()
    if not text:
        raise invalid("name", "blank", "Name is required")
    if text.casefold() in RESERVED:
        raise invalid("name", "reserved", f"{text} is a reserved name.")
    taken = [row.name.casefold() for row in world.live_categories(course_id) if row.id != but_id]
    if text.casefold() in taken:
        raise invalid("name", "taken", f"{text} is already in use.")
    return text


def check_limit(limit: int | None, field: str = "group_limit") -> int | None:
    """A limit of members is above 1."""
    if limit is not None and limit < 2:
        raise invalid(field, "greater_than", "must be greater than 1")
    return limit


def make_groups(world: World, category: r.Category, count: int) -> list[r.Group]:
    """Groups named after the set in the singular, numbered from 1."""
    if count > MOST_GROUPS:
        raise invalid("create_group_count", "too_many", f"must be at most {MOST_GROUPS}")
    stem = category.name.removesuffix("s")
    return [world.add_group(category.id, f"{stem} {number}") for number in range(1, count + 1)]


def can_assign(category: r.Category) -> bool:
    """Student-made and section-restricted sets are never filled at random."""
    return category.role is None and category.self_signup != "restricted"


def assign_unassigned(world: World, category: r.Category, *, by_section: bool = False) -> dict[int, list[r.User]]:
    """Put every student without a group into the smallest group with room; answers who went where."""
    students = world.unassigned(category)
    Random(category.id).shuffle(students)
    if by_section:
        students.sort(key=lambda user: sections_of(world, category.course_id, user.id)[0].id)
    placed: dict[int, list[r.User]] = {group.id: [] for group in world.live_groups(category.id)}
    for student in students:
        group = _smallest(world, category)
        if group is None:
            break
        world.join(group.id, student.id)
        placed[group.id].append(student)
    return placed


def _smallest(world: World, category: r.Category) -> r.Group | None:
    free = [group for group in world.live_groups(category.id) if not world.is_full(group)]
    return min(free, key=lambda group: len(world.accepted(group.id)), default=None)


def sections_of(world: World, course_id: int, user_id: int) -> list[r.Section]:
    """The sections a person is in, in one course."""
    rows = world.enrollments_of_user[user_id]
    ids = dict.fromkeys(row.section_id for row in rows if row.course_id == course_id and row.state != r.DELETED)
    return [world.sections[key] for key in ids]


def enrolled(world: World, course_id: int, user_id: int) -> bool:
    """Any enrollment that is not deleted: teachers, observers, completed and inactive ones too."""
    return any(row.course_id == course_id and row.state != r.DELETED for row in world.enrollments_of_user[user_id])


def replace_members(world: World, group: r.Group, wanted: Iterable[str]) -> None:
    """Make these the members. SIS ids read as 0; strangers are dropped, what is over the limit is not added; all silently."""
    ids = [key for key in dict.fromkeys(map(to_int, wanted)) if enrolled(world, group.course_id, key)]
    for row in world.live_members(group.id):
        if row.user_id not in ids:
            world.leave(group.id, row.user_id)
    for key in ids:
        if world.membership(group.id, key) is None and not world.is_full(group):
            world.join(group.id, key)


def admit(world: World, group: r.Group, user_id: int, forbidden: Refusal) -> tuple[r.Membership, bool]:
    """Add one person, or find them there: the membership and whether it is new."""
    present = world.membership(group.id, user_id)
    if present is not None:
        return present, False
    if not enrolled(world, group.course_id, user_id):
        raise forbidden
    if world.is_full(group):
        raise invalid("group_id", "The group is full.", "The group is full.")
    category = world.categories[group.category_id]
    if category.self_signup == "restricted" and not _shares_section(world, group, user_id):
        text = "is not in the section of the group"
        raise invalid("user_id", text, text)
    return world.join(group.id, user_id), True


def _shares_section(world: World, group: r.Group, user_id: int) -> bool:
    own = {row.id for row in sections_of(world, group.course_id, user_id)}
    members = world.accepted(group.id)
    return all(own & {row.id for row in sections_of(world, group.course_id, member.user_id)} for member in members)


def start_progress(
    world: World, behaviour: Behaviour, category: r.Category, tag: str, work: Callable[[], str | None]
) -> r.Progress:
    """Begin work that is done once its Progress has been read `progress_polls` times."""
    now = world.now()
    key = world.fresh_id("progress")
    row = r.Progress(
        id=key, context_id=category.id, context_type="GroupCategory", tag=tag, created_at=now, updated_at=now
    )
    world.progresses[key], world.pending[key] = row, work
    if behaviour.progress_polls == 0:
        finish(world, row)
    return row


def poll(world: World, behaviour: Behaviour, row: r.Progress) -> None:
    """Move a Progress on by one look at it."""
    if row.state in {"completed", "failed"}:
        return
    row.polls += 1
    if row.polls >= behaviour.progress_polls:
        finish(world, row)
    else:
        row.state, row.completion = "running", round(100 * row.polls / behaviour.progress_polls, 1)
    row.updated_at = world.now()


def finish(world: World, row: r.Progress) -> None:
    """Do the work and say so."""
    row.message = world.pending.pop(row.id)()
    row.state, row.completion = "completed", 100.0
