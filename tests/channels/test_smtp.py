"""The mail channel against a real server: what it answers, whether it asked the ledger, what arrived."""

from __future__ import annotations

import hashlib

import pytest

from leadflow.channels.outcome import Ambiguous, ChannelDown, Refused, Sent, Withheld
from leadflow.channels.smtp import SmtpChannel, SmtpTimeouts
from proving.sinks.process import Sink
from tests.channels.conftest import Ledger
from tests.channels.mail import KEY, MAIL, SHORT, answered, send

BIG = MAIL + (b"x" * 70 + b"\r\n") * 400_000


async def test_accepted_mail_arrives_byte_for_byte(smtp: Sink, ledger: Ledger) -> None:
    """A mail arrives once, to one recipient, dots and all; the server's queue id comes back."""
    outcome = await send(smtp.url, ledger)
    assert outcome == Sent("SINK1", "250 2.0.0 Ok: queued as SINK1")
    assert ledger.asked == 1
    [message] = smtp.messages(KEY)
    assert message["sha256"] == hashlib.sha256(MAIL).hexdigest()
    assert (message["from"], message["to"]) == ("us@example.com", "anna@example.com")


async def test_bare_line_ends_become_crlf(smtp: Sink, ledger: Ledger) -> None:
    """A lone CR or LF cannot end the message early (SMTP smuggling): it becomes CRLF."""
    data = f"X-Effect-Key: {KEY}\r\n\r\none\n.\ntwo\r.\rthree".encode()
    assert isinstance(await send(smtp.url, ledger, data), Sent)
    [message] = smtp.messages()
    assert message["data"].endswith("\r\none\r\n.\r\ntwo\r\n.\r\nthree\r\n")


@pytest.mark.parametrize("phase", ["connect", "ehlo", "mail", "rcpt", "data"])
@pytest.mark.parametrize("code", ["421 4.3.2", "450 4.2.0", "451 4.3.0"])
async def test_temporary_refusals_before_the_body(
    smtp: Sink, ledger: Ledger, phase: str, code: str
) -> None:
    """M1: 4xx in any phase before the body is temporary, and the ledger was never asked."""
    smtp.script({"at": phase, "reply": f"{code} later", "times": 1})
    outcome = await send(smtp.url, ledger)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code) == (False, code)
    assert (ledger.asked, smtp.count()) == (0, 0)
    assert isinstance(await send(smtp.url, ledger), Sent)
    assert (ledger.asked, smtp.count(KEY)) == (1, 1)


async def test_greylisting_passes_at_the_second_attempt(smtp: Sink, ledger: Ledger) -> None:
    """M1: a greylisting server takes the same bytes when they come again."""
    smtp.script({"at": "rcpt", "reply": "450 4.7.1 greylisted", "per": "to", "times": 1})
    first = await send(smtp.url, ledger)
    assert isinstance(first, Refused)
    assert not first.permanent
    assert isinstance(await send(smtp.url, ledger), Sent)
    assert smtp.count(KEY) == 1


@pytest.mark.parametrize(
    ("phase", "reply", "permanent", "suppress"),
    [
        ("rcpt", "550 5.1.1 no such user", True, True),
        ("rcpt", "556 5.1.10 the domain takes no mail", True, True),
        ("rcpt", "550 5.7.1 not wanted here", True, False),
        ("rcpt", "550 no enhanced code", True, False),
        ("rcpt", "450 5.1.1 odd server", False, False),
        ("dot", "552 5.3.4 too big", True, False),
        ("dot", "554 5.6.0 looks like spam", True, False),
        ("dot", "550 5.1.1 too late to blame the address", True, False),
        ("dot", "451 4.3.0 disk full", False, False),
        ("dot", "421 4.3.2 shutting down", False, False),
        ("mail", "552 5.3.4 too big", True, False),
    ],
)
async def test_refusals_tell_message_from_address(
    smtp: Sink, ledger: Ledger, phase: str, reply: str, permanent: bool, suppress: bool
) -> None:
    """M2: 5xx is permanent; only 5.1.x about the recipient makes its address dead."""
    smtp.script({"at": phase, "reply": reply})
    outcome = await send(smtp.url, ledger)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.suppress) == (permanent, suppress)
    assert outcome.code.split() == reply.split()[: len(outcome.code.split())]
    assert (ledger.asked, smtp.count()) == (1 if phase == "dot" else 0, 0)


@pytest.mark.parametrize("phase", ["ehlo", "mail", "rcpt", "data"])
@pytest.mark.parametrize("fault", [{"drop": True}, {"stall": 30}], ids=["drop", "silence"])
async def test_cut_off_before_the_body_is_safe(
    smtp: Sink, ledger: Ledger, phase: str, fault: dict[str, object]
) -> None:
    """M3, M4: a connection lost or silent before 354 has carried nothing: try again later."""
    smtp.script({"at": phase, **fault})
    outcome = await send(smtp.url, ledger)
    assert isinstance(outcome, Refused)
    assert not outcome.permanent
    assert outcome.code == ("lost" if "drop" in fault else "timeout")
    assert (ledger.asked, smtp.count()) == (0, 0)


@pytest.mark.parametrize(
    ("phase", "reason"), [("connect", "unreachable"), ("ehlo", "misconfigured")]
)
async def test_not_let_in_at_all(smtp: Sink, ledger: Ledger, phase: str, reason: str) -> None:
    """A server that wants nothing from us, whoever it is for, takes the channel down."""
    smtp.script({"at": phase, "reply": "554 5.7.1 we do not know you"})
    outcome = await send(smtp.url, ledger)
    assert isinstance(outcome, ChannelDown)
    assert (outcome.reason, ledger.asked, smtp.count()) == (reason, 0, 0)
    assert "we do not know you" in outcome.detail


