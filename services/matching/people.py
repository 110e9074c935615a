"""The two sides of a match, as the caller has read and filtered them."""

from __future__ import annotations

import msgspec


class CanvasPerson(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A Canvas student without a link. Given in ascending Canvas id; `name` as displayed."""

    canvas_user_id: str
    name: str | None = None
    login_id: str | None = None
    email: str | None = None
    sis_user_id: str | None = None


class LocalPerson(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One of our active students without a link. Given in order of creation, then id."""

    user_id: int
    first_name: str = ""
    last_name: str = ""
    username: str | None = None
    doc_id: str | None = None
    email: str | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"
