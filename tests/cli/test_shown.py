"""How things read in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.shown import note
from commands.up.run import caught
from leadflow.engine.decision import Note
from leadflow.engine.fields import Value
from leadflow.settings import from_environment


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ({"due": "2026-11-25T11:00:00Z"}, "due 2026-11-25 14:00"),
        ({"until": "2026-11-25T11:00:00.5Z"}, "until 2026-11-25 14:00"),
        ({"created": {"contact": "7", "deal": "9"}}, "created contact, deal"),
        ({"data": {"amount": "100", "by": "card"}}, "data amount=100, by=card"),
        ({"create": ["contact", "deal"]}, "create contact, deal"),
    ],
)
def test_details_of_a_note(detail: dict[str, Value], told: str) -> None:
    """Instants are local, of created records the kinds are named, other data reads as it is typed."""
    assert (
        note(Note("task_opened", "call", detail), "Europe/Moscow") == f"task opened call ({told})"
    )


@pytest.mark.parametrize(
    ("real", "kinds"),
    [
        ([], ["mail", "SMS", "messages"]),
        (["LEADFLOW_SMTP_URL"], ["SMS", "messages"]),
        (["LEADFLOW_SMS_URL", "LEADFLOW_MESSAGE_URL"], ["mail"]),
        (["LEADFLOW_SMTP_URL", "LEADFLOW_SMS_URL", "LEADFLOW_MESSAGE_URL"], []),
    ],
)
def test_only_what_is_caught_is_named(real: list[str], kinds: list[str], tmp_path: Path) -> None:
    """What goes out through a server of one's own is not said to stay in the house."""
    addresses = dict.fromkeys(real, "smtp://mail.example.com")
    found = from_environment({"LEADFLOW_HOME": str(tmp_path), **addresses})
    assert caught(found) == kinds
