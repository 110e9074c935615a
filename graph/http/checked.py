"""What a frontend can know of its documents before it sends them: whether they run here, at what price, and what will go away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import strawberry

from graph.http.documents import Documents, Plan
from graph.limits.gate import Gate
from graph.limits.weights import HOMEROOM
from graph.refusal import RefusedError
from settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """One operation. `points`: its price, None where it is refused for `problems`; `goes_away`: element to its reason."""

    name: str | None
    points: int | None = None
    problems: tuple[str, ...] = ()
    goes_away: Mapping[str, str] | None = None


class Checker:
    """Holds documents to the schema and to every limit of the settings, whatever their mode."""

    def __init__(self, schema: strawberry.Schema, settings: Settings) -> None:
        enforced = settings.model_copy(update={"limits": "enforce", "redis_url": None})
        self._gate = Gate(enforced)
        self._documents = Documents(schema, enforced, self._gate, HOMEROOM)

    async def check(self, text: str, variables: Mapping[str, Any]) -> list[Checked]:
        """Each operation of a document, priced with these variables and the defaults of the others."""
        try:
            plans = await self._documents.plans(text, open_schema=True)
        except RefusedError as refusal:
            return [Checked(None, problems=_told(refusal))]
        return [self._check(plan, variables) for plan in plans.values()]

    def _check(self, plan: Plan, variables: Mapping[str, Any]) -> Checked:
        deprecations = self._documents.deprecations
        used = sorted(plan.deprecated | deprecations.given(plan.node, variables))
        goes_away = {name: deprecations.reasons[name] for name in used}
        try:
            return Checked(plan.name, self._gate.price(plan.cost, variables).points, goes_away=goes_away)
        except RefusedError as refusal:
            return Checked(plan.name, problems=_told(refusal), goes_away=goes_away)


def _told(refusal: RefusedError) -> tuple[str, ...]:
    return tuple(_sentence(error) for error in refusal.errors)


def _sentence(error: Mapping[str, Any]) -> str:
    told = error["extensions"]
    numbers = f" ({told['actual']} of {told['limit']})" if "actual" in told else ""
    where = "".join(f", line {place['line']}" for place in error.get("locations", ())[:1])
    return f"{told['code']}{where}: {error['message']}{numbers}"
