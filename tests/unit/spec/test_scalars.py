"""Scalars: how a field of a known type reads what is written."""

from decimal import Decimal

import pytest

from leadflow.spec.scalars import Data, Plain, as_bool, as_int, as_number, kind_of


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), ("TRUE", True)])
def test_truth_values(text: str, value: bool) -> None:
    """The words true and false, in any case, in quotes or without."""
    assert as_bool(text) is value
    assert as_bool(Plain(text)) is value


@pytest.mark.parametrize("value", ["yes", "1", "", None, ["true"], {}])
def test_other_words_are_no_truth_values(value: Data) -> None:
    """Nothing else is: `yes` means different things to different readers."""
    with pytest.raises(ValueError, match="expected true or false, not "):
        as_bool(value)


@pytest.mark.parametrize(("text", "value"), [("4", 4), ("010", 10), ("-3", -3), ("+7", 7)])
def test_whole_numbers(text: str, value: int) -> None:
    """Decimal digits with a sign; a leading nought changes nothing."""
    assert as_int(text) == value


@pytest.mark.parametrize("value", ["1.5", "1_000", "0x1F", "1e3", "٣", "9" * 19, "four", None, []])
def test_other_words_are_no_whole_numbers(value: Data) -> None:
    """No fractions, underscores, hexadecimals or other digits, and nothing beyond 18 digits."""
    with pytest.raises(ValueError, match="expected a whole number, not "):
        as_int(value)


def test_numbers() -> None:
    """A point separates the fraction, and nothing is lost of it."""
    assert as_number("0.10") == Decimal("0.10")
    with pytest.raises(ValueError, match="expected a number, not '1,5'"):
        as_number("1,5")


def test_what_is_shown_of_a_wrong_value() -> None:
    """Short texts are quoted, anything else is named by its kind."""
    values: list[Data] = [None, "x", ["x"], {"x": "y"}]
    shown = [kind_of(value) for value in values]
    assert shown == ["nothing", "text", "a list", "a map"]
    with pytest.raises(ValueError, match="expected a number, not text"):
        as_number("x" * 50)
