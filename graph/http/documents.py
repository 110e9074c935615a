"""Documents parsed, validated and priced once: the cache in front of every operation."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import ASTValidationRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.deprecations import Deprecations
from graph.execution.prepared import Prepared
from graph.http.strangers import as_nobody, closed
from graph.limits.cost import CostPlan
from graph.limits.gate import Gate
from graph.limits.planner import TooManyFieldsError, plan_cost
from graph.limits.shape import Shape, shape_of
from graph.limits.weights import Weights
from graph.refusal import RefusedError, bad_document, bad_request
from settings import Settings

_DOCUMENTS = 1_000
_TOKENS = 100_000
_LONG = 2_000
_RULES: tuple[type[ASTValidationRule], ...] = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


@dataclass(frozen=True, slots=True)
class Plan:
    """One operation of a valid document: what there is to know before its variables.

    `digest` names the document, `deprecated` what it uses of the schema that will go away.
    """

    prepared: Prepared
    node: OperationDefinitionNode
    name: str | None
    kind: OperationType
    shape: Shape
    cost: CostPlan
    digest: str
    deprecated: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A document's plans by operation name, or why it never runs."""

    tokens: int
    plans: dict[str | None, Plan] = field(default_factory=dict)
    refusal: RefusedError | None = None


class Documents:
    """Bounded by count and by tokens, since memory goes with tokens. Long documents are validated off the event loop."""

    def __init__(self, schema: strawberry.Schema, settings: Settings, gate: Gate, weights: Weights) -> None:
        self._declared = schema
        self._schema = schema._schema
        self.deprecations = Deprecations(self._schema)
        self._settings = settings
        self._gate = gate
        self._weights = weights
        self._known: OrderedDict[tuple[str, bool], _Entry] = OrderedDict()
        self._tokens = 0

    async def plan(self, text: str, operation_name: str | None, *, open_schema: bool) -> Plan:
        """The plan of the operation named, or of the only one. Where the schema is closed, as nobody may ask it."""
        return _named(await self.plans(text, open_schema=open_schema), operation_name)

    async def plans(self, text: str, *, open_schema: bool) -> Mapping[str | None, Plan]:
        """The plans of all operations of a document, by name. RefusedError where none of them may ever run."""
        key = (text, open_schema)
        entry = self._known.get(key)
        if entry is None:
            if len(text) > _LONG:
                entry = await asyncio.to_thread(self._read, text, open_schema=open_schema)
            else:
                entry = self._read(text, open_schema=open_schema)
            self._keep(key, entry)
        self._known.move_to_end(key)
        if entry.refusal is not None:
            known = entry.refusal
            raise RefusedError(known.errors, fault=known.fault, status=known.status, headers=known.headers)
        return entry.plans

    def _keep(self, key: tuple[str, bool], entry: _Entry) -> None:
        old = self._known.pop(key, None)
        self._tokens += entry.tokens - (0 if old is None else old.tokens)
        self._known[key] = entry
        while len(self._known) > _DOCUMENTS or (self._tokens > _TOKENS and len(self._known) > 1):
            _, dropped = self._known.popitem(last=False)
            self._tokens -= dropped.tokens

    def _read(self, text: str, *, open_schema: bool) -> _Entry:
        try:
            parsed = self._parse(text)
            document = parsed if open_schema else as_nobody(parsed)
            self._validate(document, open_schema=open_schema)
            digest = hashlib.sha256(text.encode()).hexdigest()[:12]
            return _Entry(parsed.token_count, self._plans(document, digest))
        except RefusedError as refusal:
            return _Entry(len(text) // 4, refusal=refusal)
        except RecursionError:
            deep = GraphQLError(
                "The document nests its fields too deeply.", extensions={"limit": self._settings.max_depth}
            )
            return _Entry(len(text) // 4, refusal=bad_document("DEPTH_LIMIT", deep))

    def _parse(self, text: str) -> DocumentNode:
        most = self._settings.max_document_bytes
        if len(text.encode()) > most:
            raise bad_request(413, "DOCUMENT_TOO_LARGE", f"A document has at most {most} bytes.", limit=most)
        limit = None if self._settings.limits == "warn" else self._settings.max_tokens
        try:
            return parse(text, max_lexical_tokens=limit, max_comments=limit)
        except GraphQLError as error:
            if limit is not None and f"more than {limit} " in error.message:
                over = GraphQLError(f"A document has at most {limit} tokens.", extensions={"limit": limit})
                raise bad_document("TOKEN_LIMIT", over) from error
            raise bad_document("GRAPHQL_PARSE_FAILED", error, fault="syntax") from error

    def _validate(self, document: DocumentNode, *, open_schema: bool) -> None:
        most = self._settings.max_validation_errors
        errors = validate(self._schema, document, _RULES, max_errors=most)
        if errors and not open_schema:
            raise closed()
        if errors:
            raise bad_document("GRAPHQL_VALIDATION_FAILED", *errors[:most])

    def _plans(self, document: DocumentNode, digest: str) -> dict[str | None, Plan]:
        plans: dict[str | None, Plan] = {}
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                name = None if node.name is None else node.name.value
                plans[name] = self._plan(document, node, name, digest)
        return plans

    def _plan(self, document: DocumentNode, node: OperationDefinitionNode, name: str | None, digest: str) -> Plan:
        shape = shape_of(document, node)
        self._gate.check_shape(node.operation, shape)
        try:
            cost = plan_cost(self._schema, document, node, self._weights)
        except TooManyFieldsError as error:
            raise bad_document("COST_LIMIT", GraphQLError("The document unfolds into too many fields.")) from error
        prepared = Prepared(self._declared, document, node, hints=self._settings.public_introspection)
        return Plan(prepared, node, name, node.operation, shape, cost, digest, self.deprecations.used(document))


def _named(plans: Mapping[str | None, Plan], name: str | None) -> Plan:
    if name is None and len(plans) == 1:
        return next(iter(plans.values()))
    plan = plans.get(name) if name else None
    if plan is None:
        told = "The document has no operation of that name." if name else "`operationName` must name one operation."
        raise bad_document("OPERATION_RESOLUTION_FAILURE", GraphQLError(told))
    return plan
