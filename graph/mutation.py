from __future__ import annotations

import strawberry

from graph.mutations.create_program import create_program


@strawberry.type(
    description="Everything that can be done. Each mutation answers a payload whose `errors` say why nothing was done: their "
    "`__typename` is the code, and `... on UserError` covers those added later."
)
class Mutation:
    create_program = create_program
