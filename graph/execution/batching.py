"""Fields that are resolved for a whole list of parents in one call.

Inside a type, in place of `@strawberry.field`:

    @batched(description="Counts of the program.")
    @staticmethod
    async def metrics(parents: Sequence[Program], info: Info, first: int | None = 25) -> Answers[ProgramMetrics | None]:
        return [... for parent in parents]

or for a function that stands elsewhere, whose types may differ from the field's:

    metrics: ProgramMetrics | None = batched(load_metrics, description="Counts of the program.")

The function answers one value per parent, in order. An exception in that list is the field error of its parent alone; an
exception that is raised is the field error of all. `info` may be left out; it is that of the first parent that asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, update_wrapper
from inspect import Parameter, Signature, signature
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, overload

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.info import Info

from graph.execution.batches import BatchFunction, batches_of

T = TypeVar("T")
Answers = Sequence[T | Exception]


class _OfEach(StrawberryAnnotation):
    """Reads `Sequence[T | Exception]`, what the function answers, as T, what the field is."""

    __slots__ = ()

    def evaluate(self) -> type:
        (item,) = get_args(super().evaluate())
        if get_origin(item) not in (Union, UnionType):
            return item  # type: ignore[no-any-return]
        kept = [part for part in get_args(item) if not (isinstance(part, type) and issubclass(part, Exception))]
        return Union[tuple(kept)]  # type: ignore[return-value] # noqa: UP007 - the members are known at run time only.


class BatchResolver(StrawberryResolver[Any]):
    """Resolves one parent through the batch function; the list-at-a-time executor calls the function itself."""

    @property
    def batch(self) -> BatchFunction:
        function: BatchFunction = self._unbound_wrapped_func.__wrapped__  # type: ignore[attr-defined]
        return function

    @cached_property
    def type_annotation(self) -> StrawberryAnnotation | None:
        answers = self.signature.return_annotation
        return None if answers is Signature.empty else _OfEach(answers, namespace=self._namespace)


@overload
def batched(
    function: BatchFunction,
    *,
    name: str | None = None,
    description: str | None = None,
    deprecation_reason: str | None = None,
) -> Any: ...


@overload
def batched(
    *, name: str | None = None, description: str | None = None, deprecation_reason: str | None = None
) -> Callable[[BatchFunction], Any]: ...


def batched(
    function: BatchFunction | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    deprecation_reason: str | None = None,
) -> Any:
    """Make a field of a function that answers for many parents at once."""

    def field(function: BatchFunction) -> StrawberryField:
        made = StrawberryField(graphql_name=name, description=description, deprecation_reason=deprecation_reason)
        return made(BatchResolver(_for_one_parent(function)))

    return field if function is None else field(function)


def _for_one_parent(declared: BatchFunction) -> Callable[..., Any]:
    function: BatchFunction = declared.__func__ if isinstance(declared, staticmethod) else declared
    parents, *others = signature(function).parameters.values()
    takes_info = any(parameter.name == "info" for parameter in others)
    batch = function if takes_info else _without_info(function)

    async def resolve(root: object, info: Info, **arguments: object) -> object:
        (answer,) = await batches_of(info.context).load(batch, info, arguments, [root])
        if isinstance(answer, Exception):
            raise answer
        return answer

    root = parents.replace(name="root", annotation=Parameter.empty)
    if not takes_info:
        others.insert(0, Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=Info))
    update_wrapper(resolve, function)
    resolve.__wrapped__ = batch  # type: ignore[attr-defined]
    resolve.__signature__ = signature(function).replace(parameters=[root, *others])  # type: ignore[attr-defined]
    return resolve


def _without_info(function: BatchFunction) -> BatchFunction:
    def batch(parents: Sequence[object], *, info: Info, **arguments: object) -> Any:
        del info
        return function(parents, **arguments)

    update_wrapper(batch, function)
    return batch
