"""E-mail over SMTP.

aiosmtplib speaks EHLO, STARTTLS, AUTH, MAIL and RCPT. The DATA phase is our own: the library raises the same
error for a connection lost before 354, in mid-body and after the final dot, and these mean different things:

=====================================  =========================================================
lost, or no reply in time              outcome
=====================================  =========================================================
before 354                             temporary refusal: nothing of the message has left
before the final dot is written        temporary refusal: a server may not deliver without the dot
after it (RFC 1047)                    `Ambiguous`
=====================================  =========================================================

The handover is asked after 354, before the body's first byte. A "no" closes the connection.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl

import aiosmtplib
import msgspec

from leadflow.channels import replies
from leadflow.channels.mime import ascii_address
from leadflow.channels.outcome import (
    Ambiguous,
    ChannelDown,
    Handover,
    Outcome,
    Refused,
    Sent,
    Withheld,
    clean,
)
from leadflow.channels.urls import parse_server_url

_SCHEMES = {"smtp": 587, "smtps": 465}
_OPTIONS = {"starttls": ("auto", "required", "never")}
_SEND_THE_BODY = 354
_ACCEPTED = range(200, 300)
_REFUSED = range(400, 600)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_FAILURES = (aiosmtplib.SMTPException, OSError)


class SmtpTimeouts(msgspec.Struct, frozen=True):
    """Seconds. The dot's is RFC 5321 §4.5.3.2.6: a shorter one makes doubles."""

    connect: float = 30
    """Until the greeting has come."""
    command: float = 120
    body: float = 180
    """Until the whole body is written."""
    dot: float = 600
    """Until the answer to the final dot has come."""


DEFAULT_TIMEOUTS = SmtpTimeouts()


