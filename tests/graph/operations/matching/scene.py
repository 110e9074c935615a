"""Two facilities, their admins, and a Canvas whose students are partly ours."""

from __future__ import annotations

from typing import Any

from db.models import Facility, Provider, User
from domain.enums import Role
from domain.refs import ProviderRef, UserRef
from jobs.runner import Runner
from sandbox.world import World
from services.run import Pace
from services.run_kinds import HANDLERS
from tests import factories
from tests.support.house import House, gid

REPORT = """
query Report($provider: ID!, $facility: ID, $policy: MatchPolicy) {
  matchReport(providerId: $provider, facilityId: $facility, policy: $policy) {
    state computedAt run { id state step current total }
    counts { autoConfirmed ambiguous unmatched decided }
    autoConfirmed { ...C } ambiguous { ...C } unmatched { ...C }
    sources { state expected loaded provider { name } } } }
fragment C on MatchCandidate {
  canvasUser { canvasUserId name roles suggestedUser { firstName lastName username docId email } }
  user { id username } grade score evidence { code weight } runnerUps { user { username } score }
  confirmed { user { username } decidedBy { username } decidedAt } rejected { user { username } } }
"""
PLAIN = "errors { __typename ... on UserError { message path } }"
ERRORS = "errors { __typename ... on UserError { message path } ... on AlreadyLinkedError { other { id } } }"
APPLY = (
    """mutation Apply($input: ApplyMatchesInput!) { applyMatches(input: $input) {
  applied created failed { canvasUserId outcome user { username } error { __typename message } }
  outcomes { outcome canvasUserId user { username } link { id externalUserId } }
  application { id links { externalUserId unlinkedAt } } run { id state }
  provider { linkedUserCount matchReport { counts { autoConfirmed ambiguous unmatched decided } } } """
    + PLAIN
    + "} }"
)
DECIDE = (
    """mutation Decide($input: DecideMatchInput!) { decideMatch(input: $input) {
  provider { matchReport { counts { autoConfirmed ambiguous unmatched decided } } } """
    + ERRORS
    + "} }"
)
CREATE = (
    """mutation Create($input: CreateUserFromCanvasInput!) { createUserFromCanvas(input: $input) {
  user { id username firstName lastName docId email role facility { name } }
  link { id externalUserId canvasName } application { id }
  provider { canvasUsers(filter: {linked: false}) { nodes { canvasUserId } } matchReport { counts { unmatched } } } """
    + ERRORS
    + "} }"
)
RESTORE = (
    """mutation Restore($input: RestoreLinkInput!) { restoreLink(input: $input) {
  link { id unlinkedAt undoUntil } application { id undoneAt links { unlinkedAt } } """
    + ERRORS
    + "} }"
)
LINK = "mutation L($input: LinkUserInput!) { linkUser(input: $input) { link { id loginState } " + ERRORS + "} }"
UNLINK = "mutation U($input: UnlinkUserInput!) { unlinkUser(input: $input) { link { id undoUntil } " + PLAIN + "} }"


class Scene:
    """Ours: Sam Reed, Ida Hall and Bob Smith in North, Sam Reade in South. In Canvas: three of them, a stranger, a teacher."""

    north: Facility
    south: Facility
    admin: User
    southern: User
    chief: User
    canvas: Provider

    def __init__(self, house: House) -> None:
        self.house = house
        self.world = World()
        self.course = self.world.add_course("Algebra")
        self.people: dict[str, User] = {}

    def account(self, name: str, *, student: bool = True, **given: Any) -> str:
        """Canvas's id of a new account."""
        row = self.world.add_user(name, **given)
        role = "StudentEnrollment" if student else "TeacherEnrollment"
        self.world.enrol(self.course.id, row.id, type=role)
        return str(row.id)

    async def person(self, first: str, last: str, facility: Facility | None = None, **given: Any) -> User:
        found = await factories.user(first_name=first, last_name=last, facility=facility or self.north, **given)
        self.people[f"{first} {last}"] = found
        return found

    async def open(self, **given: Any) -> Scene:
        """The facilities, their admins and the Canvas."""
        self.north = await factories.facility(name="North")
        self.south = await factories.facility(name="South")
        self.admin = await factories.user(role=Role.FACILITY_ADMIN, facility=self.north)
        self.southern = await factories.user(role=Role.FACILITY_ADMIN, facility=self.south)
        self.chief = await factories.user(role=Role.DEPARTMENT_ADMIN)
        self.canvas = await self.house.canvas(self.world, name="State College", **given)
        return self

    @property
    def provider(self) -> str:
        return gid(ProviderRef(self.canvas.id))

    async def report(self, viewer: User | None = None, **variables: Any) -> Any:
        data = await self.house.data(REPORT, viewer or self.admin, provider=self.provider, **variables)
        return data["matchReport"]

    async def apply(self, viewer: User | None = None, **given: Any) -> Any:
        data = await self.house.data(APPLY, viewer or self.admin, input={"providerId": self.provider, **given})
        return data["applyMatches"]

    async def decide(self, account: str, user: User | None, decision: str | None, viewer: User | None = None) -> Any:
        given = {"providerId": self.provider, "canvasUserId": account, "decision": decision}
        given |= {"userId": gid(UserRef(user.id))} if user else {}
        return (await self.house.data(DECIDE, viewer or self.admin, input=given))["decideMatch"]

    async def create(self, account: str, viewer: User | None = None, **given: Any) -> Any:
        given = {"providerId": self.provider, "canvasUserId": account, **given}
        return (await self.house.data(CREATE, viewer or self.admin, input=given))["createUserFromCanvas"]

    async def link(self, user: User, account: str, viewer: User | None = None) -> Any:
        given = {"providerId": self.provider, "userId": gid(UserRef(user.id)), "canvasUserId": account}
        return (await self.house.data(LINK, viewer or self.admin, input=given))["linkUser"]

    async def unlink(self, link_id: str, viewer: User | None = None) -> Any:
        return (await self.house.data(UNLINK, viewer or self.admin, input={"linkId": link_id}))["unlinkUser"]

    async def restore(self, viewer: User | None = None, **given: Any) -> Any:
        return (await self.house.data(RESTORE, viewer or self.admin, input=given))["restoreLink"]

    async def work(self) -> None:
        """Carry out the runs that were asked for."""
        jobs, self.house.queue.jobs[:] = list(self.house.queue.jobs), []
        runner = Runner(self.house.engine, HANDLERS, Pace(told=0))
        for _, key in jobs:
            await runner.run(key)


def typenames(payload: Any) -> list[str]:
    return [error["__typename"] for error in payload["errors"]]


def rows(bucket: list[Any]) -> list[tuple[str, str | None]]:
    """(name in Canvas, our user name) of each candidate."""
    return [(one["canvasUser"]["name"], one["user"] and one["user"]["username"]) for one in bucket]
