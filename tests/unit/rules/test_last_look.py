"""What the last look says, and in which order it asks."""

from datetime import UTC, datetime, timedelta

import pytest

from leadflow.rules.last_look import HandOver, Message, last_look

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PLAIN = Message(not_after=NOW, manual=False, service=False)
MANUAL = PLAIN._replace(manual=True)
SERVICE = PLAIN._replace(service=True)
INSIDE = PLAIN._replace(waits=False)
PUT_OFF = HandOver("postponed", "not_now", LATER)


def look(
    message: Message,
    *,
    at: datetime = NOW,
    allowed: datetime = NOW,
    out: bool = False,
    held: str = "",
) -> HandOver:
    return last_look(message, at, allowed, lambda: out, lambda: held)


@pytest.mark.parametrize("message", [PLAIN, MANUAL, SERVICE, INSIDE])
def test_nothing_against_it(message: Message) -> None:
    """At ``not_after`` itself it may still go; without one at any time."""
    assert look(message) == HandOver("go")
    assert look(message._replace(not_after=None), at=LATER, allowed=LATER) == HandOver("go")


@pytest.mark.parametrize("message", [PLAIN, MANUAL, SERVICE, INSIDE])
def test_too_late_comes_first(message: Message) -> None:
    """Whatever else speaks against it."""
    late = look(message, at=LATER, allowed=LATER + timedelta(1), out=True, held="by hand")
    assert late == HandOver("expired", "too_late")


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (PLAIN, HandOver("suppressed", "opted_out")),
        (MANUAL, HandOver("go")),
        (SERVICE, PUT_OFF),
    ],
)
def test_whom_an_opt_out_stops(message: Message, found: HandOver) -> None:
    """A manager's own and service messages pass it; a service message keeps to quiet hours all the same (Meaning 9)."""
    assert look(message, allowed=LATER, out=True) == found


@pytest.mark.parametrize("message", [PLAIN, MANUAL, SERVICE, INSIDE])
def test_what_is_held_back_waits_for_whoever_holds_it(message: Message) -> None:
    """Even where it could not go yet."""
    assert look(message, allowed=LATER, held="by hand") == HandOver("held", "by hand")


@pytest.mark.parametrize(("message", "found"), [(PLAIN, PUT_OFF), (INSIDE, HandOver("go"))])
def test_quiet_hours_are_the_clients(message: Message, found: HandOver) -> None:
    """A message to him waits; our own people's words and machines' calls do not."""
    assert look(message, allowed=LATER) == found
