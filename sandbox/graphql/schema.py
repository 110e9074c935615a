"""The slim schema with its resolvers, in the new form and in the one from before `Query.courses`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, build_schema

from sandbox.graphql import changes, classes, people, query
from sandbox.graphql.context import Resolvers

SDL = Path(__file__).parent.parent / "canvas.graphql"

RESOLVERS: dict[str, Resolvers] = {
    "Query": query.QUERY,
    "Mutation": changes.MUTATION,
    "Account": query.ACCOUNT,
    "Term": query.TERM,
    "Course": {**classes.COURSE, **people.COURSE_GROUPS},
    "Section": classes.SECTION,
    "Enrollment": classes.ENROLLMENT,
    "User": people.USER,
    "GroupSet": people.GROUP_SET,
    "Group": people.GROUP,
    "GroupMembership": people.MEMBERSHIP,
}


@cache
def schema(*, has_courses: bool = True) -> GraphQLSchema:
    """Build the schema once; without `courses` it is that of an old Canvas."""
    made = build_schema(SDL.read_text())
    for type_name, fields in RESOLVERS.items():
        found = made.type_map[type_name]
        assert isinstance(found, GraphQLObjectType)  # noqa: S101  Told to the type checker; the names are ours.
        for name, resolve in fields.items():
            found.fields[name].resolve = resolve
    for found in made.type_map.values():
        if isinstance(found, GraphQLInterfaceType):
            found.resolve_type = query.type_name
    if not has_courses and made.query_type is not None:
        del made.query_type.fields["courses"]
    return made
