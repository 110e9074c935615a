"""The `homeroom` command."""

from __future__ import annotations

from cyclopts import App

from commands import serving
from commands.demo import demo
from commands.importing import import_
from commands.people import facility, token, user
from commands.providers import keys, provider
from commands.records import ledger, prune
from commands.working import worker

app = App(
    name="homeroom",
    help="One GraphQL API over an organisation's own programs, classes, teams and calendar and over those in its Canvas "
    "instances. Try it with `homeroom demo`; for a first start of your own see the README.",
)
for verb in (
    demo,
    serving.serve,
    serving.migrate,
    serving.schema,
    serving.explain,
    serving.sandbox,
    token,
    worker,
    prune,
    ledger,
):
    app.command(verb)
app.command(import_, name="import")
for noun in (facility, user, provider, keys):
    app.command(noun)


def main() -> None:
    """Run the command of `sys.argv`."""
    app()


if __name__ == "__main__":
    main()
