"""A Canvas course with groups, and our people behind its accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from db import models
from domain.enums import Role
from domain.refs import CanvasClassRef, TeamRef
from sandbox.world import World
from services.run import Pace
from services.run_kinds import HANDLERS
from services.run_work import carry_out
from tests import factories
from tests.support.house import House, gid

PACE = Pace(told=0)
ERRORS = "errors { __typename ... on UserError { message path } }"
STALE = ERRORS[:-1] + "... on PlanStaleError { team { name } } }"
RUN = "run { id kind state step current total message created updated removed unchanged skipped issues { code canvasUserId team { name } } pushed { canvasUserId outcome from { name } } }"
PLAN = """plan { id requiresOverride brake expiresAt changes { team { name } keeps adds { canvasUserId user { username } }
  removes { canvasUserId user { username } } moves { member { canvasUserId } from { name } } skipped { canvasUserId code } } }"""

TEAMS = """{ teams { totalCount nodes { name source canvasGroupId canvasGroupSet class { name } memberCount pendingChanges
  lastSyncedAt members { username team { name } teamSource } } } }"""


@dataclass
class School:
    """Course 4821 with accounts 91 to 98; `people` are ours by account, `groups` the groups' ids by name."""

    house: House
    world: World
    provider: models.Provider
    admin: models.User
    facility: models.Facility
    people: dict[int, models.User] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    sets: dict[str, int] = field(default_factory=dict)

    @property
    def ref(self) -> CanvasClassRef:
        return CanvasClassRef(self.provider.id, "4821")

    def add_group(self, name: str, members: list[int], *, group_set: str = "Lab teams", **given: Any) -> int:
        if group_set not in self.sets:
            self.sets[group_set] = self.world.add_group_set(4821, group_set).id
        self.groups[name] = self.world.add_group(self.sets[group_set], name, members=members, **given).id
        return self.groups[name]

    def there(self, name: str) -> list[int]:
        """Who is in the Canvas group."""
        return sorted(row.user_id for row in self.world.live_members(self.groups[name]))

    async def here(self, name: str) -> list[int]:
        """The accounts of who is in the team of that name."""
        team = await models.Team.get(name=name, deleted_at=None)
        rows = await models.TeamMembership.filter(team_id=team.id, until=None)
        accounts = {person.id: account for account, person in self.people.items()}
        return sorted(accounts[row.user_id] for row in rows)

    async def team(self, name: str) -> str:
        return gid(TeamRef((await models.Team.get(name=name, deleted_at=None)).id))

    async def ask(self, mutation: str, fields: str, viewer: models.User | None = None, **input: Any) -> Any:
        name = mutation[0].upper() + mutation[1:]
        errors = STALE if mutation == "pushGroupMemberships" else ERRORS
        query = f"mutation M($input: {name}Input!) {{ {mutation}(input: $input) {{ {fields} {errors} }} }}"
        return (await self.house.data(query, viewer or self.admin, input=input))[mutation]

    async def work(self) -> None:
        """Carry out what waits."""
        jobs, self.house.queue.jobs = self.house.queue.jobs, []
        for _, key in jobs:
            await carry_out(self.house.engine, key, HANDLERS, PACE)

    async def run(self, mutation: str, viewer: models.User | None = None, **input: Any) -> Any:
        """The run of a mutation that starts one, at its end."""
        answer = await self.ask(mutation, "run { id }", viewer, **input)
        assert answer["errors"] == [], answer
        await self.work()
        query = f"query Q($id: ID!) {{ node(id: $id) {{ ... on SyncRun {{ {RUN[6:-2]} }} }} }}"
        return (await self.house.data(query, viewer or self.admin, id=answer["run"]["id"]))["node"]

    async def pull(self, **input: Any) -> Any:
        return await self.run("syncTeams", classId=gid(self.ref), **input)

    async def put(self, name: str, accounts: list[int], viewer: models.User | None = None) -> Any:
        ids = [gid_of(self.people[account]) for account in accounts]
        return await self.ask(
            "setTeamMembers", "team { pendingChanges }", viewer, teamId=await self.team(name), userIds=ids
        )

    async def plan(self, viewer: models.User | None = None) -> Any:
        answer = await self.ask("planGroupMemberships", PLAN, viewer, classId=gid(self.ref))
        assert answer["errors"] == [], answer
        return answer["plan"]

    async def push(self, plan: Any, viewer: models.User | None = None, **input: Any) -> Any:
        return await self.run("pushGroupMemberships", viewer, planId=plan["id"], **input)


def gid_of(user: models.User) -> str:
    from domain.refs import UserRef

    return gid(UserRef(user.id))


async def unlink(made: School, account: int) -> None:
    """The account is nobody's any more."""
    await models.ProviderLink.filter(external_user_id=str(account)).update(unlinked_at=made.house.clock.now)


async def school(house: House, accounts: int = 8, linked: int | None = None) -> School:
    """Students 91… of course 4821, the first `linked` of them ours, all of one facility."""
    world = World()
    world.add_course("Welding", id=4821, code="WLD-101")
    facility = await factories.facility(name="North")
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    provider = await house.canvas(world, name="State College")
    made = School(house, world, provider, admin, facility)
    for n in range(accounts):
        account = 91 + n
        world.add_user(f"Student{n} Reed", id=account, login=f"reed{account}", email=f"reed{account}@school.example")
        world.enrol(4821, account)
        if linked is None or n < linked:
            person = await factories.user(username=f"p{account}", facility=facility)
            made.people[account] = person
            await factories.link(provider=provider, user=person, external_user_id=str(account))
    return made


def summary(plan: Any) -> dict[str, list[str]]:
    """Team → what would change, as short texts."""
    found = {}
    for change in plan["changes"]:
        texts = [f"+{one['canvasUserId']}" for one in change["adds"]]
        texts += [f"-{one['canvasUserId']}" for one in change["removes"]]
        texts += [f"{move['member']['canvasUserId']} from {move['from']['name']}" for move in change["moves"]]
        texts += [f"{one['canvasUserId']} {one['code']}" for one in change["skipped"]]
        found[change["team"]["name"]] = texts
    return found
