from __future__ import annotations

import strawberry


@strawberry.interface(description="Anything with an id of its own, to be had again by `node(id)`.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Opaque, stable and unique over all sources. Never take it apart: its source is in `source`."
    )
