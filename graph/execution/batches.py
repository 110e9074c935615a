"""One call for all parents that ask for the same batched field with the same arguments in the same turn of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from strawberry.types.info import Info

BatchFunction = Callable[..., Awaitable[Sequence[Any]] | Sequence[Any]]
Waiting = asyncio.Future[Sequence[Any]]

# Turns of the loop a call waits for parents from other branches, whose tasks may be a few steps behind.
_TURNS = 4


@dataclass(slots=True)
class _Batch:
    """A call that has not been made yet, and who waits for which part of its answers."""

    function: BatchFunction
    info: Info
    arguments: Mapping[str, object]
    parents: list[object] = field(default_factory=list)
    waiting: list[tuple[int, int, Waiting]] = field(default_factory=list)

    def add(self, parents: Sequence[object]) -> Waiting:
        waiting: Waiting = asyncio.get_running_loop().create_future()
        start = len(self.parents)
        self.parents.extend(parents)
        self.waiting.append((start, len(self.parents), waiting))
        return waiting

    async def answers(self) -> Sequence[Any]:
        asked = len(self.parents)
        try:
            called = self.function(self.parents, info=self.info, **self.arguments)
            answers = await called if isawaitable(called) else called
        except Exception as error:  # noqa: BLE001 - every parent of the call gets its error.
            return [error] * asked
        return answers if len(answers) == asked else [_wrong_length(self.function, asked, len(answers))] * asked

    async def settle(self) -> None:
        if all(waiting.done() for _, _, waiting in self.waiting):
            return
        try:
            answers = await self.answers()
        except BaseException:
            for _, _, waiting in self.waiting:
                waiting.cancel()
            raise
        for start, stop, waiting in self.waiting:
            if not waiting.done():
                waiting.set_result(answers[start:stop])


@dataclass(slots=True, eq=False)
class Batches:
    """The open calls of one context. A call is made when what was ready to run has added its parents."""

    _open: dict[tuple[BatchFunction, str], _Batch] = field(default_factory=dict)
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def load(
        self, function: BatchFunction, info: Info, arguments: Mapping[str, object], parents: Sequence[object]
    ) -> Waiting:
        """Answer with one value per parent, in order; an exception among them is that parent's error."""
        key = (function, repr(arguments) if arguments else "")
        batch = self._open.get(key)
        if batch is None:
            batch = self._open[key] = _Batch(function, info, arguments)
            self._wait(key, _TURNS)
        return batch.add(parents)

    def _wait(self, key: tuple[BatchFunction, str], turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._wait, key, turns - 1)
        else:
            self._start(key)

    def _start(self, key: tuple[BatchFunction, str]) -> None:
        task = asyncio.get_running_loop().create_task(self._open.pop(key).settle())
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def batches_of(context: object) -> Batches:
    """The calls of this context, made on first use.

    A context that is no dict takes them as its attribute `batches`; one with slots or frozen has to declare it.
    """
    if isinstance(context, MutableMapping):
        found: Batches = context.setdefault("batches", Batches())
        return found
    batches = getattr(context, "batches", None)
    if not isinstance(batches, Batches):
        batches = Batches()
        try:
            setattr(context, "batches", batches)  # noqa: B010 - the context's type is the application's own.
        except (AttributeError, TypeError) as error:
            raise TypeError("Batched fields need a context with an attribute `batches`.") from error
    return batches


def _wrong_length(function: BatchFunction, asked: int, got: int) -> RuntimeError:
    name = getattr(function, "__qualname__", repr(function))
    return RuntimeError(f"{name} was asked for {asked} parents and answered {got}.")
