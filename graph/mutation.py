from __future__ import annotations

import strawberry

from graph.mutations.cancel_sync_run import cancel_sync_run
from graph.mutations.create_program import create_program
from graph.mutations.create_provider import create_provider
from graph.mutations.link_user import link_user
from graph.mutations.refresh_provider import refresh_provider
from graph.mutations.test_provider import test_provider
from graph.mutations.unlink_user import unlink_user
from graph.mutations.update_provider import update_provider


@strawberry.type(
    description="Everything that can be done. Each mutation answers a payload whose `errors` say why nothing was done: their "
    "`__typename` is the code, and `... on UserError` covers those added later."
)
class Mutation:
    create_program = create_program
    create_provider = create_provider
    update_provider = update_provider
    test_provider = test_provider
    refresh_provider = refresh_provider
    link_user = link_user
    unlink_user = unlink_user
    cancel_sync_run = cancel_sync_run
