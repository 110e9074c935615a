"""Accounts, terms, people and their logins."""

from __future__ import annotations

from datetime import datetime

from sandbox.world import rows as r
from sandbox.world.tables import ROOT_ID, Tables
from sandbox.world.times import at, stamp


class People(Tables):
    """Adding and changing people."""

    def add_account(
        self,
        name: str,
        *,
        id: int | None = None,
        parent_id: int | None = ROOT_ID,
        time_zone: str = "America/Chicago",
        sis_id: str | None = None,
    ) -> r.Account:
        """Add a sub-account, or with no parent the root."""
        key = self.fresh_id("account", id)
        row = r.Account(id=key, name=name, parent_id=parent_id, time_zone=time_zone, sis_id=sis_id)
        self.accounts[key] = row
        return row

    def add_term(
        self,
        name: str,
        *,
        id: int | None = None,
        start_at: datetime | str | None = None,
        end_at: datetime | str | None = None,
        sis_id: str | None = None,
    ) -> r.Term:
        """Add an enrollment term."""
        row = r.Term(
            id=self.fresh_id("term", id),
            name=name,
            start_at=stamp(start_at),
            end_at=stamp(end_at),
            created_at=self.now(),
            sis_id=sis_id,
        )
        self.terms[row.id] = row
        return row

    def add_user(
        self,
        name: str,
        *,
        id: int | None = None,
        login: str | None = None,
        sis_id: str | None = None,
        email: str | None = None,
        sortable_name: str | None = None,
        short_name: str | None = None,
        created_at: datetime | str | None = None,
        time_zone: str = "America/Chicago",
    ) -> r.User:
        """Add a person; without `login` they have none, and no SIS id either."""
        first, _, last = name.rpartition(" ")
        row = r.User(
            id=self.fresh_id("user", id),
            name=name,
            sortable_name=sortable_name or (f"{last}, {first}" if first else name),
            short_name=short_name or name,
            created_at=stamp(created_at) or self.now(),
            email=email,
            time_zone=time_zone,
        )
        self.users[row.id] = row
        if login is not None:
            self.add_login(row.id, login, sis_id=sis_id, created_at=row.created_at)
        return row

    def add_login(
        self,
        user_id: int,
        unique_id: str,
        *,
        id: int | None = None,
        sis_id: str | None = None,
        integration_id: str | None = None,
        provider_id: int | None = None,
        declared_user_type: str | None = None,
        created_at: datetime | str | None = None,
    ) -> r.Login:
        """Give a person one more login on the root account."""
        row = r.Login(
            id=self.fresh_id("login", id),
            user_id=user_id,
            account_id=ROOT_ID,
            unique_id=unique_id,
            created_at=at(created_at or self.now()),
            sis_user_id=sis_id,
            integration_id=integration_id,
            provider_id=provider_id,
            declared_user_type=declared_user_type,
        )
        self.logins[row.id] = row
        self.logins_of_user[user_id].append(row)
        return row

    def rename_user(self, user_id: int, name: str, sortable_name: str | None = None) -> None:
        """Change a display name, as a Canvas admin would."""
        user = self.users[user_id]
        first, _, last = name.rpartition(" ")
        user.name = user.short_name = name
        user.sortable_name = sortable_name or (f"{last}, {first}" if first else name)

    def delete_user(self, user_id: int) -> None:
        """Remove a person: enrollments, memberships and logins go with them."""
        self.users[user_id].state = r.DELETED
        for login in self.logins_of_user[user_id]:
            login.state = r.DELETED
        for enrollment in self.enrollments_of_user[user_id]:
            enrollment.state = r.DELETED
        for membership in self.memberships_of_user[user_id]:
            membership.state = r.DELETED

    def merge_user(self, user_id: int, into_id: int) -> None:
        """Merge a person into another, who takes over enrollments and logins."""
        for enrollment in self.enrollments_of_user.pop(user_id, []):
            enrollment.user_id = into_id
            self.enrollments_of_user[into_id].append(enrollment)
        for login in self.logins_of_user.pop(user_id, []):
            login.user_id = into_id
            self.logins_of_user[into_id].append(login)
        self.delete_user(user_id)
        self.users[user_id].merged_into = into_id
