"""What a mutation has written, read back for its payload."""

from __future__ import annotations

from typing import TypeVar

from domain.refs import Ref
from graph.ids import encode
from graph.info import Info
from graph.nodes import nodes_by_ids
from graph.types.node import Node

N = TypeVar("N", bound=Node)


async def subject(info: Info, ref: Ref, kind: type[N]) -> N | None:
    """The object of that ref as the viewer sees it now; None where it no longer exists for them."""
    (found,) = await nodes_by_ids(info, [encode(ref)])
    return found if isinstance(found, kind) else None
