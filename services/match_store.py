"""Reports that took long to make, kept packed in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec

from db.models import MatchReport
from db.queries import matching
from db.transactions import atomic
from domain.enums import MatchGrade, MatchPolicy
from domain.matches import ReportKey
from services.matching.report import Candidate, Report

PART = 500
"""Candidates that are packed together: unpacking a part holds the event loop for a few milliseconds."""


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """`rejected` are the pairs that were left out when the report was made."""

    rejected: list[tuple[str, int]]
    parts: list[bytes]


@dataclass(frozen=True, slots=True)
class Kept:
    """A report of before. `rejected` are the pairs that it leaves out."""

    fingerprint: str
    computed_at: datetime
    rejected: frozenset[tuple[str, int]]
    report: Report


_candidates = msgspec.msgpack.Decoder(list[Candidate])
_packed = msgspec.msgpack.Decoder(Packed)


async def pack(report: Report, rejected: Collection[tuple[str, int]]) -> bytes:
    """The report in parts, giving others a turn between them."""
    parts: list[bytes] = []
    candidates = report.candidates
    for start in range(0, len(candidates), PART):
        parts.append(msgspec.msgpack.encode(candidates[start : start + PART]))
        await asyncio.sleep(0)
    return msgspec.msgpack.encode(Packed(sorted(rejected), parts))


async def kept(key: ReportKey) -> Kept | None:
    """What was kept under a key. What another version of homeroom packed is as good as not there."""
    row = await matching.stored_report(key)
    if row is None:
        return None
    try:
        packed = _packed.decode(row.payload)
        candidates: list[Candidate] = []
        for part in packed.parts:
            candidates += _candidates.decode(part)
            await asyncio.sleep(0)
    except msgspec.DecodeError:
        return None
    rejected = frozenset(packed.rejected)
    return Kept(row.fingerprint, row.computed_at, rejected, _report(key.policy, candidates))


async def keep(key: ReportKey, fingerprint: str, computed_at: datetime, payload: bytes) -> None:
    """Put a report in the place of the former one; joins the transaction it is called in."""
    async with atomic():
        place: dict[str, Any] = {"provider_id": key.provider, "facility_id": key.facility or 0, "policy": key.policy}
        values: dict[str, Any] = {"fingerprint": fingerprint, "computed_at": computed_at, "payload": payload}
        if not await MatchReport.filter(**place).update(**values):
            await MatchReport.create(**place, **values)


def _report(policy: MatchPolicy, candidates: Sequence[Candidate]) -> Report:
    """Candidates were packed bucket by bucket."""
    buckets = {grade: tuple(rows) for grade, rows in groupby(candidates, key=lambda candidate: candidate.grade)}
    return Report(policy, *(buckets.get(grade, ()) for grade in MatchGrade))
