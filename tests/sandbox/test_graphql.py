"""Canvas's GraphQL: nulls for missing rights, what is left out, limits, and both walks giving the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    get_named_type,
    get_operation_ast,
    is_introspection_type,
    is_specified_scalar_type,
    parse,
)

from sandbox.app import Sandbox
from sandbox.behaviour import Behaviour
from sandbox.graphql.context import Context, relay_id
from sandbox.graphql.endpoint import quick
from sandbox.graphql.limits import Weighing
from sandbox.graphql.schema import SDL, schema
from sandbox.rights import Caller
from sandbox.world import World

REFERENCE = Path(__file__).parents[3] / "shared" / "docs" / "canvas-schema.graphql"

ROSTERS = """query($ids:[ID!]){ courses(ids:$ids){ _id name state term{_id endAt}
  enrollmentsConnection(first:100, filter:{types:[StudentEnrollment], states:[active,completed]}){
    nodes{ _id userId type state createdAt courseSectionId user{_id name sortableName} }
    pageInfo{ hasNextPage endCursor totalCount } } } }"""
GROUPS = """query($ids:[ID!]){ courses(ids:$ids){ _id groupSets{ _id name memberLimit selfSignup
  groupsConnection(first:100){ nodes{ _id name membersCount
     membersConnection(first:100){ nodes{ _id state user{_id name} } pageInfo{hasNextPage endCursor} } }
     pageInfo{hasNextPage endCursor} } } } }"""
DEEP_GROUPS = """query($ids:[ID!]){ courses(ids:$ids){ _id groupSetsConnection(first:100){ nodes { _id
  groupsConnection(first:100){ nodes{ _id membersConnection(first:100){ nodes{ _id user{_id} } } } } } } } }"""
PERSON = """query($id: ID!, $all: Boolean = false) { legacyNode(_id: $id, type: User) { __typename id ... on User {
  ...Who enrollments(excludeConcluded: true) { ...Row course { _id state sisId } section { name } grades { finalScore } }
  groupMemberships { state group { name groupCategory { name } } } email @include(if: $all) shortName @skip(if: $all) } } }
  fragment Who on User { _id name loginId sisId firstName lastName }
  fragment Row on Enrollment { _id type role { name } concluded associatedUser { _id } }"""
COUNTS = """{ account(id: "1") { name coursesConnection(first: 3) { edges { cursor node { _id sisId
  usersConnectionCount(filter: {enrollmentTypes: [StudentEnrollment], excludeTestStudents: true})
  sectionsConnection { nodes { name userCount } } } } pageInfo { hasNextPage endCursor } } } }"""


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    answer = await client.post("/api/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def test_missing_and_unreadable_courses_are_left_out_and_the_rest_sorted(
    client: httpx.AsyncClient, world: World
) -> None:
    world.add_course("Algebra", id=10)
    world.add_course("Secret", id=11, readable=False)
    world.add_course("Gone", id=12, state="deleted")

    body = await ask(
        client, "query($ids:[ID!]){courses(ids:$ids){_id name}}", ids=["4821", "12", "11", "10", "10", "9"]
    )

    assert body == {"data": {"courses": [{"_id": "10", "name": "Algebra"}, {"_id": "4821", "name": "Welding"}]}}


async def test_more_than_a_hundred_courses_are_refused(client: httpx.AsyncClient) -> None:
    body = await ask(client, "query($ids:[ID!]){courses(ids:$ids){_id}}", ids=[str(n) for n in range(101)])

    assert body["data"] == {"courses": None}
    assert [error["message"] for error in body["errors"]] == ["Cannot request more than 100 courses at once"]


@pytest.mark.parametrize(("first", "rows"), [("", 20), ("(first: 500)", 100), ("(first: 7)", 7)])
async def test_pages_are_twenty_by_default_and_a_hundred_at_most(
    client: httpx.AsyncClient, world: World, first: str, rows: int
) -> None:
    for n in range(120):
        world.enrol(4821, world.add_user(f"Extra {n}").id)
    query = f'{{course(id:"4821"){{enrollmentsConnection{first}{{nodes{{_id}} pageInfo{{hasNextPage endCursor totalCount}}}}}}}}'

    page = (await ask(client, query))["data"]["course"]["enrollmentsConnection"]

    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"], page["pageInfo"]["totalCount"]) == (rows, True, 127)
    after = f'(first: 100, after: "{page["pageInfo"]["endCursor"]}")'
    rest = (await ask(client, query.replace(f"Connection{first}", f"Connection{after}")))["data"]["course"]
    following = [row["_id"] for row in rest["enrollmentsConnection"]["nodes"]]
    assert len(following) == min(127 - rows, 100)
    assert {row["_id"] for row in page["nodes"]} & set(following) == set()


async def test_without_states_everything_but_deleted_is_shown(client: httpx.AsyncClient, world: World) -> None:
    for key, state in ((92, "invited"), (93, "completed"), (94, "inactive"), (95, "deleted")):
        world.enrollments_of_user[key][0].state = state

    body = await ask(client, '{course(id:"4821"){enrollmentsConnection{nodes{userId state}}}}')

    assert [(row["userId"], row["state"]) for row in body["data"]["course"]["enrollmentsConnection"]["nodes"]] == [
        ("91", "active"),
        ("92", "invited"),
        ("93", "completed"),
        ("94", "inactive"),
        ("91", "active"),
        ("55", "active"),
    ]


async def test_a_missing_right_is_null_and_no_error(client: httpx.AsyncClient, app: Sandbox, world: World) -> None:
    group_set = world.add_group_set(4821, "Teams")
    world.add_group(group_set.id, "Team 1", members=[91])
    app.state.behaviour.deny(4821, "read_roster")
    query = """{course(id:"4821"){name usersConnectionCount enrollmentsConnection{nodes{_id}}
        groupSets{groupsConnection{nodes{name membersConnection{nodes{_id}}}}}}}"""

    roster_denied = await ask(client, query)
    app.state.behaviour.deny(4821, "manage_groups")
    groups_denied = await ask(client, '{course(id:"4821"){groupSets{_id}}}')
    app.state.behaviour.denied_rights = ["read_course_list", "view_logins"]
    account = await ask(
        client, '{account(id:"1"){coursesConnection{nodes{_id}}} legacyNode(_id:"91",type:User){...on User{loginId}}}'
    )

    assert roster_denied == {
        "data": {
            "course": {
                "name": "Welding",
                "usersConnectionCount": None,
                "enrollmentsConnection": None,
                "groupSets": [{"groupsConnection": {"nodes": [{"name": "Team 1", "membersConnection": None}]}}],
            }
        }
    }
    assert groups_denied == {"data": {"course": {"groupSets": None}}}
    assert account == {"data": {"account": {"coursesConnection": None}, "legacyNode": {"loginId": None}}}


async def test_ids_are_taken_in_both_forms(client: httpx.AsyncClient) -> None:
    opaque = relay_id("Course", 4821)

    body = await ask(client, "query($id:ID!){course(id:$id){_id id} node(id:$id){...on Course{name}}}", id=opaque)

    assert body["data"] == {"course": {"_id": "4821", "id": opaque}, "node": {"name": "Welding"}}


async def test_group_sets_are_the_normal_ones_and_tags_on_demand(client: httpx.AsyncClient, world: World) -> None:
    world.add_group_set(4821, "Teams")
    world.add_group_set(4821, "Student Groups", role="student_organized")
    world.add_group_set(4821, "Extra time", non_collaborative=True)

    body = await ask(client, '{course(id:"4821"){groupSets{name} all:groupSets(includeNonCollaborative:true){name}}}')

    assert body["data"]["course"] == {
        "groupSets": [{"name": "Teams"}],
        "all": [{"name": "Extra time"}, {"name": "Teams"}],
    }


async def test_making_sets_and_groups_tells_errors_in_the_payload(client: httpx.AsyncClient, world: World) -> None:
    make = """mutation($name:String!){createGroupSet(input:{contextId:"4821",contextType:course,name:$name,createGroupCount:2})
        {groupSet{_id name groups{name membersCount}} errors{attribute message}}}"""

    made = await ask(client, make, name="Labs")
    again = await ask(client, make, name="labs")
    key = made["data"]["createGroupSet"]["groupSet"]["_id"]
    add = "mutation($id:ID!,$name:String!){createGroupInSet(input:{groupSetId:$id,name:$name}){group{name} errors{message}}}"
    group = await ask(client, add, id=key, name="Lab 3")
    blank = await ask(client, add, id=key, name=" ")

    assert made["data"]["createGroupSet"] == {
        "groupSet": {
            "_id": key,
            "name": "Labs",
            "groups": [{"name": "Lab 1", "membersCount": 0}, {"name": "Lab 2", "membersCount": 0}],
        },
        "errors": None,
    }
    assert again["data"]["createGroupSet"]["errors"] == [{"attribute": "name", "message": "labs is already in use."}]
    assert group["data"]["createGroupInSet"] == {"group": {"name": "Lab 3"}, "errors": None}
    assert blank["data"]["createGroupInSet"] == {"group": None, "errors": [{"message": "Name is required"}]}


@pytest.mark.parametrize(("query", "depth", "complexity"), [(ROSTERS, 5, 1013), (GROUPS, 8, 50_812)])
def test_documents_weigh_what_canvas_says(query: str, depth: int, complexity: int) -> None:
    document = parse(query)
    operation = get_operation_ast(document)
    assert operation is not None
    weighing = Weighing(document, {})

    assert weighing.depth(operation) == depth
    assert weighing.complexity(operation) == complexity or (
        complexity == 0 and weighing.complexity(operation) > 375_000
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (DEEP_GROUPS, "which exceeds max complexity of 375000"),
        (
            '{course(id:"1"){account{parentAccountsConnection{nodes{'
            + "parentAccountsConnection{nodes{" * 6
            + "_id"
            + "}}" * 6
            + "}}}}}",
            "exceeds max depth of 15",
        ),
        ("{" + " ".join(f'c{n}:course(id:"{n}"){{_id}}' for n in range(21)) + "}", "max query aliases exceeded"),
        (
            "{term(id:1){_id "
            + " ".join(f"{name} @skip(if:false)" for name in ("name", "sisId", "startAt", "endAt", "id", "_id"))
            + "}}",
            "max query directives exceeded",
        ),
        ("{courses(ids:[" + ",".join(f'"{n}"' for n in range(5000)) + "]){_id}}", "5000 tokens"),
        ("{course(id:1){startAt}}", "Cannot query field 'startAt' on type 'Course'"),
    ],
)
async def test_limits_and_mistakes_answer_200_without_data(client: httpx.AsyncClient, query: str, message: str) -> None:
    body = await ask(client, query)

    assert "data" not in body
    assert len(body["errors"]) == 1
    assert message in body["errors"][0]["message"]


async def test_an_old_canvas_has_no_courses_field_or_no_graphql(client: httpx.AsyncClient, app: Sandbox) -> None:
    app.state.behaviour.has_graphql_courses = False
    old = await ask(client, '{courses(ids:["4821"]){_id}}')
    single = await ask(client, '{c1:course(id:"4821"){_id}}')
    fields = await ask(client, '{__type(name:"Query"){fields{name}}}')
    app.state.behaviour.has_graphql = False
    none = await client.post("/api/graphql", json={"query": "{__typename}"})

    assert "Cannot query field 'courses'" in old["errors"][0]["message"]
    assert single == {"data": {"c1": {"_id": "4821"}}}
    assert "courses" not in [field["name"] for field in fields["data"]["__type"]["fields"]]
    assert none.status_code == 404


async def test_variables_may_be_json_text(client: httpx.AsyncClient) -> None:
    query = "query($id: ID!) { course(id: $id) { name } }"

    given, broken = [
        (await client.post("/api/graphql", data={"query": query, "variables": text})).json()
        for text in ('{"id": "4821"}', "{")
    ]

    assert given == {"data": {"course": {"name": "Welding"}}}
    assert broken["data"] is None
    assert "to be provided" in broken["errors"][0]["message"]


async def test_graphql_needs_a_token_like_everything_else(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/graphql", json={"query": "{__typename}"}, headers={"Authorization": "Bearer no"})

    assert answer.status_code == 401


@pytest.mark.parametrize("query", [ROSTERS, GROUPS, PERSON, COUNTS])
def test_the_quick_walk_equals_the_library(query: str) -> None:
    world = World.generate(courses=30, students=90)
    behaviour = Behaviour()
    context = Context(world, behaviour, Caller(world, behaviour, 7), "https://canvas.test")
    document = parse(query)
    operation = get_operation_ast(document)
    assert operation is not None
    variables = {"ids": [str(key) for key in world.courses]} if "$ids" in query else {"id": "5001"}

    expected = execute_sync(schema(has_courses=True), document, None, context, variables)

    assert expected.errors is None
    assert quick(schema(has_courses=True), document, operation, variables, context) == expected.data


def test_every_type_and_field_is_canvas_own() -> None:
    if not REFERENCE.exists():
        pytest.skip("the reference schema is not beside this repository")
    ours, theirs = build_schema(SDL.read_text()), build_schema(REFERENCE.read_text())

    assert _differences(ours, theirs) == []


def _differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> list[str]:
    found: list[str] = []
    for name, kind in ours.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        other = theirs.type_map[name]
        if isinstance(kind, GraphQLEnumType):
            found += [] if list(kind.values) == list(other.values) else [name]
        for field_name, field in getattr(kind, "fields", {}).items():
            reference = other.fields[field_name]
            if str(field.type) != str(reference.type) or get_named_type(field.type).name not in theirs.type_map:
                found.append(f"{name}.{field_name}")
            if not isinstance(kind, GraphQLInputObjectType):
                args = {key: str(arg.type) for key, arg in field.args.items()}
                found += [
                    f"{name}.{field_name}({key})" for key, arg in args.items() if str(reference.args[key].type) != arg
                ]
    return found
