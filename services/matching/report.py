"""What a match report says: candidates in three buckets, each with its reasons."""

from __future__ import annotations

import msgspec

from domain.enums import MatchGrade, MatchPolicy


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One reason in plain words. `weight` is -1..1: how strongly it speaks for (+) or against (-) the pair."""

    code: str
    message: str
    weight: float


class RunnerUp(msgspec.Struct, frozen=True, gc=False):
    """Another of our people who comes near, with the published score."""

    user_id: int
    score: float


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """One Canvas person and whom they are proposed to be; UNMATCHED has no user and score 0."""

    canvas_user_id: str
    user_id: int | None
    grade: MatchGrade
    score: float
    evidence: tuple[Evidence, ...] = ()
    runner_ups: tuple[RunnerUp, ...] = ()


class Counts(msgspec.Struct, frozen=True):
    """How many candidates each bucket holds."""

    auto_confirmed: int
    ambiguous: int
    unmatched: int


class Report(msgspec.Struct, frozen=True):
    """Every Canvas person once. Matched buckets are best score first, then Canvas order; the last in Canvas order."""

    policy: MatchPolicy
    auto_confirmed: tuple[Candidate, ...] = ()
    ambiguous: tuple[Candidate, ...] = ()
    unmatched: tuple[Candidate, ...] = ()

    @property
    def counts(self) -> Counts:
        return Counts(len(self.auto_confirmed), len(self.ambiguous), len(self.unmatched))

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return self.auto_confirmed + self.ambiguous + self.unmatched


def encode(report: Report) -> bytes:
    """Pack a report, to be stored or sent to another process."""
    return msgspec.msgpack.encode(report)


def decode(data: bytes) -> Report:
    """Unpack what `encode` made."""
    return msgspec.msgpack.decode(data, type=Report)
