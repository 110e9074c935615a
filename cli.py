"""The `homeroom` command. A verb's machinery is imported when that verb runs; its help is read from the source."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from cyclopts import App, Parameter
from pydantic import ValidationError
from pydantic_core import ErrorDetails

app = App(
    name="homeroom",
    help="One GraphQL API over an organisation's own programs, classes, teams and calendar and over those in its Canvas "
    "instances. Try it with `homeroom demo`; for a first start of your own see the README.",
    default_parameter=Parameter(negative=""),
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
    "match": "commands.matching:match",
    "sync": "commands.syncing:sync",
    "keys": "commands.providers:keys",
    "prune": "commands.records:prune",
    "ledger": "commands.records:ledger",
    "explain": "commands.serving:explain",
    "documents": "commands.documents:documents",
    "schema": "commands.serving:schema",
    "sandbox": "commands.serving:sandbox",
}


def help_of(path: str) -> str:
    """The docstring of `module:function`, or the `help` of `module:app`, without importing the module."""
    module, _, name = path.partition(":")
    source = Path(__file__).parent.joinpath(*module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_docstring(node) or ""
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.targets[0]) == name:
            return next(str(ast.literal_eval(word.value)) for word in node.value.keywords if word.arg == "help")
    raise LookupError(path)


for verb, path in VERBS.items():
    app.command(path, name=verb, help=help_of(path))


def main() -> None:
    """Run the command of `sys.argv`. A setting that cannot be used ends it with a sentence."""
    try:
        app()
    except ValidationError as error:
        wrong = (f"HOMEROOM_{str(one['loc'][0]).upper()}: {_said(one)}" for one in error.errors())
        sys.exit("\n".join(f"homeroom: {line}" for line in wrong))


def _said(error: ErrorDetails) -> str:
    """The reason alone: a value may be a secret."""
    return error["msg"].removeprefix("Value error, ")


if __name__ == "__main__":
    main()
