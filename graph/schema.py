"""The schema: what clients see, put together in one place."""

from __future__ import annotations

import os

import strawberry
from strawberry.schema.config import StrawberryConfig

from graph.execution.executor import ListExecutor
from graph.mutation import Mutation
from graph.query import Query
from graph.scalars import SCALARS
from graph.subscription import Subscription
from graph.texts import guard
from graph.types.calendar import CanvasEvent, NativeEvent
from graph.types.classes import CanvasClass, NativeClass
from graph.types.program import CanvasProgram, NativeProgram

CONCRETE = [NativeProgram, CanvasProgram, NativeClass, CanvasClass, NativeEvent, CanvasEvent]
"""Types that are met only through an interface."""


def build() -> strawberry.Schema:
    """The schema, run by our executor or, with HOMEROOM_EXECUTOR=library, by the library's."""
    executor = None if os.environ.get("HOMEROOM_EXECUTOR") == "library" else ListExecutor
    config = StrawberryConfig(scalar_map=SCALARS)
    made = strawberry.Schema(
        Query, Mutation, Subscription, types=CONCRETE, config=config, execution_context_class=executor
    )
    guard(made._schema)
    return made


schema = build()
