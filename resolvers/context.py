"""What every resolver is given."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import UnauthenticatedError
from domain.rows import User
from services.operation import Operation
from services.snapshots import Snapshot


@dataclass(eq=False)
class Context:
    """`viewer` is the person behind the token; None for nobody, and then there is no operation either.

    `snapshot` was taken before anything was read; None where that could not be done.
    """

    viewer: User | None
    operation: Operation | None
    snapshot: Snapshot | None = None

    @property
    def op(self) -> Operation:
        """The operation. Raises UnauthenticatedError when nobody is asking."""
        if self.operation is None:
            raise UnauthenticatedError("Send a bearer token in the Authorization header.")
        return self.operation
