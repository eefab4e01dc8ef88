"""Mail servers that the doctor asks: which ones, and what is said of them."""

from __future__ import annotations

from pathlib import Path

from commands.mail import look, named
from leadflow.installation import Connection, Installation
from proving.sinks.process import Sink

HOUSE = Installation(
    connections={
        "usual": Connection(id="usual", type="email", url="smtp://one.example"),
        "sms": Connection(id="sms", type="sms", url="https://sms.example"),
        "second": Connection(id="second", type="email", url="smtp://bot:${PASSWORD}@two.example"),
        "nameless": Connection(id="nameless", type="email"),
    }
)


def test_the_servers_that_letters_can_leave_by() -> None:
    """All of type email that have an address; the first one not where another stands in for it."""
    usual, second = ("usual", "smtp://one.example"), ("second", "smtp://bot:x@two.example")
    assert list(named(HOUSE, {"PASSWORD": "x"}, instead=False)) == [usual, second]
    assert list(named(HOUSE, {"PASSWORD": "x"}, instead=True)) == [second]
    assert list(named(HOUSE, {}, instead=True)) == [], "its variable is told with the connections"


def test_a_server_that_repeats_the_password(tmp_path: Path) -> None:
    """What a stranger's server says is shown, but never a password in it."""
    with Sink("smtp", tmp_path, "--auth", "bot:right") as sink:
        sink.script({"at": "auth", "reply": "535 5.7.8 wr0ng is not the password"})
        url = f"smtp://bot:wr0ng@127.0.0.1:{sink.port}?starttls=never"
        part, verdict, text, hint = look("mail", url, "smtp://***", 5)
    assert (part, verdict) == ("mail", "wrong")
    assert text == (
        "smtp://***: login refused: the server answered 535 5.7.8 *** is not the password"
    )
    assert "user and password" in hint


def test_an_address_that_is_none() -> None:
    """Nothing is asked of it: what is wrong with it is said."""
    part, verdict, text, hint = look("mail", "smpt://bot:x@host", "smpt://***@host", 5)
    assert (part, verdict) == ("mail", "wrong")
    assert "does not begin with smtp://" in text
    assert hint
    assert "bot:x" not in text
