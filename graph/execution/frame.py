"""What building a stretch of the answer leaves to be awaited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLOutputType

from graph.execution.paths import Place, as_path, field_path
from graph.execution.places import Only, Part, Places, Stretch
from graph.execution.plan import Kind, Plan, Step

if TYPE_CHECKING:
    from graph.execution.executor import ListExecutor

# The dict or list that will hold the value, the value to come, its place, and the step that completes it, or None where the
# library does. The key is the last of the place.
Coming = tuple[Any, Awaitable[Any], Place, Step | None]


class Frame:
    """Objects that wait for batched fields, and values the library's own path will deliver."""

    __slots__ = ("coming", "executor", "known_errors", "waiting")

    def __init__(self, executor: ListExecutor) -> None:
        self.executor = executor
        self.waiting: defaultdict[Plan, list[Stretch]] = defaultdict(list)
        self.coming: list[Coming] = []
        self.known_errors = len(executor.collected_errors.errors)

    def wait_one(self, plan: Plan, source: Any, data: dict[str, Any], place: Place) -> None:
        self.waiting[plan].append(Stretch([source], [data], Only(place)))

    def wait(self, plan: Plan, sources: Sequence[Any], boxes: list[Any], places: Places, start: int, stop: int) -> None:
        """Those from `start` to before `stop` wait for the plan's batched fields. Copied: an error may null some in the list."""
        if stop > start:
            kept = Part(places, start) if start else places
            self.waiting[plan].append(Stretch(sources[start:stop], boxes[start:stop], kept))

    def failed(self, step: Step, error: Exception, place: Place) -> None:
        """Record the error of a field that may be null; raise it again for one that may not."""
        self.executor.handle_field_error(error, step.definition.type, step.details, as_path(place))

    def item_failed(self, step: Step, item_type: GraphQLOutputType, error: Exception, place: Place) -> None:
        self.executor.handle_field_error(error, item_type, step.details, as_path(place))

    def arguments(self, step: Step, place: Place) -> Mapping[str, object] | None:
        """Answer the arguments of a batched field, or None where the library has to say what is wrong with them."""
        return self.executor.batch_arguments(step, place)

    def resolve(self, step: Step, source: Any, data: dict[str, Any], place: Place) -> None:
        """Call the resolver of one field of one object."""
        here: Place = (place, step.name, step)
        try:
            value = self.executor.resolved(step, source, as_path(here))
            if self.executor.is_awaitable(value):
                self.coming.append((data, value, here, step))
            else:
                data[step.name] = step.complete(value, here, self, data)
        except Exception as error:  # noqa: BLE001 - any error of a resolver is a field error.
            self.failed(step, error, here)

    def execute(self, step: Step, source: Any, data: dict[str, Any], place: Place) -> None:
        """Let the library do all of one field of one object."""
        here: Place = (place, step.name, step)
        value = self.executor.execute_field(step.parent_type, source, step.details, as_path(here), None)
        if self.executor.is_awaitable(value):
            data[step.name] = None
            self.coming.append((data, value, here, None))
        else:
            data[step.name] = value

    def complete(self, step: Step, type_: GraphQLOutputType, value: Any, place: Place, box: Any) -> Any:
        """Let the library complete a value that is not what a plan expects."""
        executor, path = self.executor, as_path(place)
        info = executor.build_resolve_info(step.definition, step.nodes, step.parent_type, field_path(path))
        coming: Awaitable[Any]
        if isinstance(place[1], int) and executor.is_awaitable(value):
            coming = executor.complete_awaitable_list_item_value(value, type_, step.details, info, path, None)
        elif step.kind is Kind.NESTED and executor.is_awaitable(value):
            coming = executor.complete_awaitable_value(type_, step.details, info, path, value, None)
        else:
            completed = executor.complete_value(type_, step.details, info, path, value, None)
            if not executor.is_awaitable(completed):
                return completed
            coming = executor.guarded(completed, type_, step.details, path)
        self.coming.append((box, coming, place, None))
        return None

    def drop_nulled(self) -> None:
        """Forget what stands below a value that an error has nulled meanwhile."""
        errors = self.executor.collected_errors
        if len(errors.errors) == self.known_errors:
            return
        for plan, stretches in list(self.waiting.items()):
            self.waiting[plan] = [left for stretch in stretches if (left := self._left(stretch)).sources]
        coming, self.coming = self.coming, []
        dropped: list[Awaitable[Any]] = []
        for awaited in coming:
            if errors.has_nulled_position(as_path(awaited[2])):
                dropped.append(awaited[1])
            else:
                self.coming.append(awaited)
        if dropped:
            self.executor.settle_in_background(dropped)

    def _left(self, stretch: Stretch) -> Stretch:
        nulled, at = self.executor.collected_errors.has_nulled_position, stretch.places.at
        return stretch.choose([index for index in range(len(stretch.sources)) if not nulled(as_path(at(index)))])

    def abandon(self) -> None:
        """Let what was started end by itself: its answer is lost."""
        if self.coming:
            self.executor.settle_in_background([awaitable for _, awaitable, _, _ in self.coming])


def careful(plan: Plan, source: Any, place: Place, frame: Frame) -> dict[str, Any]:
    """Answer one object in the library's way, field by field, because some value of it is unusual."""
    data: dict[str, Any] = {}
    for step in plan.steps:
        if step.kind is Kind.TYPENAME:
            data[step.name] = step.parent_type.name
        elif step.kind is Kind.RESOLVED:
            data[step.name] = None
            frame.resolve(step, source, data, place)
        elif step.kind is Kind.BATCHED and frame.arguments(step, place) is not None:
            data[step.name] = None
        else:
            frame.execute(step, source, data, place)
    if plan.batched:
        frame.wait_one(plan, source, data, place)
    return data
