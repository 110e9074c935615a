"""People who write until they are told that it is done, and what must be in the database afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from benchmarks.load import request

WRITE = (
    "mutation Make($name: String!, $key: String!) { createProgram(input: {name: $name, idempotencyKey: $key}) "
    "{ program { id } errors { __typename } } }"
)


@dataclass
class Writers:
    """The first `count` clients make one program after the other, and repeat each under its key until it is answered.

    `told`: programs acknowledged. `done`: those whose repeat said that they had been made before.
    """

    urls: list[str]
    token: str
    count: int
    told: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    _turn: dict[int, int] = field(default_factory=dict)

    def asks(self, client: int) -> bool:
        return client < self.count

    def next(self, client: int) -> bytes:
        name = self._name(client)
        return request(self.urls[client % len(self.urls)], WRITE, self.token, {"name": name, "key": name})

    def heard(self, client: int, content: bytes) -> None:
        """Go on to the next one where this one is there for certain."""
        try:
            payload = (orjson.loads(content).get("data") or {}).get("createProgram") or {}
        except orjson.JSONDecodeError:
            return
        kinds = {error["__typename"] for error in payload.get("errors", ())}
        if payload.get("program"):
            self.told.add(self._name(client))
        elif kinds & {"NameTakenError"} or (kinds & {"ConflictError"} and b"answer is lost" in content):
            self.done.add(self._name(client))
        else:
            return
        self._turn[client] = self._turn.get(client, 0) + 1

    def _name(self, client: int) -> str:
        return f"storm {client}-{self._turn.get(client, 0)}"

    def judged(self, made: list[str]) -> str:
        """Beside what the database has: of the three numbers all but the first should be 0."""
        lost = (self.told | self.done) - set(made)
        return f"{len(self.told)} / {len(lost)} / {len(made) - len(set(made))}"
