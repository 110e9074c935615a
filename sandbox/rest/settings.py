"""What any signed-in client may know of the installation."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask


def environment(ask: Ask) -> dict[str, Any]:
    """The limit's key is absent where no limit was set."""
    limit = ask.behaviour.calendar_contexts_limit
    known = {} if limit is None else {"calendar_contexts_limit": limit}
    return {**known, "open_registration": False, "enable_profiles": False}
