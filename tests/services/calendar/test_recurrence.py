"""Expansion of rules against an oracle that shares nothing with it (W-15)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import recurrence, series
from services.recurrence import RuleError
from tests.services.calendar.oracle import DAYS, Rule, instant_of, starts

ZONES = (
    "America/Chicago",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "America/St_Johns",
    "Pacific/Apia",
    "UTC",
)
HOUR = timedelta(hours=1)
WALLS = st.datetimes(min_value=datetime(2023, 1, 1), max_value=datetime(2026, 12, 31)).map(
    lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
)
NIGHTS = st.tuples(
    st.sampled_from(
        [(2025, 3, 9), (2025, 11, 2), (2025, 3, 30), (2025, 10, 26), (2025, 4, 6), (2025, 10, 5), (2024, 2, 29)]
    ),
    st.integers(-7, 7),
    st.integers(0, 15),
).map(lambda made: datetime(*made[0]) + timedelta(days=made[1], minutes=15 * made[2]))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "YEARLY"]))
    nths = st.integers(-4, 4) if frequency in {"MONTHLY", "YEARLY"} else st.just(0)
    days = st.tuples(nths, st.sampled_from(DAYS))
    by_day = draw(st.lists(days, max_size=3, unique=True))
    by_month_day = (
        draw(st.lists(st.integers(1, 31) | st.integers(-31, -1), max_size=2, unique=True))
        if frequency != "WEEKLY"
        else []
    )
    by_month = draw(st.lists(st.integers(1, 12), max_size=3, unique=True))
    by_year_day = draw(st.lists(st.integers(-366, 366).filter(bool), max_size=3)) if frequency == "YEARLY" else []
    others = frequency in {"MONTHLY", "YEARLY"} and bool(by_day or by_month_day or by_month or by_year_day)
    positions = draw(st.lists(st.sampled_from([1, 2, -1, -2]), max_size=2, unique=True)) if others else []
    return Rule(
        frequency,
        draw(st.integers(1, 4)),
        tuple(by_day),
        tuple(by_month_day),
        tuple(by_month),
        tuple(positions),
        draw(st.sampled_from(["MO", "SU"])),
        count := draw(st.none() | st.integers(1, 40)),
        tuple(by_year_day),
        None if count else draw(st.none() | st.dates(date(2023, 1, 1), date(2028, 12, 31))),
    )


def expanded(made: series.Series, after: datetime, before: datetime) -> list[datetime]:
    return [found.starts_at for found in series.expand(made, after, before)]


@settings(max_examples=200, deadline=None)
@given(rules(), WALLS | NIGHTS, st.sampled_from(ZONES), st.integers(0, 500), st.integers(1, 120))
def test_expansion_is_what_the_oracle_says(rule: Rule, wall: datetime, zone: str, offset: int, days: int) -> None:
    begin = instant_of(wall, zone)
    wall = begin.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    after = begin + timedelta(days=offset)
    before = after + timedelta(days=days)
    wanted = starts(rule, wall, zone, after.date() - timedelta(days=3), before.date() + timedelta(days=3))
    try:
        made = series.plan(begin, ZoneInfo(zone), HOUR, rule.text)
    except RuleError as error:
        assert any(reason in str(error) for reason in ("thirty years", "too long")) or not wanted  # noqa: PT017
        return
    assert expanded(made, after, before) == [at for at in wanted if at < before and at + HOUR > after]


@settings(max_examples=150, deadline=None)
@given(rules(), NIGHTS, st.sampled_from(ZONES), st.integers(1, 60), st.integers(1, 60))
def test_splitting_a_range_gives_the_same_occurrences(
    rule: Rule, wall: datetime, zone: str, left: int, right: int
) -> None:
    begin = instant_of(wall, zone)
    try:
        made = series.plan(begin, ZoneInfo(zone), timedelta(0), rule.text)
    except RuleError:
        return
    middle, end = begin + timedelta(days=left), begin + timedelta(days=left + right)
    parts = expanded(made, begin, middle) + expanded(made, middle, end)
    assert parts == expanded(made, begin, end)


def test_an_evening_class_stays_in_the_evening_over_both_clock_changes() -> None:
    """W-15."""
    zone = ZoneInfo("America/Chicago")
    made = series.plan(datetime(2026, 2, 3, 1, 30, tzinfo=UTC), zone, timedelta(hours=2), "FREQ=WEEKLY;BYDAY=MO")
    found = expanded(made, datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    assert len(found) == 43
    assert {at.astimezone(zone).strftime("%a %H:%M") for at in found} == {"Mon 19:30"}
    assert {at.hour for at in found} == {0, 1}


def test_a_skipped_hour_takes_the_offset_before_the_gap_and_a_repeated_one_is_the_first() -> None:
    zone = ZoneInfo("America/New_York")
    assert recurrence.instant(datetime(2026, 3, 8, 2, 30), zone) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert recurrence.instant(datetime(2026, 11, 1, 1, 30), zone) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_session_chosen_in_the_second_of_two_equal_hours_stays_there() -> None:
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    made = series.plan(second, ZoneInfo("America/New_York"), timedelta(hours=1), "FREQ=DAILY;COUNT=2")
    found = expanded(made, second - timedelta(days=1), second + timedelta(days=3))
    assert found == [second, datetime(2026, 11, 2, 6, 30, tzinfo=UTC)]
    once = series.plan(second, ZoneInfo("America/New_York"), timedelta(hours=1), "FREQ=DAILY;COUNT=1")
    assert expanded(once, second - timedelta(days=1), second + timedelta(days=3)) == [second]


def test_a_series_that_began_generations_ago_is_entered_where_it_is_asked_for() -> None:
    zone = ZoneInfo("Europe/Berlin")
    made = series.plan(datetime(1925, 1, 5, 9, tzinfo=UTC), zone, timedelta(hours=1), "FREQ=DAILY;INTERVAL=3")
    found = expanded(made, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC))
    assert len(found) == 10
    assert {(at.astimezone(zone).date() - date(1925, 1, 5)).days % 3 for at in found} == {0}


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2"],
)
def test_a_rule_that_never_comes_true_is_refused(rule: str) -> None:
    with pytest.raises(RuleError, match="no session within ten years"):
        series.plan(datetime(2026, 3, 2, 15, tzinfo=UTC), ZoneInfo("UTC"), timedelta(hours=1), rule)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "WEEKLY",
        "FREQ=HOURLY",
        "FREQ=SECONDLY;COUNT=9",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;INTERVAL=x",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=WEEKLY;BYMONTHDAY=3",
        "FREQ=WEEKLY;BYHOUR=3",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20260601",
        "FREQ=WEEKLY;COUNT=100000",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=WEEKLY;UNTIL=tomorrow",
        "FREQ=WEEKLY;UNTIL=20200101",
        "FREQ=YEARLY;COUNT=40",
        "FREQ=YEARLY;BYMONTH=2;BYDAY=53MO",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU,1MO",
        "FREQ=WEEKLY;INTERVAL=1_0",
        "FREQ=WEEKLY;COUNT=٣",
        "FREQ=WEEKLY;UNTIL=٢٢٢٢0601",
        "FREQ=WEEKLY;UNTIL=99991231T235959Z",
        "FREQ=WEEKLY;UNTIL=99991231T235959",
        "FREQ=WEEKLY;UNTIL=99991231",
        "FREQ=WEEKLY;UNTIL=00010101T000000",
        "FREQ=WEEKLY;UNTIL=22010101T000000Z",
        "FREQ=WEEKLY\nEXDATE:20260309",
        "FREQ=WEEKLY;RDATE=20260309",
    ],
)
def test_a_bad_rule_is_refused_in_words(rule: str) -> None:
    for zone in ("UTC", "Asia/Tokyo", "America/Chicago"):
        with pytest.raises(RuleError, match=r"^[A-Z].*\.$"):
            series.plan(datetime(2026, 3, 2, 15, tzinfo=UTC), ZoneInfo(zone), timedelta(hours=1), rule)


PARTS = st.sampled_from(
    [
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "BYDAY",
        "BYMONTH",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYSETPOS",
        "BYHOUR",
        "WKST",
        "x",
    ]
)
VALUES = st.sampled_from(
    [
        "DAILY",
        "WEEKLY",
        "MONTHLY",
        "YEARLY",
        "MO",
        "-1SU",
        "53TU",
        "MO,2FR",
        "0",
        "1",
        "-1",
        "29",
        "366",
        "999999",
        "20260601",
        "99991231",
        "00010101T000000",
        "20260230T000000Z",
    ]
) | st.text(max_size=6)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]), st.lists(st.tuples(PARTS, VALUES), max_size=4))
def test_whatever_is_written_is_a_series_or_is_refused(frequency: str, parts: list[tuple[str, str]]) -> None:
    rule = ";".join(["FREQ=" + frequency, *(f"{name}={value}" for name, value in parts)])
    start = datetime(2026, 3, 2, 15, tzinfo=UTC)
    try:
        made = series.plan(start, ZoneInfo("Asia/Tokyo"), HOUR, rule)
    except RuleError as error:
        assert str(error).endswith(".")  # noqa: PT017
        return
    found = expanded(made, made.starts_at, made.starts_at + timedelta(days=400))
    assert found[0] == made.starts_at
    assert len(found) <= 402
    assert made.rule is not None
    assert len(made.rule) <= 500
    assert series.plan(made.starts_at, made.zone, HOUR, made.rule) == made


@pytest.mark.parametrize(
    ("until", "last"), [("20260309", 9), ("20260309T150000Z", 9), ("20260309T095900", 2), ("20260309T145959Z", 2)]
)
def test_until_may_be_a_day_an_instant_or_a_local_time(until: str, last: int) -> None:
    zone = ZoneInfo("America/Chicago")
    made = series.plan(datetime(2026, 3, 2, 16, tzinfo=UTC), zone, timedelta(hours=1), f"FREQ=WEEKLY;UNTIL={until}")
    found = expanded(made, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert found[-1].day == last


def test_a_series_cut_before_an_occurrence_keeps_all_before_it_and_nothing_after() -> None:
    zone = ZoneInfo("America/Chicago")
    made = series.plan(datetime(2026, 3, 2, 16, tzinfo=UTC), zone, timedelta(hours=1), "FREQ=WEEKLY;COUNT=5")
    third = series.find(made, "20260316T100000")
    assert third is not None
    cut = series.ended_before(made, third)
    assert cut is not None
    assert cut.rule == "FREQ=WEEKLY;UNTIL=20260316T145959Z"
    everything = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert expanded(cut, *everything) == expanded(made, *everything)[:2]
    assert series.find(made, "20260317T100000") is None


def test_the_rest_of_a_count_is_right_behind_thousands_of_sessions() -> None:
    made = series.plan(
        datetime(2020, 1, 1, 9, tzinfo=UTC), ZoneInfo("UTC"), timedelta(hours=1), "FREQ=DAILY;COUNT=3660"
    )
    late = series.find(made, "20280101T090000")
    assert late is not None
    assert series.count_before(made, late) == (date(2028, 1, 1) - date(2020, 1, 1)).days == 2922
