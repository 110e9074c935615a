"""The `homeroom` command. A verb's machinery is imported when that verb runs."""

from __future__ import annotations

from cyclopts import App

app = App(
    name="homeroom",
    help="One GraphQL API over an organisation's own programs, classes, teams and calendar and over those in its Canvas "
    "instances. Try it with `homeroom demo`; for a first start of your own see the README.",
)

VERBS = {
    "demo": "commands.demo:demo",
    "serve": "commands.serving:serve",
    "worker": "commands.working:worker",
    "migrate": "commands.serving:migrate",
    "facility": "commands.people:facility",
    "user": "commands.people:user",
    "token": "commands.people:token",
    "provider": "commands.providers:provider",
    "import": "commands.importing:import_",
    "keys": "commands.providers:keys",
    "prune": "commands.records:prune",
    "ledger": "commands.records:ledger",
    "explain": "commands.serving:explain",
    "schema": "commands.serving:schema",
    "sandbox": "commands.serving:sandbox",
}

for name, path in VERBS.items():
    app.command(path, name=name)


def main() -> None:
    """Run the command of `sys.argv`."""
    app()


if __name__ == "__main__":
    main()
