"""The names of the demo world. Nothing here is random, so that other code can name the same people.

`person(seed, n)` is the n-th person of a world, counted from 1:
the overlay `SPECIAL` first, else `FIRST[(7 * n + 3 * seed) % 96]` and `LAST[(11 * n + n // 96 + seed) % 128]`.
Their login is `<first>.<last>.<n>` in lower-case ASCII (NFKD, everything but a-z and 0-9 dropped from each part, empty parts left out), their SIS
id is `D%05d` of n and their Canvas id 5000 + n, or 74140000000000000 + n where n is a multiple of 97. `NO_LOGIN` has neither login nor SIS id.
"""

from __future__ import annotations

import re
import unicodedata

_FIRST = (
    "Aaron Abigail Adrian Alice Andre Angela Anthony Ashley Barbara Benjamin Brandon Brenda Brian Camila Carlos Carmen "
    "Caroline Charles Christina Daniel Darnell David Deborah Denise Diego Dominic Donna Edward Elena Elijah Emma Eric "
    "Ethan Evelyn Felicia Fernando Frank Gabriel Gloria Grace Gregory Hannah Harold Hector Helen Henry Isaac Isabel "
    "Jacob Jamal Janet Jasmine Jeremy Jerome Joyce Julia Karen Keisha Kevin Kiara Lamar Laura Leon Lillian Lorenzo "
    "Lucia Malik Marcus Maria Martin Megan Monica Nathan Nicole Nora Oscar Pamela Patrick Paula Peter Quentin Rachel "
    "Ramon Raymond Rosa Ruth Samuel Sandra Sofia Terrence Tiffany Tyrone Valerie Victor Wanda Yolanda"
)
_LAST = (
    "Adams Aguilar Allen Anderson Armstrong Bailey Baker Banks Barnes Bell Bennett Bishop Black Boyd Bradley Brooks "
    "Bryant Burke Burns Butler Campbell Carr Castillo Castro Chapman Chavez Clark Coleman Collins Cook Cooper Cox "
    "Crawford Cruz Cunningham Daniels Davis Delgado Diaz Dixon Duncan Edwards Elliott Ellis Evans Ferguson Fernandez "
    "Fisher Flores Ford Foster Fowler Franklin Freeman Garcia Gardner Garza George Gibson Gomez Gonzales Gordon Graham "
    "Grant Gray Green Griffin Guzman Hall Hamilton Hansen Harper Harris Hart Hawkins Hayes Henderson Hernandez Hicks "
    "Hill Holmes Howard Hudson Hughes Hunt Hunter Jackson Jenkins Jimenez Jordan Kelley Kennedy King Knight Lawrence "
    "Lewis Long Lopez Marshall Martinez Mason Matthews Mendoza Mills Mitchell Moore Morales Morgan Morris Murphy "
    "Murray Myers Nelson Nguyen Ortiz Palmer Parker Perez Perry Peterson Phillips Porter Powell Price Ramirez Reed "
    "Reyes Rhodes"
)

FIRST = tuple(_FIRST.split())
LAST = tuple(_LAST.split())
NO_LOGIN = 26

SPECIAL: dict[int, tuple[str, str]] = {
    11: ("Robert", "Brown"),
    12: ("Roberta", "Brown"),
    13: ("James", "Thomas"),
    14: ("Thomas", "James"),
    15: ("Katherine", "Stone"),
    16: ("Bill", "Harrison"),
    17: ("Liz", "Alvarez"),
    18: ("Mike", "O'Neill"),
    19: ("José", "Núñez"),
    20: ("Zoë", "Müller"),
    21: ("Miguel", "Santos"),
    22: ("Miguel", "Santos"),
    23: ("Ana-María", "de la Cruz"),
    24: ("Renée", "Côté"),
    25: ("Prince", ""),
    26: ("Dana", "Whitfield"),
    27: ("Jon", "Smith"),
    28: ("John", "Smith"),
    29: ("Мария", "Иванова"),
    30: ("Catherine", "Stone"),
}


def person(seed: int, n: int) -> tuple[str, str]:
    """First and last name of the n-th person; the last name of a one-word name is empty."""
    return SPECIAL.get(n) or (
        FIRST[(7 * n + 3 * seed) % len(FIRST)],
        LAST[(11 * n + n // len(FIRST) + seed) % len(LAST)],
    )


def login_of(first: str, last: str, n: int) -> str:
    """The login name of the n-th person."""
    return ".".join(part for part in (_ascii(first), _ascii(last), str(n)) if part)


def user_id_of(n: int) -> int:
    """The Canvas id of the n-th person; some lie above 2^53, as ids of trusted shards do."""
    return (74_140_000_000_000_000 if n % 97 == 0 else 5000) + n


def _ascii(text: str) -> str:
    return re.sub("[^a-z0-9]", "", unicodedata.normalize("NFKD", text).lower())
