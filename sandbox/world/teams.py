"""Group sets, groups and their members, with the quiet moves Canvas makes."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.world import rows as r
from sandbox.world.classes import Classes


class Teams(Classes):
    """Adding and changing group sets, groups and memberships."""

    def add_group_set(
        self,
        course_id: int,
        name: str,
        *,
        id: int | None = None,
        role: str | None = None,
        self_signup: str | None = None,
        group_limit: int | None = None,
        auto_leader: str | None = None,
        non_collaborative: bool = False,
        sis_id: str | None = None,
    ) -> r.Category:
        """Add a group set (Canvas: group category) to a course."""
        row = r.Category(
            id=self.fresh_id("category", id),
            course_id=course_id,
            name=name,
            created_at=self.now(),
            role=role,
            self_signup=self_signup,
            group_limit=group_limit,
            auto_leader=auto_leader,
            non_collaborative=non_collaborative,
            sis_id=sis_id,
        )
        self.categories[row.id] = row
        self.categories_of_course[course_id].append(row)
        return row

    def add_group(
        self,
        category_id: int,
        name: str,
        *,
        id: int | None = None,
        members: Iterable[int] = (),
        max_membership: int | None = None,
        description: str | None = None,
        sis_id: str | None = None,
    ) -> r.Group:
        """Add a group with the given people in it; its limit is the set's unless given."""
        category, now = self.categories[category_id], self.now()
        row = r.Group(
            id=self.fresh_id("group", id),
            category_id=category_id,
            course_id=category.course_id,
            name=name,
            created_at=now,
            updated_at=now,
            description=description,
            max_membership=max_membership or category.group_limit,
            sis_id=sis_id,
        )
        self.groups[row.id] = row
        self.groups_of_category[category_id].append(row)
        for user_id in members:
            self.join(row.id, user_id)
        return row

    def join(self, group_id: int, user_id: int, *, state: str = "accepted", moderator: bool = False) -> r.Membership:
        """Put a person into a group, out of any other group of a normal set; nobody is added twice."""
        present = self.membership(group_id, user_id)
        if present is not None:
            return present
        category = self.categories[self.groups[group_id].category_id]
        if not category.many:
            self._leave_others(category.id, user_id)
        now = self.now()
        row = r.Membership(
            id=self.fresh_id("membership"),
            group_id=group_id,
            user_id=user_id,
            created_at=now,
            updated_at=now,
            state=state,
            moderator=moderator,
        )
        self.memberships[row.id] = row
        self.memberships_of_group[group_id].append(row)
        self.memberships_of_user[user_id].append(row)
        return row

    def leave(self, group_id: int, user_id: int) -> None:
        """Take a person out of a group; a leader who leaves leads no more."""
        row = self.membership(group_id, user_id)
        if row is None:
            return
        row.state, row.updated_at = r.DELETED, self.now()
        group = self.groups[group_id]
        if group.leader_id == user_id:
            group.leader_id = None

    def membership(self, group_id: int, user_id: int) -> r.Membership | None:
        """A person's live membership of a group."""
        return next((row for row in self.live_members(group_id) if row.user_id == user_id), None)

    def rename_group(self, group_id: int, name: str) -> None:
        """Change a group's name."""
        group = self.groups[group_id]
        group.name, group.updated_at = name, self.now()

    def delete_group(self, group_id: int) -> None:
        """Delete a group and its memberships."""
        self.groups[group_id].state = r.DELETED
        for row in self.memberships_of_group[group_id]:
            row.state = r.DELETED

    def delete_group_set(self, category_id: int) -> None:
        """Delete a set and its groups."""
        self.categories[category_id].state = r.DELETED
        for group in self.live_groups(category_id):
            self.delete_group(group.id)

    def is_full(self, group: r.Group) -> bool:
        """Whether the group's limit is reached."""
        return group.max_membership is not None and len(self.accepted(group.id)) >= group.max_membership

    def unassigned(self, category: r.Category) -> list[r.User]:
        """Students with an active or pending enrollment who are in no group of the set, by sortable name."""
        placed = {row.user_id for group in self.live_groups(category.id) for row in self.live_members(group.id)}
        ids = {
            row.user_id
            for row in self.enrollments_of_course[category.course_id]
            if row.type == "StudentEnrollment" and self.state_of(row) in {"active", "invited", "creation_pending"}
        }
        return sorted((self.users[key] for key in ids - placed), key=lambda user: (user.sortable_name, user.id))

    def _leave_others(self, category_id: int, user_id: int) -> None:
        for group in self.groups_of_category[category_id]:
            if group.state != r.DELETED:
                self.leave(group.id, user_id)
