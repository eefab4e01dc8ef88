"""Public holidays frozen into calendars (language.md, **calendar**: the publishing year and two more)."""

from datetime import date

import pytest

from leadflow.engine.calendar import Calendar, add
from leadflow.engine.durations import parse_duration
from leadflow.spec.holidays import UnknownCountryError, holidays_for, with_holidays
from tests.support.times import shown, utc

MOSCOW = "Europe/Moscow"


def test_russia_2026_is_the_published_calendar() -> None:
    """Every weekday off in 2026, moved days included, as the government's calendar has it."""
    closed, worked = holidays_for("RU", 2026)
    off = [day for day in closed if day < "2027" and date.fromisoformat(day).weekday() < 5]
    assert off == [
        "2026-01-01", "2026-01-02", "2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09",
        "2026-02-23", "2026-03-09", "2026-05-01", "2026-05-11", "2026-06-12", "2026-11-04", "2026-12-31",
    ]  # fmt: skip
    assert worked == ["2027-02-20"]
    assert "2027-02-22" in closed


def test_three_years_are_covered_and_nothing_else() -> None:
    """The publishing year and two more, in order, each date once, the last New Year's Eve included."""
    for country in ("RU", "DE-BE", "US", "CN", "BY"):
        closed, worked = holidays_for(country, 2025)
        assert closed == sorted(set(closed))
        assert {day[:4] for day in closed} == {"2025", "2026", "2027"}
        assert all("2025-01-01" <= day <= "2027-12-31" for day in worked)
    assert "2027-12-31" in holidays_for("US", 2025)[0]  # for Saturday, 1 January 2028
    assert "2011-12-31" in holidays_for("CN", 2009)[1]  # for Tuesday, 3 January 2012


def test_holidays_on_a_weekend_count_for_those_who_work_then() -> None:
    """A shop that is open on Saturdays is closed on Victory Day, a Saturday in 2026."""
    shop = with_holidays(Calendar(MOSCOW, days=(0, 1, 2, 3, 4, 5)), "RU", 2026)
    office = with_holidays(Calendar(MOSCOW), "RU", 2026)
    assert "2026-05-09" in shop.closed
    assert "2026-05-09" not in office.closed


def test_parts_of_a_country_have_their_own() -> None:
    """Women's Day is free in Berlin, not in Bavaria."""
    assert "2027-03-08" in holidays_for("DE-BE", 2026)[0]
    assert "2027-03-08" not in holidays_for("DE-BY", 2026)[0]


@pytest.mark.parametrize(
    ("country", "words"),
    [
        ("Russia", "did you mean 'RU' (Russia)?"),
        ("RUS", "did you mean 'RU' (Russia)?"),
        ("ru", "did you mean 'RU' (Russia)?"),
        ("Germny", "did you mean 'DE' (Germany)?"),
        ("UK", "did you mean 'GB' (United Kingdom)?"),
        ("", "write a code like 'RU', 'DE-BE'"),
        ("XX", "write a code like 'RU', 'DE-BE'"),
        ("HolidayBase", "write a code like 'RU', 'DE-BE'"),
        ("DE-Berlin", "did you mean 'DE-BE'?"),
        ("DE-Bayrn", "did you mean 'DE-BY'?"),
        ("DE-", "write 'DE' alone, or with one of BB, BE,"),
        ("DE-BE-X", "'BE-X' is not a part of Germany"),
        ("RU-MOW", "write 'RU' alone"),
    ],
)
def test_an_unknown_country_is_refused_with_a_near_miss(country: str, words: str) -> None:
    """Names, three letters, small letters and former codes lead to the code that is meant."""
    with pytest.raises(UnknownCountryError) as caught:
        holidays_for(country, 2026)
    assert words in str(caught.value)
    assert country.partition("-")[2] in str(caught.value)


def test_merged_holidays_move_deadlines() -> None:
    """Two working days from Wednesday, 30 December 2026, are in the second week of January."""
    office = with_holidays(Calendar(MOSCOW), "RU", 2026)
    end = add(utc("2026-12-30 15:00", MOSCOW), parse_duration("2 working days"), office, MOSCOW)
    assert shown(end, MOSCOW) == "Tue 2027-01-12 15:00"


def test_a_worked_saturday_is_open() -> None:
    """Saturday, 20 February 2027, is worked for the Monday after it."""
    office = with_holidays(Calendar(MOSCOW), "RU", 2026)
    end = add(utc("2027-02-19 15:00", MOSCOW), parse_duration("1 working day"), office, MOSCOW)
    assert shown(end, MOSCOW) == "Sat 2027-02-20 15:00"


def test_dates_that_the_author_named_win() -> None:
    """Who works on a holiday, or not on a worked Saturday, says so and is not overruled."""
    own = Calendar(MOSCOW, closed=("2027-02-20", "2026-12-30"), open=("2026-01-09",))
    merged = with_holidays(own, "RU", 2026)
    assert merged.open == ("2026-01-09",)
    assert "2026-01-09" not in merged.closed
    assert {"2027-02-20", "2026-12-30", "2026-01-08"} <= set(merged.closed)
    assert (merged.timezone, merged.days, merged.opens) == (own.timezone, own.days, own.opens)
