"""An operation that is asked for again and again: what its requests have in common is made once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import strawberry
from graphql import DocumentNode, ExecutionResult, Executor, GraphQLError, OperationDefinitionNode, get_variable_values
from graphql.pyutils import AwaitableOrValue
from strawberry.execution import optimized_is_awaitable

from graph.execution.executor import ListExecutor

_MOST_ERRORS = 50


class Prepared:
    """One operation of a valid document. `hints`: errors may spell out the schema."""

    def __init__(
        self, schema: strawberry.Schema, document: DocumentNode, node: OperationDefinitionNode, *, hints: bool
    ) -> None:
        self._schema = schema
        self._document = document
        self._node = node
        self._hints = hints
        self._first: ListExecutor | None = None

    def execute(self, variables: Mapping[str, Any], context: object, root: object) -> AwaitableOrValue[ExecutionResult]:
        built = self.executor(variables, context, root)
        if isinstance(built, list):
            return ExecutionResult(None, built)
        # Nothing is answered in parts: the schema has no directive that asks for it.
        return cast("AwaitableOrValue[ExecutionResult]", built.execute_operation())

    def executor(
        self, variables: Mapping[str, Any], context: object, root: object
    ) -> Executor[Any] | list[GraphQLError]:
        """Answer what executes one request, or what is wrong with its variables."""
        given = dict(variables)
        if self._first is None:
            return self._begun(self._build(given), context, root)
        values = get_variable_values(
            self._first.schema,
            self._node.variable_definitions or (),
            given,
            max_errors=_MOST_ERRORS,
            hide_suggestions=not self._hints,
        )
        return values if isinstance(values, list) else self._first.again(values, context, root)

    def _build(self, variables: dict[str, Any]) -> Executor[Any] | list[GraphQLError]:
        """For no request yet: what is kept must not keep the first one's context."""
        return self._schema.execution_context_class.build(
            self._schema._schema,
            self._document,
            raw_variable_values=variables,
            operation_name=None if self._node.name is None else self._node.name.value,
            max_coercion_errors=_MOST_ERRORS,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
            hide_suggestions=not self._hints,
        )

    def _begun(
        self, built: Executor[Any] | list[GraphQLError], context: object, root: object
    ) -> Executor[Any] | list[GraphQLError]:
        if isinstance(built, ListExecutor) and built.planner is not None:
            self._first = built
            return built.again(built.variable_values, context, root)
        if isinstance(built, Executor):
            built.context_value, built.root_value = context, root
        return built
