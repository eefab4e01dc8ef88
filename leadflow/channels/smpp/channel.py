"""SMS over SMPP 3.4: ``smpp://system_id:password@host:2775``, behind `leadflow.channels.outcome.SmsChannel`."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Iterator, Sequence

import httpx2
import smpp34

from leadflow.channels.outcome import (
    Ambiguous,
    ChannelDown,
    Found,
    Handover,
    Outcome,
    Refused,
    Sent,
    Withheld,
    clean,
)
from leadflow.channels.segments import sms_parts
from leadflow.channels.smpp.incoming import MESSAGE_PAYLOAD
from leadflow.channels.smpp.session import (
    BindRefused,
    Login,
    Lost,
    Session,
    SmppTimeouts,
    Take,
    bind,
    numbered,
)
from leadflow.channels.smpp.statuses import OK, not_bound, refusal
from leadflow.channels.sms import E164, bad_address
from leadflow.channels.urls import parse_server_url
from leadflow.installation import Connection

SCHEMES = {"smpp": 2775, "smpps": 3550}
WINDOW = 10
"""Requests without an answer yet, at most (SMPP 3.4, 2.9)."""
IDLE_SECONDS = 30.0
"""A session that nothing goes through is ended: sends that follow begin a new one."""
PART_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before a part of a long text is tried again: the parts before it have been taken already."""

_OPTIONS = {
    "long": ("udh", "payload"),
    "alphabet": ("gsm", "ucs2"),
    "receipts": ("no", "yes"),
    "system_type": (),
}
_UCS2 = 0x08
_HAS_HEADER = 0x40
_FINAL_RECEIPT = 0x01
_LONGEST_SHORT = 254
_INTERNATIONAL, _ALPHANUMERIC, _UNKNOWN = (1, 1), (5, 0), (0, 0)
"""Type of number and numbering plan (SMPP 3.4, 5.2.5, 5.2.6)."""
_SHORT_CODE = 6
_DEFAULT_TIMEOUTS = SmppTimeouts()


