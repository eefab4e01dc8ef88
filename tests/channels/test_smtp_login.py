"""TLS, logins and settings of the mail channel; what it makes of a server that is not there."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from leadflow.channels.outcome import ChannelDown, Refused, Sent
from leadflow.channels.smtp import SmtpChannel, SmtpTimeouts
from leadflow.errors import Misconfigured
from proving.sinks.process import Sink
from tests.channels.conftest import LOGIN, Ledger
from tests.channels.mail import MAIL, send


@pytest.mark.parametrize("starttls", ["auto", "required"])
async def test_login_goes_encrypted(
    secure: Sink, ledger: Ledger, trust: ssl.SSLContext, starttls: str
) -> None:
    """STARTTLS comes first, then the login, then the mail."""
    url = f"smtp://{LOGIN}@localhost:{secure.port}?starttls={starttls}"
    assert isinstance(await send(url, ledger, tls=trust, timeouts=SmtpTimeouts()), Sent)
    [message] = secure.messages()
    assert (message["encrypted"], message["user"]) == (True, "bot")


async def test_smtps(certificate: Path, tmp_path: Path, trust: ssl.SSLContext) -> None:
    """`smtps://` speaks TLS from the first byte; a login works there."""
    options = ("--smtps", "--auth", LOGIN, "--certificate", str(certificate))
    with Sink("smtp", tmp_path, *options) as sink:
        channel = SmtpChannel(f"smtps://{LOGIN}@localhost:{sink.port}", tls=trust)
        outcome = await channel.send(
            MAIL, sender="us@example.com", recipient="a@example.com", handover=Ledger()
        )
        assert isinstance(outcome, Sent)
        assert sink.messages()[0]["encrypted"]


async def test_refused_login_is_the_channels_trouble(
    secure: Sink, ledger: Ledger, trust: ssl.SSLContext
) -> None:
    """M5: 535 takes the channel down, names no password, and harms no lead."""
    url = f"smtp://bot:wr0ng@localhost:{secure.port}"
    outcome = await send(url, ledger, tls=trust)
    assert isinstance(outcome, ChannelDown)
    assert outcome.reason == "login"
    assert "535" in outcome.detail
    assert "wr0ng" not in outcome.detail
    assert (ledger.asked, secure.count()) == (0, 0)


async def test_a_busy_login_is_temporary(
    secure: Sink, ledger: Ledger, trust: ssl.SSLContext
) -> None:
    """454 at AUTH passes by itself: no reason to take the channel down."""
    secure.script({"at": "auth", "reply": "454 4.7.0 try later"})
    outcome = await send(f"smtp://{LOGIN}@localhost:{secure.port}", ledger, tls=trust)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code) == (False, "454 4.7.0")


@pytest.mark.parametrize("userinfo", ["", f"{LOGIN}@"], ids=["no login", "login"])
@pytest.mark.parametrize("option", ["", "?starttls=required", "?starttls=auto"])
async def test_stripped_starttls(smtp: Sink, ledger: Ledger, userinfo: str, option: str) -> None:
    """M5: where TLS is required, or a login would travel in the clear, nothing goes without it."""
    outcome = await send(f"smtp://{userinfo}127.0.0.1:{smtp.port}{option}", ledger)
    if not userinfo and "required" not in option:
        assert isinstance(outcome, Sent)
        return
    assert isinstance(outcome, ChannelDown)
    assert outcome.reason == "tls"
    assert (ledger.asked, smtp.count()) == (0, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_certificate_nobody_vouches_for(secure: Sink, ledger: Ledger, host: str) -> None:
    """M5: an unknown authority takes the channel down; the mail does not go in the clear instead."""
    outcome = await send(f"smtp://{host}:{secure.port}?starttls=auto", ledger)
    assert isinstance(outcome, ChannelDown)
    assert (outcome.reason, ledger.asked, secure.count()) == ("tls", 0, 0)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [("530 5.7.0 login first", "login"), ("550 5.7.1 sender not allowed", "misconfigured")],
)
async def test_a_refused_sender_is_no_leads_fault(
    smtp: Sink, ledger: Ledger, reply: str, reason: str
) -> None:
    """A lasting no at MAIL is about our settings: no recipient is known yet."""
    smtp.script({"at": "mail", "reply": reply})
    outcome = await send(smtp.url, ledger)
    assert isinstance(outcome, ChannelDown)
    assert outcome.reason == reason


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "smtp://no-such-host.invalid"])
async def test_no_server_there(ledger: Ledger, url: str) -> None:
    """Nobody listens, or no such name: the channel is unreachable."""
    outcome = await send(url, ledger, timeouts=SmtpTimeouts(connect=5))
    assert isinstance(outcome, ChannelDown)
    assert (outcome.reason, ledger.asked) == ("unreachable", 0)


async def test_check_logs_in_and_sends_nothing(secure: Sink, trust: ssl.SSLContext) -> None:
    """`check` says what is wrong, or nothing when all is well."""
    good = SmtpChannel(f"smtp://{LOGIN}@localhost:{secure.port}", tls=trust)
    assert await good.check() is None
    bad = SmtpChannel(f"smtp://bot:no@localhost:{secure.port}", tls=trust)
    failure = await bad.check()
    assert isinstance(failure, ChannelDown)
    assert failure.reason == "login"
    assert secure.count() == 0


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://bot:s3cret@mail.example.com", "smtp:// or smtps://"),
        ("smtp://bot:s3cret@", "names no host"),
        ("smtp://bot:s3cret@mail.example.com:99999", "cannot be read"),
        ("smtp://bot:s3cret@mail.example.com?starttls=yes", "starttls=auto"),
        ("smtp://bot:s3cret@mail.example.com?startls=never", "did you mean starttls?"),
    ],
)
def test_a_url_that_cannot_be_used(url: str, says: str) -> None:
    """A wrong URL is refused at once, says what to change, and keeps its password to itself."""
    with pytest.raises(Misconfigured) as caught:
        SmtpChannel(url)
    said = f"{caught.value.message} ({caught.value.hint})"
    assert says in said
    assert "s3cret" not in said


async def test_a_login_where_none_is_taken(smtp: Sink, ledger: Ledger) -> None:
    """A URL with a login for a server without one is a setting to mend."""
    outcome = await send(f"smtp://{LOGIN}@127.0.0.1:{smtp.port}?starttls=never", ledger)
    assert isinstance(outcome, ChannelDown)
    assert (outcome.reason, ledger.asked) == ("misconfigured", 0)
