"""The help of every command: what it does, an example, and what each of its parameters means."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cyclopts import App

from cli import app


def commands(within: App, words: tuple[str, ...] = ()) -> Iterator[tuple[str, App]]:
    for name in within:
        if name.startswith("-"):
            continue
        command = within[name]
        if command.default_command:
            yield " ".join((*words, name)), command
        else:
            yield from commands(command, (*words, name))


COMMANDS = dict(commands(app))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_shows_an_example(name: str) -> None:
    text = COMMANDS[name].default_command.__doc__ or ""
    assert f"homeroom {name}" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_each_of_its_parameters_means(name: str) -> None:
    arguments = COMMANDS[name].assemble_argument_collection(parse_docstring=True)
    assert [argument.name for argument in arguments if not argument.parameter.help] == []
