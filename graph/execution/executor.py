"""The library's executor, with whole lists of objects answered by plans where a plan knows how.

Give it to the schema: `strawberry.Schema(..., execution_context_class=ListExecutor)`. Answers, errors and their paths are
the library's own; what a plan does not know goes the library's way, for that value alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Iterable, Mapping
from copy import copy
from typing import Any

from graphql import (
    ExecutionResult,
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    OperationType,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList, collect_fields
from graphql.execution.executor import CollectedErrors
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import get_arguments
from strawberry.types.info import Info

from graph.execution.cache import plans_of
from graph.execution.frame import Frame
from graph.execution.paths import WHOLE, Place, as_path
from graph.execution.plan import Plan, Step
from graph.execution.planner import Planner
from graph.execution.run import Run
from graph.texts import require_plain


class ListExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation, a list of objects at a time. `planner`: None where the library does all of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arguments: dict[Step, Mapping[str, object] | None] = {}
        self.planner = self._planner()

    def again(self, variables: VariableValues, context: object, root: object) -> ListExecutor:
        """The same operation for another request. Nothing that one of them collects is shared."""
        other = copy(self)
        other.variable_values, other.context_value, other.root_value = variables, context, root
        other.collected_errors = CollectedErrors()
        other._relevant_sub_fields, other._arguments = {}, {}
        other.planner = other._planner()
        return other

    def execute_operation(
        self, serially: bool | None = None
    ) -> AwaitableOrValue[ExecutionResult | ExperimentalIncrementalExecutionResults]:
        plan = None if serially else self._root_plan()
        if plan is None:
            return super().execute_operation(serially)
        frame = Frame(self)
        try:
            data = plan.build(self.root_value, WHOLE, frame)
        except GraphQLError as error:
            frame.abandon()
            return self._failed(error)
        if frame.waiting or frame.coming:
            return self._finished(Run(self, WHOLE, plan.type, data), frame)
        return self.build_response(data)

    def collect_and_execute_subfields(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        plan = self.planner.plan(self, return_type, field_details_list) if self.planner is not None else None
        if plan is None:
            return super().collect_and_execute_subfields(
                return_type, field_details_list, path, result, position_context
            )
        frame = Frame(self)
        try:
            data = plan.build(result, path, frame)
        except Exception:
            frame.abandon()
            raise
        if frame.waiting or frame.coming:
            return Run(self, path, return_type, data).finish(frame)
        return data

    def complete_list_value(
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: AsyncIterable[Any] | Iterable[Any],
        position_context: Any,
    ) -> AwaitableOrValue[list[Any]]:
        complete = None
        if self.planner is not None and (type(result) is list or type(result) is tuple):
            complete = self.planner.list_of(self, return_type, field_details_list, info.parent_type)
        if complete is None:
            return super().complete_list_value(return_type, field_details_list, info, path, result, position_context)
        frame = Frame(self)
        try:
            data = complete(result, path, frame, None)
        except Exception:
            frame.abandon()
            raise
        if frame.waiting or frame.coming:
            return Run(self, path, return_type, data).finish(frame)
        return data  # type: ignore[no-any-return]

    def _planner(self) -> Planner | None:
        """The operation's plans; None where every field has to go through something of the application's."""
        hooked = self.middleware_manager is not None and bool(self.middleware_manager.middlewares)
        if hooked or self.abort_signal is not None:
            return None
        return plans_of(self.schema).planner(self.operation, self.fragment_definitions, self.variable_values)

    def _root_plan(self) -> Plan | None:
        """The plan of a query; mutations are done one after the other, and events are the library's."""
        query = self.schema.query_type
        if self.planner is None or query is None or self.operation.operation is not OperationType.QUERY:
            return None
        return self.planner.root(self, query)

    def collect_root_fields(self, type_: GraphQLObjectType) -> CollectedFields:
        return collect_fields(
            self.schema, self.fragments, self.variable_values, type_, self.operation, self.hide_suggestions
        )

    async def _finished(self, run: Run, frame: Frame) -> ExecutionResult | ExperimentalIncrementalExecutionResults:
        try:
            return self.build_response(await run.finish(frame))
        except GraphQLError as error:
            return self._failed(error)

    def _failed(self, error: GraphQLError) -> ExecutionResult | ExperimentalIncrementalExecutionResults:
        """The answer that an error of a field that may not be null has cost as a whole."""
        self.collected_errors.add(error, None)
        return self.build_response(None)

    def resolved(self, step: Step, source: Any, path: Path) -> Any:
        """What a field's resolver answers, maybe a value to come."""
        info = self.build_resolve_info(step.definition, step.nodes, step.parent_type, path)
        resolve = step.definition.resolve or self.field_resolver
        if not step.takes_arguments:
            return resolve(source, info)
        node = step.details[0].node
        given = get_argument_values(step.definition, node, self.variable_values, None, self.hide_suggestions)
        return resolve(source, info, **given)

    @property
    def calls_batches(self) -> bool:
        """Whether a batched field's function may be called directly: nothing of the schema stands around resolvers."""
        return not self.schema._strawberry_schema.exception_handlers  # type: ignore[attr-defined]

    def batch_info(self, step: Step, place: Place) -> Info:
        path = as_path((place, step.name, step))
        raw = self.build_resolve_info(step.definition, step.nodes, step.parent_type, path)
        config = self.schema._strawberry_schema.config  # type: ignore[attr-defined]
        return config.info_class(_raw_info=raw, _field=step.definition.extensions["strawberry-definition"])  # type: ignore[no-any-return]

    def batch_arguments(self, step: Step, place: Place) -> Mapping[str, object] | None:
        """Answer the Python arguments of a batched field in this operation; None if they cannot be had."""
        if not step.takes_arguments:
            return {}
        if step not in self._arguments:
            try:
                self._arguments[step] = self._read_arguments(step, place)
            except Exception:  # noqa: BLE001 - the library finds the same error and words it.
                self._arguments[step] = None
        return self._arguments[step]

    def _read_arguments(self, step: Step, place: Place) -> Mapping[str, object]:
        coerced = get_argument_values(
            step.definition, step.details[0].node, self.variable_values, None, self.hide_suggestions
        )
        require_plain(coerced)
        schema = self.schema._strawberry_schema  # type: ignore[attr-defined]
        field = step.definition.extensions["strawberry-definition"]
        info = self.batch_info(step, place)
        _, arguments = get_arguments(
            field=field,
            source=None,
            info=info,
            kwargs=coerced,
            config=schema.config,
            scalar_registry=schema.schema_converter.scalar_registry,
        )
        del arguments["root"], arguments["info"]
        return arguments

    async def guarded(
        self, completed: Awaitable[Any], type_: GraphQLOutputType, details: FieldDetailsList, path: Path
    ) -> Any:
        """Await a completed value as the library's fields do."""
        try:
            return await completed
        except Exception as error:  # noqa: BLE001 - any error of a resolver is a field error.
            self.handle_field_error(error, type_, details, path)
            return None
