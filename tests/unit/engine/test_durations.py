"""Durations: reading, refusing, writing back (language.md, **Duration**)."""

import msgspec
import pytest
from hypothesis import given, strategies as st

from leadflow.engine.durations import Duration, DurationError, format_duration, parse_duration

COUNTS = st.integers(0, 3_000)
SECONDS = st.integers(0, 5 * 366 * 86_400)
DURATIONS = st.one_of(
    st.builds(Duration, days=COUNTS, seconds=SECONDS),
    st.builds(Duration, months=st.integers(1, 100), days=COUNTS, seconds=SECONDS),
    st.builds(
        Duration, days=st.integers(0, 1_000), seconds=st.integers(0, 86_400 * 400),
        working=st.just(True), weeks=st.integers(0, 100),
    ),
)  # fmt: skip
"""Whatever `parse_duration` can give."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 working minute", Duration(seconds=60, working=True)),
        ("2 working hours", Duration(seconds=7_200, working=True)),
        ("15 working minutes", Duration(seconds=900, working=True)),
        ("1 working day", Duration(days=1, working=True)),
        ("1 working week", Duration(weeks=1, working=True)),
        ("30 seconds", Duration(seconds=30)),
        ("90 minutes", Duration(seconds=5_400)),
        ("1 day", Duration(days=1)),
        ("180 days", Duration(days=180)),
        ("2 weeks", Duration(days=14)),
        ("1 week 2 days", Duration(days=9)),
        ("1 hour 30 minutes", Duration(seconds=5_400)),
        ("1 working day 2 working hours", Duration(days=1, seconds=7_200, working=True)),
        ("1 days", Duration(days=1)),
        ("  2\u00a0 days ", Duration(days=2)),
        ("0 days", Duration()),
        ("0 working days", Duration(working=True)),
        ("PT3H", Duration(seconds=10_800)),
        ("P1DT2H", Duration(days=1, seconds=7_200)),
        ("P2W", Duration(days=14)),
        ("P1Y2M3DT4H5M6S", Duration(months=14, days=3, seconds=14_706)),
        ("PT0S", Duration()),
    ],
)
def test_a_duration_keeps_its_units(text: str, expected: Duration) -> None:
    """Days stay days, hours become seconds, working stays working; ISO 8601 is read as well."""
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2 workin hours", "did you mean '2 working hours'?"),
        ("2 Working Hours", "did you mean '2 working hours'?"),
        ("2 working ours", "did you mean '2 working hours'?"),
        ("10 business days", "did you mean '10 working days'?"),
        ("2 workdays", "did you mean '2 working days'?"),
        ("2 рабочих часа", "did you mean '2 working hours'?"),
        ("3 дня", "did you mean '3 days'?"),
        ("2 недели", "did you mean '2 weeks'?"),
        ("15m", "did you mean '15 minutes'?"),
        ("pt3h", "did you mean '3 hours'?"),
        ("2hours", "did you mean '2 hours'?"),
        ("a day", "did you mean '1 day'?"),
        ("day", "did you mean '1 day'?"),
        ("1.5 hours", "did you mean '1 hour 30 minutes'?"),
        ("0,5 working hours", "did you mean '30 working minutes'?"),
        ("1 day,", "did you mean '1 day'?"),
        ("2.0 days", "did you mean '2 days'?"),
    ],
)
def test_a_near_miss_is_recognised(text: str, hint: str) -> None:
    """What an admin is likely to write instead is answered with the right text."""
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert str(caught.value) == f"'{text}' is not a duration; {hint}"
    parse_duration(hint.split("'")[1])


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "2", "two days", "half an hour", "1.5 days", "1 day 2 working hours", "2 hours 1 day",
        "2 hours 2 hours", "1 hour and 30 minutes", "3 days afer signing_date", "P", "PT", "P1DT", "PT1.5X",
        "2026-11-25", "٣ days", "9" * 100_000, "1 d" + "a" * 100_000,
    ],
)  # fmt: skip
def test_what_cannot_be_guessed_gets_examples(text: str) -> None:
    """No number, several units, working and plain mixed, the wrong order: refused in few words, with examples."""
    with pytest.raises(DurationError, match="write one like '15 minutes'") as caught:
        parse_duration(text)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-2 days", "negative"),
        ("PT-3H", "negative"),
        ("1 month", "30 days"),
        ("2 years", "differ in length"),
        ("3 месяца", "P1M"),
        ("101 years", "differ in length"),
        ("40000 days", "longer than 100 years"),
        ("P101Y", "longer than 100 years"),
        ("999999999 weeks", "longer than 100 years"),
        ("999999999 workin weeks", "longer than 10 years"),
        ("100000 working hours", "longer than 10 years"),
    ],
)
def test_refusals_say_why(text: str, words: str) -> None:
    """Negative, month-long and endless durations each get their reason."""
    with pytest.raises(DurationError, match=words):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (Duration(), "0 days"),
        (Duration(working=True), "0 working days"),
        (Duration(days=1), "1 day"),
        (Duration(days=14), "2 weeks"),
        (Duration(days=7, seconds=60), "7 days 1 minute"),
        (Duration(seconds=172_800), "48 hours"),
        (Duration(seconds=3_723), "1 hour 2 minutes 3 seconds"),
        (Duration(seconds=7_200, working=True), "2 working hours"),
        (Duration(weeks=1, days=7, working=True), "1 working week 7 working days"),
        (Duration(months=14), "P14M"),
        (Duration(months=1, days=2, seconds=3), "P1M2DT3S"),
    ],
)
def test_the_canonical_text_reads_like_a_spec(duration: Duration, expected: str) -> None:
    """Words wherever there are words; hours never become days, which would keep the clock."""
    assert format_duration(duration) == expected


@given(DURATIONS)
def test_the_canonical_text_is_read_back(duration: Duration) -> None:
    """Reading what was written gives the same duration, and so does its JSON."""
    assert parse_duration(format_duration(duration)) == duration
    assert msgspec.json.decode(msgspec.json.encode(duration), type=Duration) == duration


WORDS = st.sampled_from(
    ["2", "1.5", "-1", "working", "work", "hour", "days", "недели", "P1D", "T", "a", "at", ","]
)


@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)))
def test_any_text_is_a_duration_or_a_duration_error(text: str) -> None:
    """Reading is total: nothing but DurationError, whose suggestion is a duration itself."""
    try:
        duration = parse_duration(text)
    except DurationError as error:
        text = str(error).partition("did you mean '")[2].partition("'")[0] or "1 day"
        duration = parse_duration(text)
    assert parse_duration(format_duration(duration)) == duration