class SmppChannel:
    """An SMS centre to hand texts to.

    Options in the URL: ``long=payload`` sends a long text whole (``message_payload``) instead of in parts; ``alphabet=ucs2``
    for a centre whose default alphabet is not GSM's; ``receipts=yes`` asks for a delivery receipt, and binds as transceiver
    where somebody keeps what the centre brings.
    """

    idempotent_for = 0.0
    missing_after: float | None = None
    """SMPP asks by the centre's id only, which is what is not known."""

    def __init__(
        self,
        connection: Connection,
        *,
        tls: ssl.SSLContext | None = None,
        timeouts: SmppTimeouts = _DEFAULT_TIMEOUTS,
        idle: float = IDLE_SECONDS,
        take: Take | None = None,
    ) -> None:
        """Reads the connection, its variables filled in; nothing is connected yet.

        Args:
            connection: the centre.
            tls: what to verify it by; default: the system's authorities.
            timeouts: of the session.
            idle: seconds; see `IDLE_SECONDS`.
            take: keeps what the centre brings by itself.

        Raises:
            Misconfigured: the URL cannot be used; its text is masked.
        """
        server = parse_server_url(connection.url, schemes=SCHEMES, options=_OPTIONS)
        kind = server.options.get("system_type", "")
        self._login = Login(server.host, server.port, server.username, server.password, kind)
        self._tls = (tls or httpx2.create_ssl_context()) if server.scheme == "smpps" else None
        self._options = server.options
        self._sender = connection.sender
        self._timeouts = timeouts
        self._idle = idle
        self._take = take if self._options.get("receipts") == "yes" else None
        self._window = asyncio.Semaphore(WINDOW)
        self._binding = asyncio.Lock()
        self._session: Session | None = None
        self._users = 0
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def send(self, *, key: str, to: str, text: str, handover: Handover) -> Outcome:
        """Hands a text over (`leadflow.channels.outcome.SmsChannel`); a long one in several parts, in order."""
        if not E164.fullmatch(to):
            return bad_address(to)
        with self.held():
            async with self._window:
                session = await self.bound()
                if not isinstance(session, Session):
                    return session
                if not await handover():
                    return Withheld()
                if session.over:
                    return Refused(permanent=False, code="lost", reply=session.why)
                return await self._submit(session, self._parts(key, to, text))

    async def look_up(self, *, key: str, to: str) -> Found:  # noqa: ARG002 - the port's
        """Nobody can be asked."""
        return Ambiguous("the SMS centre cannot be asked")

    @property
    def brings_receipts(self) -> bool:
        """Whether it is worth while to be bound when nothing is sent."""
        return self._take is not None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Within the block a session is not ended for being idle."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(self._idle, self._leave)

    async def close(self) -> None:
        """Ends the session; a send that follows begins a new one."""
        if self._timer is not None:
            self._timer.cancel()
        async with self._binding:
            session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def check(self) -> Refused | ChannelDown | None:
        """Binds without sending anything; None: all is well."""
        with self.held():
            session = await self.bound()
        return None if isinstance(session, Session) else session

    async def bound(self) -> Session | Refused | ChannelDown:
        """The session that sends and receipts share, made anew where it is over; or why there is none."""
        async with self._binding:
            if self._session is not None and not self._session.over:
                return self._session
            self._session = None
            try:
                self._session = await bind(
                    self._login,
                    "transceiver" if self._take else "transmitter",
                    tls=self._tls,
                    timeouts=self._timeouts,
                    take=self._take,
                )
            except BindRefused as error:
                return not_bound(error.status)
            except ssl.SSLError as error:
                return ChannelDown(f"TLS failed: {clean(str(error))}", "tls")
            except (OSError, Lost, TimeoutError) as error:
                code = "timeout" if isinstance(error, TimeoutError) else "unreachable"
                return Refused(permanent=False, code=code, reply=clean(str(error)))
            return self._session

    async def _submit(self, session: Session, parts: Sequence[smpp34.SubmitSm]) -> Outcome:
        ids: list[str] = []
        for part in parts:
            answer = await _submitted(session, part, again=bool(ids))
            if isinstance(answer, str):
                ids.append(answer)
            elif not ids:
                return answer
            else:
                known = (
                    answer.detail if isinstance(answer, Ambiguous | ChannelDown) else answer.code
                )
                return Ambiguous(f"{len(ids)} of {len(parts)} parts were taken, then {known}")
        return Sent(ids[-1], " ".join(ids))

    def _parts(self, key: str, to: str, text: str) -> list[smpp34.SubmitSm]:
        split = sms_parts(text, gsm=self._options.get("alphabet") != "ucs2")
        coding = _UCS2 if split.encoding == "UCS-2" else 0
        if len(split.parts) > 1 and self._options.get("long") != "payload":
            total, reference = len(split.parts), int(key[:2], 16)
            return [
                self._pdu(
                    to,
                    bytes([5, 0, 3, reference, total, number]) + part,
                    coding,
                    esm_class=_HAS_HEADER,
                    last=number == total,
                )
                for number, part in enumerate(split.parts, 1)
            ]
        return [self._pdu(to, b"".join(split.parts), coding)]

    def _pdu(
        self, to: str, body: bytes, coding: int, *, esm_class: int = 0, last: bool = True
    ) -> smpp34.SubmitSm:
        """A receipt is asked for the last part only: one message, one receipt."""
        whole = len(body) <= _LONGEST_SHORT
        payload = [] if whole else [smpp34.Tlv(MESSAGE_PAYLOAD, body)]
        (source_ton, source_npi), sender = _source(self._sender)
        receipt = last and self._options.get("receipts") == "yes"
        return smpp34.SubmitSm(
            sender,
            to[1:],
            body if whole else b"",
            source_addr_ton=source_ton,
            source_addr_npi=source_npi,
            dest_addr_ton=_INTERNATIONAL[0],
            dest_addr_npi=_INTERNATIONAL[1],
            esm_class=esm_class,
            registered_delivery=_FINAL_RECEIPT if receipt else 0,
            data_coding=coding,
            tlvs=payload,
        )

    def _leave(self) -> None:
        task = asyncio.create_task(self._end_idle())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _end_idle(self) -> None:
        if not self._users:  # the last of them begins the time anew
            await self.close()


async def _submitted(
    session: Session, part: smpp34.SubmitSm, *, again: bool
) -> str | Refused | ChannelDown | Ambiguous:
    """One part: the centre's id of it, or why there is none.

    Args:
        session: to send it by.
        part: what to send.
        again: parts before it have been taken: a refusal that passes is waited out.
    """
    octets = part.encode()
    pauses = iter(PART_PAUSES if again else ())
    while True:
        try:
            answer = await session.request(lambda number: numbered(octets, number))
        except Lost as error:
            return Ambiguous(f"no answer: {clean(str(error))}")
        if answer.command_status == OK:
            return answer.body.partition(b"\0")[0].decode("latin-1")
        refused = refusal(answer.command_status)
        pause = next(pauses, None)
        if pause is None or isinstance(refused, ChannelDown) or refused.permanent:
            return refused
        await asyncio.sleep(pause)


def _source(sender: str) -> tuple[tuple[int, int], str]:
    """A name, a number, a short code, or the centre's own default."""
    if E164.fullmatch(sender):
        return _INTERNATIONAL, sender[1:]
    digits = sender.isdecimal()
    if digits and len(sender) > _SHORT_CODE:
        return _INTERNATIONAL, sender
    return (_UNKNOWN if digits or not sender else _ALPHANUMERIC), sender
