"""The one place that says no: every limit's check, its code, and whether it refuses or only warns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from graphql import GraphQLError, OperationType

from graph.limits.bucket import Bucket, Level, bucket_for, current
from graph.limits.cost import CostPlan, Price
from graph.limits.shape import Shape
from graph.refusal import RefusedError, bad_document, bad_request
from settings import Settings

log = structlog.get_logger("limits")


@dataclass(frozen=True, slots=True)
class Excess:
    """One limit passed."""

    code: str
    message: str
    limit: int
    actual: int

    def error(self) -> GraphQLError:
        return GraphQLError(self.message, extensions={"code": self.code, "limit": self.limit, "actual": self.actual})


class Gate:
    """Checks one operation against the settings. In `warn` mode what is over a limit is logged and runs."""

    def __init__(self, settings: Settings, bucket: Bucket | None = None) -> None:
        self._settings = settings
        self._warns = settings.limits == "warn"
        self.bucket = bucket or bucket_for(settings)

    def check_shape(self, kind: OperationType, shape: Shape) -> None:
        """Depth, aliases, root fields and directives: the same for every run of a document."""
        self._refuse([excess for excess in self._shape(kind, shape) if excess.actual > excess.limit])

    def price(self, plan: CostPlan, variables: Mapping[str, Any]) -> Price:
        """Page sizes, points and objects with these variables."""
        price = plan.estimate(variables)
        self._pages(price)
        over = [
            Excess(
                "COST_LIMIT",
                "The operation may cost too much: ask for fewer rows.",
                self._settings.max_cost,
                price.points,
            ),
            Excess(
                "NODE_LIMIT",
                "The operation may answer too many objects: ask for fewer rows.",
                self._settings.max_nodes,
                price.nodes,
            ),
        ]
        self._refuse([excess for excess in over if excess.actual > excess.limit])
        return price

    async def take(self, viewer: str, points: int) -> Level:
        """Points out of the viewer's budget; refused as a whole where there are not enough."""
        level = await self.bucket.take(viewer, min(points, self.bucket.capacity))
        current.set(level)
        if not level.granted:
            if not self._warns:
                raise self._rate_limited(level)
            log.warning("over a limit", code="RATE_LIMITED", actual=points)
        return level

    def headers(self, remaining: int, full_in: float) -> dict[str, str]:
        """What the answer says about the budget."""
        return {
            "ratelimit-limit": str(self.bucket.capacity),
            "ratelimit-remaining": str(max(0, remaining)),
            "ratelimit-reset": str(math.ceil(full_in)),
        }

    def _rate_limited(self, level: Level) -> RefusedError:
        wait = max(1, math.ceil(level.enough_in))
        return bad_request(
            429,
            "RATE_LIMITED",
            f"Too much was asked in too short a time. Ask again in {wait} s.",
            headers={"retry-after": str(wait)} | self.headers(level.remaining, level.full_in),
            retryAfter=wait,
        )

    def _shape(self, kind: OperationType, shape: Shape) -> Iterator[Excess]:
        limits = self._settings
        roots = limits.max_root_mutations if kind is OperationType.MUTATION else limits.max_root_fields
        yield Excess("DEPTH_LIMIT", "The document nests its fields too deeply.", limits.max_depth, shape.depth)
        yield Excess("ALIAS_LIMIT", "The document uses too many aliases.", limits.max_aliases, shape.aliases)
        yield Excess("ROOT_FIELD_LIMIT", "The operation has too many root fields.", roots, shape.root_fields)
        yield Excess(
            "DIRECTIVE_LIMIT", "The document uses too many directives.", limits.max_directives, shape.directives
        )

    def _pages(self, price: Price) -> None:
        most = self._settings.max_page
        wrong = [
            GraphQLError(
                f"`{argument}` of `{'.'.join(path)}` must be between 0 and {most}.",
                extensions={"code": "BAD_INPUT", "path": [argument], "limit": most, "actual": size},
            )
            for path, argument, size in price.pages
            if not 0 <= size <= most
        ]
        if wrong:
            raise bad_document("BAD_INPUT", *wrong)

    def _refuse(self, over: list[Excess]) -> None:
        if not over:
            return
        if not self._warns:
            raise bad_document(over[0].code, *(excess.error() for excess in over))
        for excess in over:
            log.warning("over a limit", code=excess.code, limit=excess.limit, actual=excess.actual)
