"""`POST /api/graphql`: always 200, with data, errors or both."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    get_operation_ast,
    get_variable_values,
    parse,
    validate,
)

from sandbox.ask import Ask, Raw
from sandbox.graphql.context import Context
from sandbox.graphql.fast import Walk
from sandbox.graphql.limits import MAX_TOKENS, broken_limit
from sandbox.graphql.schema import schema
from sandbox.refusals import not_found

CALL_COST = 0.6
ROW_COST = 0.002
ERRORS_SHOWN = 100


def graphql(ask: Ask) -> Raw:
    """Answer one operation."""
    if not ask.behaviour.has_graphql:
        raise not_found()
    context = Context(ask.world, ask.behaviour, ask.caller, ask.base)
    body = _answer(ask, context)
    return Raw(orjson.dumps(body), cost=CALL_COST + ROW_COST * context.rows)


def _answer(ask: Ask, context: Context) -> dict[str, Any]:
    chosen = schema(has_courses=ask.behaviour.has_graphql_courses)
    document, errors = _checked(chosen, ask.params.text("query") or "")
    if document is None:
        return {"errors": errors}
    operation = get_operation_ast(document, ask.params.text("operationName"))
    if operation is None:
        return {"errors": [{"message": "An operation name is required"}]}
    variables = _variables(ask)
    message = broken_limit(document, operation, variables)
    if message is not None:
        return {"errors": [{"message": message}]}
    return _execute(chosen, document, operation, variables, context)


def _variables(ask: Ask) -> dict[str, Any]:
    """An object, or the same as JSON text."""
    value = ask.params.values.get("variables")
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}


@lru_cache(maxsize=256)
def _checked(chosen: GraphQLSchema, text: str) -> tuple[DocumentNode | None, list[Any]]:
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        return None, [error.formatted]
    errors = validate(chosen, document, max_errors=ERRORS_SHOWN)
    return (None, [error.formatted for error in errors]) if errors else (document, [])


def _execute(
    chosen: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: dict[str, Any],
    context: Context,
) -> dict[str, Any]:
    if operation.operation is OperationType.QUERY:
        try:
            return {"data": quick(chosen, document, operation, variables, context)}
        except Exception:  # noqa: BLE001  Whatever went wrong, graphql-core tells it in the schema's own way.
            context.rows = 0
    result = execute_sync(chosen, document, None, context, variables, operation_name=_name(operation))
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    return body


def quick(
    chosen: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: dict[str, Any],
    context: Context,
) -> dict[str, Any]:
    """The data by the quick walk; raises wherever it does not apply."""
    values = get_variable_values(chosen, operation.variable_definitions or (), variables)
    if isinstance(values, list):
        raise TypeError("variables do not fit")
    fragments = {row.name.value: row for row in document.definitions if isinstance(row, FragmentDefinitionNode)}
    return Walk(chosen, fragments, values, context).run(operation)


def _name(operation: OperationDefinitionNode) -> str | None:
    return operation.name.value if operation.name else None
