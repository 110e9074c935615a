"""Importing a file as anybody, and what it told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db.models import Facility, User
from services.importing.report import ImportReport, Tally
from services.imports import import_file
from services.operation import Operation
from tests.support.house import House

NOTHING = Tally()


@dataclass
class Place:
    house: House
    north: Facility
    south: Facility
    department: User
    warden: User
    """The facility admin of North."""

    async def op(self, viewer: User) -> Operation:
        return (await self.house.context(viewer)).op

    async def load(self, text: str, viewer: User | None = None, **how: Any) -> ImportReport:
        return await import_file(await self.op(viewer or self.department), text, **{"dry_run": False, **how})


def told(report: ImportReport) -> list[tuple[int, str | None, str]]:
    return [(error.line, error.column, error.message) for error in report.errors]


EVERYTHING = """\
username,first_name,last_name,email,doc_id,role,facility,program,program_types,class,capacity,start_date,instructors,enrollment_status,enrolled_on
sreed,Sam,"O'Brien-Reed",sam@example.org,D1,,North,Trades,Vocational; Evening,Welding,2,2026-01-05,Ann Lee; Bo,,2026-01-06
SREED,,,,,,North,Trades,,Masonry,,,,COMPLETED,
иванова,Анна,Иванова,,,student,south,TRADES,,Welding,,,,,

boss,Bea,Boss,,,Facility Admin,South,,,,,,,,
"""
