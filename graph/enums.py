"""The enums of domain/, described for those who read the schema."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry

from domain.enums import (
    CanvasAccountState,
    ClassStatus,
    EnrollmentStatus,
    EnrollOutcome,
    GroupsState,
    LinkAction,
    LoginState,
    MatchDecision,
    MatchGrade,
    MatchOutcomeKind,
    MatchPolicy,
    ProviderKind,
    ProviderState,
    PushOutcome,
    Role,
    Source,
    SourceState,
    SyncKind,
    SyncState,
)

__all__ = [
    "CanvasAccountState",
    "ClassStatus",
    "EnrollOutcome",
    "EnrollmentStatus",
    "GroupsState",
    "LinkAction",
    "LoginState",
    "MatchDecision",
    "MatchGrade",
    "MatchOutcomeKind",
    "MatchPolicy",
    "ProviderKind",
    "ProviderState",
    "PushOutcome",
    "Role",
    "Source",
    "SourceState",
    "SyncKind",
    "SyncState",
    "describe",
]

E = TypeVar("E", bound=Enum)


def describe(enum: type[E], description: str, values: Mapping[str, str]) -> None:
    """Make an enum part of the schema. Every value needs a description: KeyError otherwise."""
    described = strawberry.enum(enum, description=description)
    for value in described.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]


describe(
    Source,
    "Where an object is kept and changed.",
    {
        "NATIVE": "In the organisation's own database; can be changed here.",
        "CANVAS": "In a Canvas instance; read-only here.",
    },
)
describe(
    Role,
    "What a person is to the organisation. Nobody grants a role above their own.",
    {
        "STUDENT": "Sees only themselves: their classes, their calendar.",
        "FACILITY_ADMIN": "Sees and manages the people and classes of one facility.",
        "DEPARTMENT_ADMIN": "The same for all facilities; also providers and programs.",
        "SYSTEM_ADMIN": "Also facilities and every role.",
    },
)
describe(
    SourceState,
    "How current what a source contributed is.",
    {
        "FRESH": "Read from its source within the last minutes.",
        "STALE": "Older, shown while a refresh runs or because the last refresh failed (then with an error code).",
        "LOADING": "Not there yet: it is being fetched. Ask again after `retryAfter`.",
        "FAILED": "There is no data, and the last attempt to get it failed.",
        "DISABLED": "Switched off: nothing is read from it.",
    },
)
describe(
    ProviderKind,
    "What kind of Canvas a provider is.",
    {"CANVAS_CLOUD": "Hosted by Instructure.", "CANVAS_OSS": "Hosted by the organisation or a partner."},
)
describe(
    ProviderState,
    "Whether a provider takes part.",
    {
        "ENABLED": "Its programs, classes and people are shown.",
        "DISABLED": "Switched off for now: no row, no count, no request to it.",
        "ARCHIVED": "Kept for its history only.",
    },
)
describe(
    MatchPolicy,
    "How name matches are graded.",
    {
        "SAFE": "The score, corrected by evidence: doubtful matches go to review.",
        "PUBLISHED": "The published score alone.",
    },
)
describe(
    LoginState,
    "Whether a linked person can sign in to Canvas through the organisation.",
    {
        "NONE": "No login was asked for.",
        "PENDING": "The login is being made.",
        "READY": "The login exists.",
        "FAILED": "The login could not be made; the link stands all the same.",
    },
)
describe(
    ClassStatus,
    "Where a class is in its life.",
    {
        "SCHEDULED": "It starts in the future.",
        "ACTIVE": "It is running.",
        "PAUSED": "It is interrupted (native classes only).",
        "COMPLETED": "It is over.",
        "CANCELLED": "It was called off (native classes only).",
    },
)
describe(
    EnrollmentStatus,
    "Where a person is in a class. Canvas enrolments are ENROLLED or COMPLETED.",
    {
        "ENROLLED": "In the class now.",
        "COMPLETED": "Finished it.",
        "WITHDRAWN": "Left it by their own wish.",
        "DROPPED": "Was taken out of it.",
        "FAILED_TO_COMPLETE": "Was there to the end without finishing it.",
        "TRANSFERRED": "Left it because they moved to another facility.",
        "CANCELLED": "The class was called off.",
    },
)
describe(
    EnrollOutcome,
    "What became of one person who was to be enrolled.",
    {
        "ENROLLED": "Enrolled now.",
        "ALREADY_ENROLLED": "Was in the class already; nothing changed.",
        "NOT_FOUND": "There is no such person, or not for you.",
        "NOT_A_STUDENT": "Only students are enrolled.",
        "DEACTIVATED": "Reactivate the person first.",
        "NO_SEAT": "The class is full.",
    },
)
describe(
    SyncKind,
    "What a run does.",
    {
        "PULL_TEAMS": "Takes Canvas groups and their members over as teams.",
        "PUSH_MEMBERSHIPS": "Writes the memberships of a plan to Canvas.",
        "ASSIGN_UNASSIGNED": "Lets Canvas spread students without a group over a group set.",
        "PUBLISH_TEAMS": "Makes Canvas groups for teams made by hand.",
        "MATCH": "Works out which person is which Canvas account.",
        "APPLY_MATCHES": "Links the people of a match report.",
        "LOGINS": "Makes the Canvas logins of linked people, and moves them when the sign-in is registered anew.",
    },
)
describe(
    PushOutcome,
    "What a push did to one person, as Canvas shows it afterwards.",
    {
        "ADDED": "Is in the group now.",
        "MOVED": "Is in the group now, and left another one of the set.",
        "REMOVED": "Is in the group no more.",
        "REFUSED": "Canvas refused it; the run's issue says why.",
        "MISSING": "Canvas took it without a word, and the person is not in the group.",
        "STILL_THERE": "Canvas took it without a word, and the person is still in the group.",
    },
)
describe(
    SyncState,
    "Where a run is.",
    {
        "QUEUED": "Waits for a process to take it up.",
        "RUNNING": "Is being carried out; `step`, `current` and `total` say how far it is.",
        "SUCCEEDED": "Done.",
        "SUCCEEDED_WITH_WARNINGS": "Done, but for what `issues` tell.",
        "FAILED": "Ended early; `message` says why. What it had done stays done.",
        "CANCELLED": "Stopped on request. What it had done stays done.",
    },
)
describe(
    MatchGrade,
    "How sure a match is.",
    {
        "AUTO_CONFIRMED": "So sure that it may be applied without a look at each.",
        "AMBIGUOUS": "Somebody has to look.",
        "UNMATCHED": "Nobody of ours comes near enough; `runnerUps` are the nearest.",
    },
)
describe(
    MatchDecision,
    "What somebody decided about a pair. It waits on the server.",
    {
        "CONFIRMED": "They are the same; linked by the next `applyMatches(confirmed: true)`.",
        "REJECTED": "They are not the same; never suggested again until cleared.",
    },
)
describe(
    MatchOutcomeKind,
    "What became of one item of `applyMatches`.",
    {
        "LINKED": "Linked now.",
        "ALREADY_LINKED": "These two were linked before; nothing changed.",
        "CREATED": "The person was created and linked.",
        "FAILED": "Nothing changed; `error` says why.",
    },
)
describe(
    CanvasAccountState,
    "What Canvas last said of a linked account.",
    {
        "PRESENT": "It is there.",
        "RENAMED": "It has another name than before: look whether it is still the same person, and keep or undo the link.",
        "MERGED": "It was merged into another account: follow it there, or undo the link.",
        "DELETED": "It was deleted, or the access key may not see it any more: undo the link.",
    },
)
describe(
    LinkAction,
    "What to do about a link whose Canvas account has changed.",
    {
        "KEEP": "It is the right person under a new name.",
        "FOLLOW_MERGE": "Link the person to the account that theirs was merged into.",
    },
)
describe(
    GroupsState,
    "Whether a Canvas class has group sets, as its last pull saw it.",
    {
        "HAS_GROUPS": "It has: its groups are teams.",
        "NO_GROUPS": "It has none: show “No Canvas groups found — please create Teams manually.”",
        "UNKNOWN": "Its teams were never pulled.",
    },
)
