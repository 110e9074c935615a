"""The Canvas of benchmarks/teams.py, in a process of its own: python -m benchmarks.teams_canvas PORT COURSES GROUPS MEMBERS MS."""

from __future__ import annotations

import sys

import uvicorn

from sandbox.app import create_app
from sandbox.behaviour import Behaviour
from sandbox.world import World


def world(courses: int, groups: int, members: int) -> World:
    """Courses with one set of `groups` groups of `members`; everybody is in five courses."""
    made = World()
    per_course = groups * members
    people = [made.add_user(f"Student{n} Reed").id for n in range(per_course * max(courses // 5, 1))]
    for n in range(courses):
        course = made.add_course(f"Course {n:03}").id
        start = (n * per_course) % len(people)
        chosen = people[start : start + per_course]
        for person in chosen:
            made.enrol(course, person)
        group_set = made.add_group_set(course, "Teams").id
        for at in range(groups):
            made.add_group(group_set, f"Team {at:02}", members=chosen[at * members : (at + 1) * members])
    return made


if __name__ == "__main__":
    port, courses, groups, members, ms = map(int, sys.argv[1:])
    app = create_app(world(courses, groups, members), Behaviour(throttling=False, latency_ms=ms))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", ws="none", lifespan="off")
