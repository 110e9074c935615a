"""Group sets of a generated course."""

from __future__ import annotations

from sandbox.world.diary import Diary

SIZE = 5


def add_groups(world: Diary, i: int, course_id: int, *, plain: bool) -> None:
    """Give two courses of three a set of teams; course 1 of ten also self-signup, student-made groups and tags."""
    members = _students(world, course_id)
    if not members or (i % 3 == 0 and not plain):
        return
    teams = world.add_group_set(course_id, "Project Teams", sis_id=f"GS{i:05d}")
    placed = members if plain else members[:-1]
    for turn, start in enumerate(range(0, len(placed), SIZE), start=1):
        world.add_group(teams.id, f"Team {turn}", members=placed[start : start + SIZE], sis_id=f"G{i:05d}-{turn}")
    if not plain and i % 10 == 1:
        _add_odd_sets(world, course_id, members)


def _students(world: Diary, course_id: int) -> list[int]:
    """Active students, each once."""
    rows = world.enrollments_of_course[course_id]
    return list(dict.fromkeys(row.user_id for row in rows if row.type == "StudentEnrollment" and row.state == "active"))


def _add_odd_sets(world: Diary, course_id: int, members: list[int]) -> None:
    study = world.add_group_set(course_id, "Study Circles", self_signup="enabled", group_limit=3)
    world.add_group(study.id, "Study Circles 1", members=members[:3])
    world.add_group(study.id, "Study Circles 2", members=members[3:4])
    own = world.add_group_set(course_id, "Student Groups", role="student_organized")
    world.add_group(own.id, "Chess Club", members=members[:2])
    world.add_group(own.id, "Night Readers", members=members[1:3])
    tags = world.add_group_set(course_id, "Accommodations", non_collaborative=True)
    world.add_group(tags.id, "Extra time", members=members[:2])
    world.add_group(tags.id, "Large print", members=members[1:2])
