"""Who is asking, and what therefore exists for them. Bound to the loaders once per operation."""

from __future__ import annotations

from dataclasses import dataclass

from domain.enums import Role


@dataclass(frozen=True, slots=True)
class Scope:
    """`facility_id` is the one facility of a student or facility admin, None for those who see all.

    A department or system admin has no facility limit even if their own user row names a facility.
    """

    role: Role
    user_id: int | None
    facility_id: int | None

    @property
    def everywhere(self) -> bool:
        return self.role.rank >= Role.DEPARTMENT_ADMIN.rank

    @property
    def is_student(self) -> bool:
        return self.role is Role.STUDENT

    @property
    def is_admin(self) -> bool:
        return self.role is not Role.STUDENT

    def covers_facility(self, facility_id: int | None) -> bool:
        """Whether rows of that facility (None: of no facility) are in scope."""
        return self.everywhere or (facility_id is not None and facility_id == self.facility_id)

    def covers_view(self, facility_id: int | None) -> bool:
        """Whether the view of that facility (None: of everything in scope) exists for the viewer."""
        return facility_id is None or self.covers_facility(facility_id)

    def covers_person(self, user_id: int, facility_id: int | None) -> bool:
        """Whether that person exists for the viewer."""
        return user_id == self.user_id or (self.is_admin and self.covers_facility(facility_id))


SYSTEM = Scope(Role.SYSTEM_ADMIN, None, None)
"""Background work and the command line."""
