"""SMS segments by 3GPP TS 23.038 and 23.040."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from leadflow.channels.segments import sms_segments


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        (
            "a" * 152 + "€" + "a" * 152,
            "GSM-7",
            306,
            3,
        ),  # the pair moves to the second segment whole
        ("я" * 70, "UCS-2", 70, 1),
        ("я" * 71, "UCS-2", 71, 2),
        ("я" * 134, "UCS-2", 134, 2),
        ("я" * 135, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 36, "UCS-2", 72, 2),
        ("😀" * 67, "UCS-2", 134, 3),  # 33 whole pairs fit into 67 units
        ("a" * 69 + "’", "UCS-2", 70, 1),
    ],
)
def test_counted(text: str, encoding: str, units: int, segments: int) -> None:
    """The known borders: alone, joined, two-unit characters at a border, one smart quote."""
    counted = sms_segments(text)
    assert (counted.encoding, counted.units, counted.segments) == (encoding, units, segments)


@given(st.text(st.sampled_from("aЯ€😀\n"), max_size=400))
def test_a_longer_text_never_costs_less(text: str) -> None:
    """Adding a character keeps or raises the number of segments."""
    assert sms_segments(text + "a").segments >= sms_segments(text).segments
