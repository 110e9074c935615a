"""Columns that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass

from tortoise.fields.base import Field


class SortKeyField(Field[str]):
    """Text compared code point by code point, as Python compares it: `domain.names.fold` of a name."""

    field_type = str
    SQL_TYPE = "TEXT"

    class _db_postgres:  # noqa: N801  Tortoise looks for this name
        SQL_TYPE = 'TEXT COLLATE "C"'


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """A named unique index, over the rows for which `condition` holds where there is one.

    Tortoise makes conditional ones on PostgreSQL only and names the others differently on each database, so models
    list theirs in `unique_indexes` and the migration's generator writes one statement that both understand.
    """

    name: str
    columns: tuple[str, ...]
    condition: str | None = None

    def sql(self, table: str) -> str:
        columns = ", ".join(f'"{column}"' for column in self.columns)
        where = f" WHERE {self.condition}" if self.condition else ""
        return f'CREATE UNIQUE INDEX "{self.name}" ON "{table}" ({columns}){where}'
