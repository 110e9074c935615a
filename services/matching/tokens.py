"""What two names tell beside their score: same words swapped, without accents, shortened, or incomplete."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from domain import names
from services.matching.given_names import NICKNAME_GROUPS

Tokens = tuple[str, ...]

CROWD = 5  # a shortened form that fits more people than this points to nobody
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"})
WORDS = re.compile(r"[^\W_]+")
APOSTROPHES = re.compile("['`\u2019\u02bc]")


def tokens(name: str | None) -> Tokens:
    """The words of a name, without case, accents, apostrophes and punctuation."""
    return tuple(WORDS.findall(APOSTROPHES.sub("", names.fold(name or "").translate(LETTERS))))


def name_evidence(left: Tokens, right: Tokens) -> tuple[str, ...]:
    """Codes of what makes two differently written names one person's; nothing when the words just differ or agree."""
    if not left or not right:
        return ()
    if "".join(left) == "".join(right):
        return ("ACCENTS",)
    if sorted(left) == sorted(right):
        return ("SWAPPED_ORDER",)
    straight = _shortened(left, right)
    if straight or len(left) != 2 or len(right) != 2:
        return straight
    turned = _shortened(left[::-1], right)
    return ("SWAPPED_ORDER", *turned) if turned else ()


def _shortened(left: Tokens, right: Tokens) -> tuple[str, ...]:
    """Same family name, and a given name that is the other's initial or nickname, or a middle name left out."""
    if len(left) < 2 or len(right) < 2 or left[-1] != right[-1]:
        return ()
    given, middle = _short_form(left[0], right[0]), _middle(left[1:-1], right[1:-1])
    if given is None or middle is None:
        return ()
    return tuple(code for code in (given, middle) if code)


def _short_form(left: str, right: str) -> str | None:
    """What makes one given name the other's short form: a code, "" when they are equal, None when nothing does."""
    if left == right:
        return ""
    if left[0] == right[0] and 1 in {len(left), len(right)}:
        return "INITIAL"
    return "NICKNAME" if same_nickname(left, right) else None


def _middle(left: Tokens, right: Tokens) -> str | None:
    """What middle names say: a code, "" when they are equal, None when they contradict."""
    if left == right:
        return ""
    if not left or not right:
        return "MISSING_MIDDLE"
    agree = len(left) == len(right) and all(
        _short_form(a, b) in {"", "INITIAL"} for a, b in zip(left, right, strict=True)
    )
    return "INITIAL" if agree else None


def same_nickname(left: str, right: str) -> bool:
    """Whether both are forms of one given name."""
    return not NICKNAME_GROUPS.get(left, frozenset()).isdisjoint(NICKNAME_GROUPS.get(right, frozenset()))


class NameIndex:
    """Our people by the keys under which evidence in a name can find them."""

    def __init__(self, people: Sequence[Tokens]) -> None:
        self._people = people
        self._by_key: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for person, words in enumerate(people):
            for key in _keys(words):
                self._by_key[key].append(person)

    def alike(self, words: Tokens) -> Iterator[int]:
        """People whose name has evidence of being `words`, each once, in order."""
        ways = (words, words[::-1]) if len(words) == 2 else (words,)
        wanted = {key for way in ways for key in _keys(way)}
        found = {person for key in wanted for person in self._few(key)}
        return (person for person in sorted(found) if name_evidence(words, self._people[person]))

    def _few(self, key: tuple[str, ...]) -> list[int]:
        people = self._by_key.get(key, [])
        return people if len(people) <= CROWD else []


def _keys(words: Tokens) -> Iterator[tuple[str, ...]]:
    """Keys that two names share whenever `name_evidence` may find something."""
    if not words:
        return
    yield ("joined", "".join(words))
    yield ("sorted", *sorted(words))
    if len(words) > 1:
        given, family = words[0], words[-1]
        yield ("ends", given, family)
        yield ("initial", given[0], family)
        for group in NICKNAME_GROUPS.get(given, ()):
            yield ("nickname", str(group), family)
