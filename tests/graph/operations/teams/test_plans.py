"""What a push would do, worked out before it does it."""

from __future__ import annotations

from tests import factories
from tests.support.school import PLAN, School, summary, unlink


async def test_what_canvas_would_drop_or_refuse_is_skipped_with_reasons(lab: School) -> None:
    lab.world.groups[lab.groups["Blue"]].max_membership = 3
    await lab.pull()
    outsider = await factories.user(username="out", facility=lab.facility)
    await factories.link(provider=lab.provider, user=outsider, external_user_id="500")
    lab.people[500] = outsider
    lab.people[501] = await factories.user(username="nolink", facility=lab.facility)
    await lab.put("Blue", [94, 95, 96, 97, 500, 501])
    assert summary(await lab.plan()) == {
        "Blue": ["+96", "97 GROUP_FULL", "500 NOT_ENROLLED", "None NOT_LINKED"], "Red": [],
    }  # fmt: skip


async def test_an_edit_in_canvas_since_the_pull_is_not_overwritten(lab: School) -> None:
    await lab.pull()
    lab.world.leave(lab.groups["Red"], 91)
    lab.world.join(lab.groups["Red"], 97)
    await lab.put("Red", [91, 92])
    plan = await lab.plan()
    assert summary(plan) == {"Blue": [], "Red": ["-93", "91 CHANGED_IN_CANVAS"]}
    await lab.push(plan)
    assert lab.there("Red") == [92, 97]


async def test_people_of_another_section_are_not_sent_to_a_set_that_is_limited_to_sections(lab: School) -> None:
    other = lab.world.add_section(4821, "B").id
    lab.world.add_user("Sam Reed", id=400)
    lab.world.enrol(4821, 400, section_id=other)
    lab.people[400] = await factories.user(username="p400", facility=lab.facility)
    await factories.link(provider=lab.provider, user=lab.people[400], external_user_id="400")
    lab.world.categories[lab.sets["Lab teams"]].self_signup = "restricted"
    await lab.pull()
    await lab.put("Blue", [94, 95, 96, 400])
    assert summary(await lab.plan())["Blue"] == ["+96", "400 OTHER_SECTION"]


async def test_a_plan_of_some_teams_leaves_those_who_move_elsewhere(lab: School) -> None:
    await lab.pull()
    await lab.put("Blue", [93, 94, 95])
    answer = await lab.ask("planGroupMemberships", PLAN, teamIds=[await lab.team("Red")])
    assert summary(answer["plan"]) == {"Red": ["93 NOT_IN_PLAN"]}
    answer = await lab.ask("planGroupMemberships", PLAN, teamIds=[await lab.team("Blue")])
    assert summary(answer["plan"]) == {"Blue": ["93 from Red"]}


async def test_an_account_that_is_somebody_elses_now_is_left_alone(lab: School) -> None:
    await lab.pull()
    await lab.put("Red", [91, 92])
    await unlink(lab, 93)
    other = await factories.user(facility=lab.facility)
    await factories.link(provider=lab.provider, user=other, external_user_id="93")
    plan = await lab.plan()
    assert summary(plan)["Red"] == ["93 LINK_CHANGED"]
    run = await lab.push(plan)
    assert (run["removed"], lab.there("Red")) == (0, [91, 92, 93])
