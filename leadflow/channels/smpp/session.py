"""One SMPP session: what goes over its connection, and what each side answers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
import struct
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec
from smpp34 import RawPdu, SmppError, decode

from leadflow.channels.smpp.statuses import NOT_ACCEPTED, OK

Mode = Literal["transmitter", "receiver", "transceiver"]
Take = Callable[[bytes], Awaitable[None]]
"""Keeps a ``deliver_sm`` as it came, well-formed or not, its sequence number put to zero: the same one again is the same
bytes. It is acknowledged only after this has returned; what it raises makes the centre bring it again."""

LONGEST_PDU = 65_536
MOST_IN_HAND = 20
"""What the centre delivers is kept so many at a time: what comes meanwhile shall come again."""

_HEADER = struct.Struct(">IIII")
_RESPONSE = 0x80000000
_BIND: dict[Mode, int] = {"receiver": 0x01, "transmitter": 0x02, "transceiver": 0x09}
_UNBIND, _ENQUIRE_LINK, _DELIVER_SM, _GENERIC_NACK = 0x06, 0x15, 0x05, _RESPONSE
_VERSION = 0x34
_UNKNOWN_COMMAND = 0x03
_LEAVING_SECONDS = 2.0
"""So long an answer to our good-bye is waited for."""
_LAST_SEQUENCE = 0x7FFFFFFF


class Login(msgspec.Struct, frozen=True):
    """How a session introduces itself."""

    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""


class SmppTimeouts(msgspec.Struct, frozen=True):
    """Seconds."""

    connect: float = 15
    """Until the session is bound."""
    answer: float = 60
    """Until an answer to a request is here."""
    quiet: float = 30
    """After which the centre is asked whether it is still there."""


class BindRefused(Exception):
    """The centre does not let us in."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Lost(Exception):
    """The session ended, or no answer came: what was sent may have been taken or not."""


