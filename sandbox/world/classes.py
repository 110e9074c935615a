"""Courses, sections and who is enrolled in them."""

from __future__ import annotations

from datetime import datetime

from sandbox.world import rows as r
from sandbox.world.people import People
from sandbox.world.tables import ROOT_ID
from sandbox.world.times import at, stamp


class Classes(People):
    """Adding and changing courses and enrollments."""

    def add_course(
        self,
        name: str,
        *,
        id: int | None = None,
        code: str | None = None,
        account_id: int = ROOT_ID,
        term_id: int = 1,
        state: str = "available",
        start_at: datetime | str | None = None,
        end_at: datetime | str | None = None,
        time_zone: str | None = None,
        sis_id: str | None = None,
        restrict_dates: bool = False,
        readable: bool = True,
        section: str | None = None,
        created_at: datetime | str | None = None,
    ) -> r.Course:
        """Add a course with one section, named as the course unless `section` says otherwise."""
        key = self.fresh_id("course", id)
        created = at(created_at or self.now())
        self.courses[key] = r.Course(
            id=key,
            name=name,
            course_code=code or name,
            account_id=account_id,
            term_id=term_id,
            state=state,
            start_at=stamp(start_at),
            end_at=stamp(end_at),
            time_zone=time_zone or self.accounts[account_id].time_zone,
            created_at=created,
            updated_at=created,
            sis_id=sis_id,
            restrict_dates=restrict_dates,
            readable=readable,
        )
        self.add_section(key, section or name, created_at=created)
        return self.courses[key]

    def add_section(
        self, course_id: int, name: str, *, id: int | None = None, created_at: datetime | str | None = None
    ) -> r.Section:
        """Add a section to a course."""
        row = r.Section(
            id=self.fresh_id("section", id), course_id=course_id, name=name, created_at=at(created_at or self.now())
        )
        self.sections[row.id] = row
        self.sections_of_course[course_id].append(row)
        return row

    def enrol(
        self,
        course_id: int,
        user_id: int,
        *,
        id: int | None = None,
        type: str = "StudentEnrollment",
        state: str = "active",
        section_id: int | None = None,
        created_at: datetime | str | None = None,
        associated_user_id: int | None = None,
        last_activity_at: datetime | str | None = None,
        final_score: float | None = None,
    ) -> r.Enrollment:
        """Put a person into a course's first section, or the given one."""
        key = self.fresh_id("enrollment", id)
        created = at(created_at or self.now())
        row = r.Enrollment(
            id=key,
            course_id=course_id,
            section_id=section_id or self.sections_of_course[course_id][0].id,
            user_id=user_id,
            type=type,
            state=state,
            created_at=created,
            updated_at=created,
            associated_user_id=associated_user_id,
            last_activity_at=stamp(last_activity_at),
            final_score=final_score,
        )
        self.enrollments[key] = row
        self.enrollments_of_course[course_id].append(row)
        self.enrollments_of_user[user_id].append(row)
        return row

    def set_enrolment_state(self, enrollment_id: int, state: str) -> None:
        """Change a row's state; a person's last live enrollment takes their memberships in that course along."""
        row = self.enrollments[enrollment_id]
        row.state, row.updated_at = state, self.now()
        if state in {"completed", r.DELETED}:
            self._drop_memberships(row.course_id, row.user_id)

    def remove_enrolments(self, course_id: int, user_id: int, state: str = r.DELETED) -> None:
        """End every enrollment of one person in one course."""
        for row in self.enrollments_of_course[course_id]:
            if row.user_id == user_id and row.state != r.DELETED:
                self.set_enrolment_state(row.id, state)

    def delete_course(self, course_id: int) -> None:
        """Delete a course; its rows stay and read as deleted."""
        self.courses[course_id].state = r.DELETED

    def set_course(self, course_id: int, **changes: str | int | bool | None) -> None:
        """Change fields of a course by their row names."""
        course = self.courses[course_id]
        for name, value in changes.items():
            setattr(course, name, value)
        course.updated_at = self.now()

    def _drop_memberships(self, course_id: int, user_id: int) -> None:
        ended = {"completed", r.DELETED, "rejected"}
        rows = self.enrollments_of_user[user_id]
        if any(row.course_id == course_id and row.state not in ended for row in rows):
            return
        for membership in self.memberships_of_user[user_id]:
            if self.groups[membership.group_id].course_id == course_id:
                membership.state = r.DELETED
