"""From the first object or list a plan takes over to the last value below it: batched fields level by level."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLOutputType
from graphql.pyutils import Path, gather_with_cancel

from graph.execution.batches import batches_of
from graph.execution.frame import Coming, Frame
from graph.execution.many import one_by_one
from graph.execution.paths import Place, as_path, keys_from, may_be_null
from graph.execution.places import Below, Stretch, joined
from graph.execution.plan import Step

if TYPE_CHECKING:
    from graph.execution.executor import ListExecutor


class Run:
    """An answer under construction: `data`, that stands at `base` (None: it is the whole) and has the type `type_`."""

    __slots__ = ("base", "data", "executor", "type_")

    def __init__(self, executor: ListExecutor, base: Path | None, type_: GraphQLOutputType, data: Any) -> None:
        self.executor = executor
        self.base = base
        self.type_ = type_
        self.data = data

    async def finish(self, frame: Frame) -> Any:
        await self._settle(frame)
        return self.data

    async def _settle(self, frame: Frame) -> None:
        """Await everything the frame left open, each followed by what it leaves open in turn."""
        frame.drop_nulled()
        jobs = [self._arrive(coming) for coming in frame.coming]
        if frame.waiting:
            jobs.append(self._ask(frame))
        await _all(jobs)

    async def _ask(self, frame: Frame) -> None:
        await _all([self._answer(*call) for call in self._calls(frame)])

    def _calls(self, frame: Frame) -> list[tuple[Step, Stretch, Awaitable[Sequence[Any]]]]:
        """Ask for all batched fields at once, so that equal ones of other branches meet in the same call."""
        calls: list[tuple[Step, Stretch, Awaitable[Sequence[Any]]]] = []
        for plan, stretches in frame.waiting.items():
            if not stretches:
                continue
            first, all_of_them = stretches[0].places.at(0), joined(stretches)
            for step in plan.batched:
                arguments = frame.arguments(step, first)
                if arguments is not None:
                    calls.append((step, all_of_them, self._load(step, first, arguments, all_of_them.sources)))
        return calls

    def _load(
        self, step: Step, place: Place, arguments: Mapping[str, object], parents: Sequence[Any]
    ) -> Awaitable[Sequence[Any]]:
        assert step.batch is not None  # noqa: S101 - every batched step has one.
        try:
            batches = batches_of(self.executor.context_value)
        except TypeError as error:
            refused: asyncio.Future[Sequence[Any]] = asyncio.get_running_loop().create_future()
            refused.set_result([error] * len(parents))
            return refused
        return batches.load(step.batch, self.executor.batch_info(step, place), arguments, parents)

    async def _answer(self, step: Step, stretch: Stretch, answers: Awaitable[Sequence[Any]]) -> None:
        frame = Frame(self.executor)
        self._fill(step, stretch, await answers, frame)
        if frame.waiting or frame.coming:
            await self._settle(frame)

    def _fill(self, step: Step, stretch: Stretch, values: Sequence[Any], frame: Frame) -> None:
        complete, name = step.complete, step.name

        def odd(index: int, out: list[Any]) -> Any:  # noqa: ARG001 - it goes into the object it belongs to.
            here = (stretch.places.at(index), name, step)
            try:
                return complete(values[index], here, frame, stretch.boxes[index])
            except Exception as error:  # noqa: BLE001 - any error of a resolver is a field error.
                self._failed(step, error, here)
                return None

        if step.complete_many is None:
            found = one_by_one(len(values), odd)
        else:
            found = step.complete_many(values, Below(stretch.places, name, step), frame, odd)
        for data, value in zip(stretch.boxes, found, strict=True):
            data[name] = value

    async def _arrive(self, coming: Coming) -> None:
        box, awaitable, place, step = coming
        if step is not None:
            await self._resolve(step, awaitable, place, box)
            return
        try:
            box[place[1]] = await awaitable
        except Exception as error:  # noqa: BLE001 - located already: the value may not be null.
            self._bubble(error, place)

    async def _resolve(self, step: Step, awaitable: Awaitable[Any], place: Place, box: Any) -> None:
        frame = Frame(self.executor)
        try:
            box[step.name] = step.complete(await awaitable, place, frame, box)
        except Exception as error:  # noqa: BLE001 - any error of a resolver is a field error.
            frame.abandon()
            self._failed(step, error, place)
        else:
            if frame.waiting or frame.coming:
                await self._settle(frame)

    def _failed(self, step: Step, error: Exception, place: Place) -> None:
        try:
            self.executor.handle_field_error(error, step.definition.type, step.details, as_path(place))
        except Exception as located:  # noqa: BLE001 - the library's word for a field that may not be null.
            self._bubble(located, place)

    def _bubble(self, error: Exception, place: Place) -> None:
        """Null the nearest value around `place` that may be null, or give the error to the library at our base."""
        around = place[0]
        while around is not self.base:
            if may_be_null(around, self.base, self.type_):
                self.executor.collected_errors.add(error, as_path(around))  # type: ignore[arg-type]
                self._null(around)
                return
            around = around[0]
        raise error

    def _null(self, place: Place) -> None:
        *keys, last = keys_from(self.base, place)
        box = self.data
        for key in keys:
            box = box[key]
            if box is None:
                return
        box[last] = None


async def _all(jobs: Sequence[Awaitable[None]]) -> None:
    if len(jobs) == 1:
        await jobs[0]
    elif jobs:
        await gather_with_cancel(*jobs)
