"""The catcher's mail server: RFC 5321 as far as a client needs it, taking any sender and any recipient."""

from __future__ import annotations

import asyncio
import contextlib
import re

from leadflow.catcher.box import Box, Draft
from leadflow.catcher.reading import read_mail

MAX_MESSAGE_BYTES = 30_000_000
MAX_LINE_BYTES = 1_000_000
IDLE_SECONDS = 300

_PATH = re.compile(r"<([^<>]*)>")


class Session:
    """One connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, box: Box
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._box = box
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def run(self) -> None:
        """Serves the client until it leaves; whatever it does, only this connection ends."""
        gone = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
        with contextlib.closing(self._writer), contextlib.suppress(*gone):
            await self._say("220 leadflow catcher ready")
            while await self._command():
                pass

    async def _command(self) -> bool:
        line = (await self._line()).decode("utf-8", "replace").strip()
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO":
                await self._say("250-leadflow catcher")
                await self._say("250-8BITMIME")
                await self._say(f"250 SIZE {MAX_MESSAGE_BYTES}")
            case "HELO" | "NOOP":
                await self._say("250 ok")
            case "RSET":
                self._forget()
                await self._say("250 ok")
            case "MAIL" | "RCPT" if path := _PATH.search(rest):
                await self._envelope(verb.upper(), path[1])
            case "DATA" if self._recipients:
                await self._data()
            case "DATA" | "MAIL" | "RCPT":
                await self._say("503 5.5.1 first MAIL FROM:<…>, then RCPT TO:<…>, then DATA")
            case "QUIT":
                await self._say("221 bye")
                return False
            case _:
                await self._say("502 5.5.1 not known here")
        return True

    async def _envelope(self, verb: str, address: str) -> None:
        if verb == "MAIL":
            self._forget()
            self._sender = address
        elif self._sender is None:
            await self._say("503 5.5.1 first MAIL FROM:<…>")
            return
        else:
            self._recipients.append(address)
        await self._say("250 ok")

    async def _data(self) -> None:
        await self._say("354 end with a line that holds only a dot")
        lines: list[bytes] = []
        size = 0
        while (line := await self._line()) != b".\r\n":
            size += len(line)
            if size <= MAX_MESSAGE_BYTES:
                lines.append(line[1:] if line.startswith(b".") else line)
        if size > MAX_MESSAGE_BYTES:
            await self._say("552 5.3.4 too big")
            return
        content = b"".join(lines)
        mail = read_mail(content)
        draft = Draft(
            key=mail.key,
            sender=mail.sender or self._sender or "",
            to=", ".join(self._recipients),
            subject=mail.subject,
            content=content,
        )
        try:
            caught = await self._box.put("email", draft)
        except OSError as error:
            await self._say(f"452 4.3.1 cannot be kept: {error.strerror}")
            return
        self._forget()
        await self._say(f"250 2.0.0 Ok: queued as {caught.id}")

    def _forget(self) -> None:
        self._sender = None
        self._recipients = []

    async def _line(self) -> bytes:
        async with asyncio.timeout(IDLE_SECONDS):
            return await self._reader.readuntil(b"\r\n")

    async def _say(self, reply: str) -> None:
        self._writer.write(reply.encode() + b"\r\n")
        await self._writer.drain()
