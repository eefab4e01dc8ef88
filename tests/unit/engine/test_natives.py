"""Canonical values as what Python computes with, and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from leadflow.engine.natives import as_text, native, plain


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("money", "abc"),
        ("money", "NaN"),
        ("number", True),
        ("number", {"a": 1}),
        ("date", "2026-13-01"),
        ("date", 5),
        ("datetime", "2026-11-25T11:00:00"),
        ("datetime", 5),
        ("flag", "yes"),
        ("text", ""),
        ("person", {}),
        ("choices", []),
        ("number", ["x", None]),
        ("text", None),
    ],
)
def test_what_is_empty_or_malformed_is_none(kind: Any, value: Any) -> None:
    """A state cannot hold anything that makes a condition fail: it counts as empty."""
    assert native(kind, value) is None


def test_whole_numbers_of_json_are_numbers() -> None:
    """A state that holds 3 and not "3" computes alike."""
    assert plain(native("number", 3)) == "3"  # type: ignore[arg-type]  # a Decimal, as asserted


@given(st.integers(-(10**20), 10**20))
def test_plain_numbers_have_no_exponent(number: int) -> None:
    """Digits only, and the same value back."""
    written = plain(native("number", str(number)))  # type: ignore[arg-type]  # a Decimal
    assert "E" not in written
    assert int(written) == number


def test_values_read_as_one_line() -> None:
    """What `explain` and a text field show of every kind of value."""
    assert as_text(None) == ""
    assert as_text(True) == "true"
    assert as_text(False) == "false"
    assert as_text({"id": "f", "name": "scan.pdf", "size": 3}) == "scan.pdf"
    assert as_text({"number": "+7", "ext": 5}) == "+7"
    assert as_text(["a", "b"]) == "a, b"
    assert as_text(7) == "7"