class Session:
    """A bound session; made by `bind`, over with `close` or when the centre ends it."""

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        timeouts: SmppTimeouts,
        take: Take | None,
    ) -> None:
        self._reader, self._writer = streams
        self._timeouts = timeouts
        self._take = take
        self._sequences = itertools.cycle(range(1, _LAST_SEQUENCE))
        self._waiting: dict[int, asyncio.Future[RawPdu]] = {}
        self._taking: set[asyncio.Task[None]] = set()
        self._listener = asyncio.create_task(self._listen())
        self.why = ""
        """Why it is over."""

    @property
    def over(self) -> bool:
        """Nothing can be sent any more."""
        return self._listener.done() or bool(self.why)

    async def request(self, make: Callable[[int], bytes]) -> RawPdu:
        """Sends a request and waits for its answer, whatever its status.

        Args:
            make: the PDU with a sequence number.

        Raises:
            Lost: no answer came.
        """
        if self.over:
            raise Lost(self.why or "the connection is closed")
        number = next(self._sequences)
        answer: asyncio.Future[RawPdu] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            async with asyncio.timeout(self._timeouts.answer):
                self._writer.write(make(number))
                await self._writer.drain()
                return await answer
        except TimeoutError:
            message = f"no answer within {self._timeouts.answer:g} s"
            raise Lost(message) from None
        except OSError as error:
            raise Lost(str(error)) from error
        finally:
            self._waiting.pop(number, None)
            answer.cancel()

    async def close(self) -> None:
        """Says good-bye and closes the connection; what is just being kept is acknowledged before."""
        self._take = None
        if self._taking:
            await asyncio.wait(self._taking, timeout=_LEAVING_SECONDS)
        if not self.over:
            with contextlib.suppress(Lost, TimeoutError):
                async with asyncio.timeout(_LEAVING_SECONDS):
                    await self.request(lambda number: _pdu(_UNBIND, OK, number))
        await self.cut()

    async def cut(self) -> None:
        """Closes the connection at once."""
        self.why = self.why or "closed"
        self._listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listener

    async def ended(self) -> None:
        """Waits until it is over."""
        await asyncio.wait([self._listener])

    async def _listen(self) -> None:
        try:
            while not self.why:
                self._answer(await self._next())
        except (OSError, asyncio.IncompleteReadError):
            self.why = self.why or "the SMS centre closed the connection"
        except (SmppError, TimeoutError):
            self.why = "the SMS centre is silent, or speaks no SMPP"
        finally:
            self.why = self.why or "closed"
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(Lost(self.why))
            self._writer.close()

    async def _next(self) -> bytes:
        """The next PDU, whole; asks after a silence whether anybody is there."""
        try:
            async with asyncio.timeout(self._timeouts.quiet):
                head = await self._reader.readexactly(_HEADER.size)
        except TimeoutError:
            self._send(_ENQUIRE_LINK, OK, next(self._sequences))
            async with asyncio.timeout(self._timeouts.answer):
                head = await self._reader.readexactly(_HEADER.size)
        length = _HEADER.unpack(head)[0]
        if not _HEADER.size <= length <= LONGEST_PDU:
            message = f"a PDU of {length} octets"
            raise SmppError(message)
        async with asyncio.timeout(self._timeouts.answer):
            return head + await self._reader.readexactly(length - _HEADER.size)

    def _answer(self, octets: bytes) -> None:
        _, command, _, number = _HEADER.unpack_from(octets)
        if command & _RESPONSE:
            pdu, waiting = decode(octets), self._waiting.get(number)
            if isinstance(pdu, RawPdu) and waiting is not None and not waiting.done():
                waiting.set_result(pdu)
        elif command == _DELIVER_SM:
            self._delivered(octets, number)
        elif command == _ENQUIRE_LINK:
            self._send(_ENQUIRE_LINK | _RESPONSE, OK, number)
        elif command == _UNBIND:
            self.why = "the SMS centre ended the session"
            self._send(_UNBIND | _RESPONSE, OK, number)
        else:
            self._send(_GENERIC_NACK, _UNKNOWN_COMMAND, number)

    def _delivered(self, octets: bytes, number: int) -> None:
        if self._take is None or len(self._taking) >= MOST_IN_HAND:
            self._acknowledge(number, NOT_ACCEPTED)
            return
        task = asyncio.create_task(self._keep(self._take, octets, number))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    async def _keep(self, take: Take, octets: bytes, number: int) -> None:
        status = NOT_ACCEPTED
        with contextlib.suppress(Exception):  # whoever keeps it has told
            await take(numbered(octets, 0))
            status = OK
        self._acknowledge(number, status)

    def _acknowledge(self, number: int, status: int) -> None:
        self._send(_DELIVER_SM | _RESPONSE, status, number, b"\0")

    def _send(self, command: int, status: int, number: int, body: bytes = b"") -> None:
        self._writer.write(_pdu(command, status, number, body))


async def bind(
    login: Login,
    mode: Mode,
    *,
    tls: ssl.SSLContext | None = None,
    timeouts: SmppTimeouts,
    take: Take | None = None,
) -> Session:
    """Connects and logs in.

    Raises:
        BindRefused: the centre answered no.
        Lost: it closed the connection instead.
        OSError, TimeoutError: it could not be reached, or was silent.
    """
    async with asyncio.timeout(timeouts.connect):
        name = login.host if tls else None
        streams = await asyncio.open_connection(
            login.host, login.port, ssl=tls, server_hostname=name
        )
        session = Session(streams, timeouts, take)
        try:
            answer = await session.request(
                lambda number: _pdu(_BIND[mode], OK, number, _bind_body(login))
            )
        except BaseException:
            await session.cut()
            raise
    if answer.command_status != OK:
        await session.cut()
        raise BindRefused(answer.command_status)
    return session


def numbered(octets: bytes, number: int) -> bytes:
    """A PDU under another sequence number, which stands in its fourth word."""
    return octets[:12] + number.to_bytes(4, "big") + octets[16:]


def _bind_body(login: Login) -> bytes:
    """SMPP 3.4, 4.1.1: three C strings, version, no address of our own."""
    words = (login.system_id, login.password, login.system_type)
    return b"".join(word.encode("latin-1", "replace") + b"\0" for word in words) + bytes(
        [_VERSION, 0, 0, 0]
    )


def _pdu(command: int, status: int, number: int, body: bytes = b"") -> bytes:
    return _HEADER.pack(_HEADER.size + len(body), command, status, number) + body
