"""Moments: reading, refusing, resolving (language.md, **Moment**, Meaning 7)."""

import msgspec
import pytest
from hypothesis import given, strategies as st

from leadflow.engine.calendar import Calendar
from leadflow.engine.clock import CalendarError, parse_iso
from leadflow.engine.durations import Duration, format_duration
from leadflow.engine.moments import Moment, MomentError, parse_moment, resolve
from tests.support.times import shown, utc

MOSCOW = "Europe/Moscow"
OFFICE = Calendar(MOSCOW, opens=540, closes=1140, closed=("2026-11-23",))
"""mon-fri, 09:00-19:00, without Monday, 23 November 2026."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 working minute", Moment(offset=Duration(seconds=60, working=True))),
        ("2 working days", Moment(offset=Duration(days=2, working=True))),
        ("PT3H", Moment(offset=Duration(seconds=10_800))),
        ("signing_date", Moment(field="signing_date")),
        ("signing_date at 10:00", Moment(field="signing_date", clock=600)),
        ("1 day at 9:30", Moment(offset=Duration(days=1), clock=570)),
        ("0 days at 00:00", Moment(offset=Duration(), clock=0)),
        (
            "3 days before signing_date",
            Moment(field="signing_date", offset=Duration(days=3), before=True),
        ),
        (
            "1 working day before visit at 10:00",
            Moment(field="visit", offset=Duration(days=1, working=True), before=True, clock=600),
        ),
        ("1 hour 30 minutes after visit", Moment(field="visit", offset=Duration(seconds=5_400))),
        (" 2  days  after  at_2 ", Moment(field="at_2", offset=Duration(days=2))),
    ],
)
def test_a_moment_is_a_duration_a_field_or_both(text: str, expected: Moment) -> None:
    """From now, at a field, before or after it; then a clock time if one is given."""
    assert parse_moment(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not a moment; write one like '2 working days'"),
        ("2 workin days", "did you mean '2 working days'"),
        ("2 workin days before visit", "did you mean '2 working days'"),
        ("3 days befor signing_date", "is not a duration; write one like"),
        ("3 days before", "is not a duration"),
        ("at 10:00", "is not a duration"),
        ("3 days before Visit-Date", "'Visit-Date' is not the id of a field"),
        ("1 day at 10", "'10' is not a time of day; write it like '10:00'"),
        ("1 day at 24:00", "'24:00' is not a time of day"),
        ("visit at 25:00", "'25:00' is not a time of day"),
        ("2026-11-25", "is not a duration; write one like"),
        ("-3 days before visit", "negative"),
        ("Signing Date", "is not a duration"),
        ("a" * 300, "is not a moment"),
        ("1 day before " + "a" * 300, "is not a moment"),
    ],
)
def test_what_is_no_moment_is_refused_with_what_to_write(text: str, words: str) -> None:
    """The message names the part that is wrong, in few words."""
    with pytest.raises(MomentError, match=words) as caught:
        parse_moment(text)
    assert len(str(caught.value)) < 350


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("2 working hours", None, "Fri 2026-11-20 17:00"),
        ("2 working days", None, "Wed 2026-11-25 15:00"),
        ("1 day at 10:00", None, "Sat 2026-11-21 10:00"),
        ("0 days at 10:00", None, "Fri 2026-11-20 10:00"),  # past: the engine's business
        ("visit", "2026-11-25", "Wed 2026-11-25 09:00"),  # a date is its opening hour
        ("visit", "2026-11-22", "Sun 2026-11-22 09:00"),
        ("visit", "2026-11-25T11:00:00Z", "Wed 2026-11-25 14:00"),
        ("visit at 18:00", "2026-11-25T11:00:00Z", "Wed 2026-11-25 18:00"),
        ("visit at 18:00", "2026-11-25T22:00:00Z", "Thu 2026-11-26 18:00"),  # the day in Moscow
        ("3 days before visit", "2026-11-25", "Sun 2026-11-22 09:00"),
        ("3 working days before visit", "2026-11-26", "Fri 2026-11-20 09:00"),
        ("1 working day before visit", "2026-11-22", "Thu 2026-11-19 19:00"),
        ("2 hours before visit", "2026-11-25T11:00:00Z", "Wed 2026-11-25 12:00"),
        ("1 working day before visit at 10:00", "2026-11-25", "Tue 2026-11-24 10:00"),
        ("1 week after visit", "2026-11-25", "Wed 2026-12-02 09:00"),
        ("1 working hour after visit", "2026-11-20T16:00:00Z", "Tue 2026-11-24 10:00"),
    ],
)
def test_resolving(text: str, value: str | None, expected: str) -> None:
    """On Friday, 20 November 2026, 15:00 in Moscow."""
    now = utc("2026-11-20 15:00", MOSCOW)
    at = resolve(parse_moment(text), now, value, OFFICE, MOSCOW)
    assert at is not None
    assert shown(at, MOSCOW) == expected


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_field_has_no_moment(value: str | None) -> None:
    """Cleared is off: there is no instant, whatever is counted from the field."""
    now = utc("2026-11-20 15:00", MOSCOW)
    for text in ("visit", "3 working days before visit", "visit at 10:00"):
        assert resolve(parse_moment(text), now, value, OFFICE, MOSCOW) is None


def test_without_calendar_a_date_is_nine_in_the_morning() -> None:
    """Plain units and dates need no calendar; working units do."""
    now = utc("2026-11-20 15:00", "America/New_York")
    at = resolve(parse_moment("1 day before visit"), now, "2026-11-02", None, "America/New_York")
    assert at == parse_iso("2026-11-01T14:00:00Z")  # clocks went back that night
    with pytest.raises(CalendarError, match="the pipeline has none"):
        resolve(parse_moment("1 working day"), now, None, None, "America/New_York")


@pytest.mark.parametrize(
    "value", ["soon", "2026-11-31", "2026-11-25T11:00", "0001-01-01", "9999-12-31"]
)
def test_a_value_that_leads_nowhere_is_a_calendar_error(value: str) -> None:
    """No date, no zone, or further than dates go: one kind of error."""
    now = utc("2026-11-20 15:00", MOSCOW)
    back = parse_moment("1 week before visit")
    on = parse_moment("1 week after visit")
    with pytest.raises(CalendarError):
        resolve(on if value.startswith("9") else back, now, value, OFFICE, MOSCOW)


MOMENTS = st.builds(
    Moment,
    field=st.sampled_from(["", "visit", "signing_date_2"]),
    offset=st.builds(Duration, days=st.integers(0, 99), seconds=st.integers(0, 10**6)),
    before=st.booleans(),
    clock=st.none() | st.integers(0, 1439),
).filter(lambda moment: bool(moment.field) or not moment.before)


@given(MOMENTS)
def test_a_moment_written_out_is_read_back(moment: Moment) -> None:
    """The grammar has one reading; so has the JSON."""
    text = format_duration(moment.offset or Duration())
    text += f" {'before' if moment.before else 'after'} {moment.field}" if moment.field else ""
    if moment.clock is not None:
        text += f" at {moment.clock // 60:02}:{moment.clock % 60:02}"
    assert parse_moment(text) == moment
    assert msgspec.json.decode(msgspec.json.encode(moment), type=Moment) == moment


WORDS = st.sampled_from(
    ["2", "days", "working", "before", "after", "at", "10:00", "visit", "Visit", ""]
)


@given(st.text() | st.lists(WORDS).map(" ".join))
def test_any_text_is_a_moment_or_a_moment_error(text: str) -> None:
    """Reading is total; a moment that was read resolves on any day."""
    now = utc("2026-11-20 15:00", MOSCOW)
    try:
        at = resolve(parse_moment(text), now, "2026-11-25", OFFICE, MOSCOW)
    except MomentError as error:
        at = now
        assert str(error)  # noqa: PT017 - either way is right
    assert at is not None
