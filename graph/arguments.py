"""Arguments that many fields share, described once."""

from __future__ import annotations

import strawberry

FIRST = strawberry.argument(
    description="How many rows, at most: 0 to 100, unless the operator set another limit. Null: 25."
)
AFTER = strawberry.argument(description="A cursor of this list: go on behind it.")
SORT = strawberry.argument(description="The order; name ascending when left out.")
SEARCH = strawberry.argument(description="At least 2 characters; every word must stand somewhere in the name.")
START = strawberry.argument(description="The first day; inclusive. Days are those of each event's own time zone.")
END = strawberry.argument(description="The last day; inclusive. At most 400 days in all.")
