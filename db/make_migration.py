"""Write the first migration anew from the models: `python -m db.make_migration`.

Nothing is released yet, so there is one migration. From the first release on, `tortoise makemigrations` adds others.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

from tortoise.apps import Apps
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.schema_generator.operation_generator import OperationGenerator
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.migrations.writer import MigrationWriter

from db.connection import APP, APPS, configuration
from db.models import tables, unique_indexes

PATH = Path(__file__).parent / "migrations" / "0001_initial.py"


async def initial() -> str:
    """The text of a migration that makes every table of the models, in an order of its own making."""
    async with TortoiseContext() as context:
        await context.init(config=configuration("sqlite://:memory:"), init_connections=False)
        models = MigrationAutodetector(cast("Apps", context.apps), APPS)._current_state()
        for model in models.models.values():
            # A docstring would become a comment in the SQL, which Tortoise cuts at every semicolon.
            model.options.pop("table_description", None)
        nothing = State(models={}, apps=StateApps())
        operations = OperationGenerator(nothing, models).generate(app_labels=[APP])
        text = MigrationWriter("0001_initial", APP, operations, initial=True).as_string()
    return _with_unique_indexes(text)


def _with_unique_indexes(text: str) -> str:
    statements = [unique.sql(model._meta.db_table) for model in tables() for unique in unique_indexes(model)]
    lines = "".join(f"        ops.RunSQL(\n            {sql!r},\n        ),\n" for sql in statements)
    head, end, tail = text.rpartition("    ]\n")
    return head + lines + end + tail


if __name__ == "__main__":
    PATH.write_text(asyncio.run(initial()), encoding="utf-8")