async def test_silence_instead_of_a_greeting(smtp: Sink, ledger: Ledger) -> None:
    """M3: a server that never greets is down, whoever the mail was for."""
    smtp.script({"at": "connect", "stall": 30})
    outcome = await send(smtp.url, ledger)
    assert isinstance(outcome, ChannelDown)
    assert outcome.reason == "unreachable"
    assert ledger.asked == 0


async def test_a_slow_answer_to_the_dot_is_waited_for(smtp: Sink, ledger: Ledger) -> None:
    """M3: the dot has its own long timeout; an answer later than every other timeout still counts."""
    smtp.script({"at": "accepted", "stall": 1.0})
    patient = SmtpTimeouts(connect=0.4, command=0.4, body=0.4, dot=10)
    assert isinstance(await send(smtp.url, ledger, timeouts=patient), Sent)
    assert smtp.count(KEY) == 1


@pytest.mark.parametrize(
    ("rule", "arrived"),
    [
        ({"at": "dot", "drop": True}, 0),
        ({"at": "accepted", "drop": True}, 1),
        ({"at": "accepted", "stall": 30}, 1),
        ({"at": "accepted", "reply": "hello?"}, 1),
        ({"at": "accepted", "reply": "354 go on"}, 1),
        ({"at": "body", "stall": 0.2, "drop": True}, 0),
    ],
    ids=["dropped unseen", "dropped", "silent", "garbled", "odd", "dropped with all in flight"],
)
async def test_without_an_answer_to_the_dot_nobody_knows(
    smtp: Sink, ledger: Ledger, rule: dict[str, object], arrived: int
) -> None:
    """M4, RFC 1047: once the dot is written, no answer means ambiguous, arrived or not."""
    smtp.script(rule)
    assert isinstance(await send(smtp.url, ledger), Ambiguous)
    assert (ledger.asked, smtp.count(KEY)) == (1, arrived)


async def test_lost_in_mid_body_is_safe(smtp: Sink, ledger: Ledger) -> None:
    """M4: lost while the body is still being written: the dot never left, so nothing was accepted."""
    smtp.script({"at": "body", "drop": True})
    outcome = await send(smtp.url, ledger, BIG, timeouts=SmtpTimeouts())
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code) == (False, "lost")
    assert (ledger.asked, smtp.count()) == (1, 0)


async def test_a_refusal_in_mid_body_is_heard(smtp: Sink, ledger: Ledger) -> None:
    """A server that says 552 before it has everything gets no dot, and its code counts."""
    smtp.script({"at": "body", "reply": "552 5.3.4 too big"})
    outcome = await send(smtp.url, ledger, BIG, timeouts=SmtpTimeouts())
    assert outcome == Refused(permanent=True, code="552 5.3.4", reply="5.3.4 too big")
    assert smtp.count() == 0


async def test_a_refusal_right_after_354_is_heard(smtp: Sink, ledger: Ledger) -> None:
    """A server that changes its mind while the ledger commits gets no dot."""
    smtp.script({"at": "go", "reply": "451 4.3.0 sorry, no", "times": 1})
    ledger.meanwhile = answered
    outcome = await send(smtp.url, ledger)
    assert outcome == Refused(permanent=False, code="451 4.3.0", reply="4.3.0 sorry, no")
    assert isinstance(await send(smtp.url, Ledger()), Sent)
    assert (ledger.asked, smtp.count(KEY)) == (1, 1)


async def test_dropped_after_354_before_a_byte_is_safe(smtp: Sink, ledger: Ledger) -> None:
    """A connection that ends while the ledger commits has carried nothing of the body."""
    smtp.script({"at": "go", "drop": True})
    ledger.meanwhile = answered
    outcome = await send(smtp.url, ledger)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, ledger.asked, smtp.count()) == (False, 1, 0)


async def test_dropped_after_250_is_sent(smtp: Sink, ledger: Ledger) -> None:
    """What was accepted stays accepted, whatever the connection does next."""
    smtp.script({"at": "after", "drop": True})
    assert isinstance(await send(smtp.url, ledger), Sent)
    assert smtp.count(KEY) == 1


async def test_the_ledger_says_no(smtp: Sink) -> None:
    """P5: after a "no" not a byte of the body leaves, and the server gets no message."""
    ledger = Ledger(says=False)
    assert await send(smtp.url, ledger) == Withheld()
    assert ledger.asked == 1
    assert isinstance(await send(smtp.url, Ledger()), Sent)
    assert smtp.count() == 1


async def test_a_ledger_that_fails_sends_nothing(smtp: Sink) -> None:
    """An error of the ledger is the caller's: it comes out as it is, and nothing is sent."""

    async def locked() -> bool:
        msg = "database is locked"
        raise TimeoutError(msg)

    channel = SmtpChannel(smtp.url, timeouts=SHORT)
    with pytest.raises(TimeoutError, match="database is locked"):
        await channel.send(
            MAIL, sender="us@example.com", recipient="a@example.com", handover=locked
        )
    assert smtp.count() == 0


@pytest.mark.parametrize(
    "address",
    ["", "anna", "a@b@example.com", "a@example.com>\r\nRCPT TO:<b@example.com", "a b@example.com", "анна@example.com"],
)  # fmt: skip
async def test_no_command_can_be_smuggled_in(smtp: Sink, ledger: Ledger, address: str) -> None:
    """ASVS 1.3.11: an address with anything else in it is refused before a connection is made."""
    outcome = await send(smtp.url, ledger, to=address)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code, ledger.asked) == (True, "bad_address", 0)