class SmtpChannel:
    """A mail server to hand messages to; one connection a message, safe to use concurrently.

    ``smtp://user:password@host:port?starttls=auto|required|never`` or ``smtps://…`` (TLS from the first byte).
    Without the option ``required`` holds where there is a login, else ``auto``: TLS if the server offers it.
    A certificate is always verified, and a login travels unencrypted only with ``never``.
    """

    def __init__(
        self,
        url: str,
        *,
        tls: ssl.SSLContext | None = None,
        timeouts: SmtpTimeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        """Reads the URL; nothing is connected yet.

        Args:
            url: as the class says.
            tls: what to verify the server's certificate by; default: the system's authorities.
            timeouts: of the phases.

        Raises:
            Misconfigured: the URL cannot be used; its text is masked.
        """
        self._server = parse_server_url(url, schemes=_SCHEMES, options=_OPTIONS)
        self._starttls = self._server.options.get(
            "starttls", "required" if self._server.username else "auto"
        )
        self._tls = tls or ssl.create_default_context()
        self._timeouts = timeouts
        self._our_name = ""

    async def send(
        self, data: bytes, *, sender: str, recipient: str, handover: Handover
    ) -> Outcome:
        try:
            envelope = ascii_address(sender), ascii_address(recipient)
        except ValueError as error:
            return Refused(permanent=True, code="bad_address", reply=clean(str(error)))
        payload = _stuffed(data)
        session = self._session(await self._name())
        try:
            failure = await self._open(session) or await self._announce(
                session, *envelope, size=len(payload)
            )
            return failure or await self._deliver(session, payload, handover)
        finally:
            _leave(session)

    async def check(self) -> Refused | ChannelDown | None:
        """Connects and logs in without sending anything; None: all is well."""
        session = self._session(await self._name())
        try:
            return await self._open(session)
        finally:
            _leave(session)

    def _session(self, our_name: str) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            use_tls=self._server.scheme == "smtps",
            start_tls=False,  # `_open` decides about it
            tls_context=self._tls,
            local_hostname=our_name,
            timeout=self._timeouts.command,
        )

    async def _name(self) -> str:
        """What we call ourselves in EHLO: the host's full name, looked up once."""
        if not self._our_name:
            self._our_name = await asyncio.to_thread(socket.getfqdn) or "localhost"
        return self._our_name

    async def _open(self, session: aiosmtplib.SMTP) -> Refused | ChannelDown | None:
        try:
            await session.connect(timeout=self._timeouts.connect)
            await session.ehlo()
            return await self._encrypt(session) or await self._log_in(session)
        except _FAILURES as error:
            return replies.opening_failure(error)

    async def _encrypt(self, session: aiosmtplib.SMTP) -> ChannelDown | None:
        if self._server.scheme == "smtps" or self._starttls == "never":
            return None
        if session.supports_extension("starttls"):
            await session.starttls()
            await session.ehlo()
            return None
        if self._starttls == "auto" and not self._server.username:
            return None
        return ChannelDown(
            f"{self._server.host} offers no STARTTLS, so the message would travel in the clear "
            "(starttls=never in the URL allows that)",
            "tls",
        )

    async def _log_in(self, session: aiosmtplib.SMTP) -> ChannelDown | None:
        if not self._server.username:
            return None
        if not session.supported_auth_methods:
            return ChannelDown(
                f"{self._server.host} takes no login, but the URL has one", "misconfigured"
            )
        await session.login(self._server.username, self._server.password)
        return None

    async def _announce(
        self, session: aiosmtplib.SMTP, sender: str, recipient: str, *, size: int
    ) -> Refused | ChannelDown | None:
        """MAIL, RCPT and DATA, up to the server's "go on"."""
        options = [f"SIZE={size}"] if session.supports_extension("size") else []
        try:
            await session.mail(sender, options=options)
            await session.rcpt(recipient)
            ready = await session.execute_command(b"DATA")
        except _FAILURES as error:
            return replies.envelope_failure(error)
        if ready.code == _SEND_THE_BODY:
            return None
        return replies.refusal(ready.code, ready.message)

    async def _deliver(
        self, session: aiosmtplib.SMTP, payload: bytes, handover: Handover
    ) -> Outcome:
        """From 354 to the answer to the dot."""
        protocol, transport = session.protocol, session.transport
        if protocol is None or not isinstance(transport, asyncio.Transport):
            return replies.cut_off(ConnectionError("lost after 354"))
        # Read from here on: a server may answer in the middle of the body, or hang up.
        answer = asyncio.ensure_future(protocol.read_response())
        writer = asyncio.StreamWriter(transport, protocol, None, asyncio.get_running_loop())
        try:
            if not await handover():
                return Withheld()
            if failure := await self._write_body(writer, payload, answer):
                return failure
            writer.write(b".\r\n")
            outcome = await self._answer_to_the_dot(answer)
            _leave(session)
            return outcome
        finally:
            transport.abort()  # in DATA there is no other way to say "never mind"
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)

    async def _write_body(
        self,
        writer: asyncio.StreamWriter,
        payload: bytes,
        answer: asyncio.Future[aiosmtplib.SMTPResponse],
    ) -> Refused | None:
        """All but the dot. None: it is written, and the server still listens."""
        # With no buffer of ours, drained means that the kernel has it: the dot goes only after all else.
        writer.transport.set_write_buffer_limits(high=0)
        try:
            async with asyncio.timeout(self._timeouts.body):
                writer.write(payload)
                await writer.drain()
        except OSError as error:
            return _early_answer(answer) or replies.cut_off(error)
        if answer.done() or writer.is_closing():
            return _early_answer(answer) or replies.cut_off(ConnectionError("lost in mid-body"))
        return None

    async def _answer_to_the_dot(
        self, answer: asyncio.Future[aiosmtplib.SMTPResponse]
    ) -> Sent | Refused | Ambiguous:
        try:
            async with asyncio.timeout(self._timeouts.dot):
                reply = await answer
        except TimeoutError:
            seconds = self._timeouts.dot
            return Ambiguous(f"no answer to the final dot within {seconds:g} s")
        except _FAILURES as error:
            return Ambiguous(f"no answer to the final dot: {clean(str(error))}")
        if reply.code in _ACCEPTED:
            return Sent(replies.queue_id(reply.message), clean(f"{reply.code} {reply.message}"))
        if reply.code in _REFUSED:
            return replies.refusal(reply.code, reply.message)
        return Ambiguous(f"answer to the final dot not understood: {clean(str(reply))}")


def _early_answer(answer: asyncio.Future[aiosmtplib.SMTPResponse]) -> Refused | None:
    """What the server said before it had the dot, if it is a refusal; whatever it was, nothing was accepted."""
    if not answer.done() or answer.exception() is not None:
        return None
    reply = answer.result()
    return replies.refusal(reply.code, reply.message) if reply.code in _REFUSED else None


def _stuffed(data: bytes) -> bytes:
    """The body as DATA carries it (RFC 5321 §4.5.2): CRLF line ends only, leading dots doubled."""
    lines = _LINE_END.sub(b"\r\n", data).removesuffix(b"\r\n") + b"\r\n"
    stuffed = lines.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def _leave(session: aiosmtplib.SMTP) -> None:
    """QUIT without waiting for its answer: what was accepted stays so, and the result is wanted now."""
    if session.protocol is not None and session.is_connected:
        session.protocol.write(b"QUIT\r\n")
    session.close()
