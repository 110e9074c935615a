"""What every resolver is given."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import UnauthenticatedError
from domain.rows import User
from services.operation import Operation


@dataclass(eq=False)
class Context:
    """`viewer` is the person behind the token; None for nobody, and then there is no operation either."""

    viewer: User | None
    operation: Operation | None

    @property
    def op(self) -> Operation:
        """The operation. Raises UnauthenticatedError when nobody is asking."""
        if self.operation is None:
            raise UnauthenticatedError("Send a bearer token in the Authorization header.")
        return self.operation
