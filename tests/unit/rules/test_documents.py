"""Numbers of documents."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from leadflow.engine.pipeline import Document, Pipeline
from leadflow.rules.documents import next_document, number_text, period
from leadflow.simulate.registers import Registers

DAY = date(2026, 11, 25)
SHOP = Pipeline(id="shop", title="Магазин", fields={}, stages={})


@pytest.mark.parametrize(
    ("pattern", "restart", "text", "counter"),
    [
        ("{YYYY}/{MM}-{0001}", "monthly", "2026/11-0007", "2026-11"),
        ("{YY}-{1}", "yearly", "26-7", "2026"),
        ("Д{01}", "never", "Д07", "ever"),
        ("", "never", "0007", "ever"),
        ("{0001} {unknown}", "never", "0007 {unknown}", "ever"),
    ],
)
def test_number_patterns(pattern: str, restart: Any, text: str, counter: str) -> None:
    """``{YYYY} {YY} {MM} {0001}`` are filled in, everything else stays as it is written."""
    document = Document(id="d", title="D", number=pattern, restart=restart)
    assert number_text(document, DAY, 7) == text
    assert period(document, DAY) == counter


def test_a_number_outgrows_its_zeros() -> None:
    """More digits than the pattern shows are written all the same."""
    assert number_text(Document(id="d", title="D", number="{01}"), DAY, 1234) == "1234"


@pytest.mark.parametrize(
    ("restart", "numbers"),
    [
        ("monthly", ["1", "1", "2", "1"]),
        ("yearly", ["1", "2", "3", "1"]),
        ("never", ["1", "2", "3", "4"]),
    ],
)
def test_the_counter_begins_anew_with_its_period(restart: Any, numbers: list[str]) -> None:
    """By the calendar of the pipeline's zone, where a month begins three hours before UTC's."""
    document = Document(id="d", title="D", number="{1}", restart=restart)
    pipeline = replace(SHOP, timezone="Europe/Moscow", documents={"d": document})
    days = [
        datetime(2026, 11, 30, 20, 59, tzinfo=UTC),
        datetime(2026, 11, 30, 21, tzinfo=UTC),
        datetime(2026, 12, 31, 20, 59, tzinfo=UTC),
        datetime(2026, 12, 31, 21, tzinfo=UTC),
    ]
    counters = Registers()
    assert [next_document(pipeline, "d", day, counters.next_number) for day in days] == numbers


def test_each_document_counts_for_itself() -> None:
    """Another document, and the same of another pipeline, have counters of their own; one without a pattern has digits."""
    counters = Registers()
    other = replace(SHOP, id="other")
    found = [
        next_document(pipeline, name, datetime(2026, 1, 1, tzinfo=UTC), counters.next_number)
        for pipeline, name in ((SHOP, "a"), (SHOP, "b"), (other, "a"), (SHOP, "a"))
    ]
    assert found == ["0001", "0001", "0001", "0002"]
