"""A mail server that counts and misbehaves; raw asyncio, nothing shared with the product.

Phases, in order, for the rules of `proving.sinks.script`::

    connect ehlo starttls auth mail rcpt data go body dot accepted after

``data``: DATA has come, 354 not yet gone · ``go``: 354 has gone · ``body``: the first bytes of the body are here ·
``dot``: the final dot is here, nothing is recorded · ``accepted``: recorded, 250 not yet gone · ``after``: 250 has gone.
At ``go`` and ``after`` a reply is an extra one. A refusing reply ends the transaction, not the connection (but 421).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
from email import message_from_bytes, policy
from pathlib import Path

from proving.sinks.script import Facts, GoneError, Log, Script, follow
from proving.sinks.serving import arguments, listen, run, tls_context


class Session:
    """One connection."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        options: argparse.Namespace,
        script: Script,
        log: Log,
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.options = options
        self.script = script
        self.log = log
        self.facts: Facts = {}

    async def run(self) -> None:
        await self.meet("connect", "220 sink ready")
        while line := await self.reader.readline():
            command = line.decode("ascii", "replace").strip()
            verb = command.split(" ")[0].upper()
            handler = getattr(self, f"on_{verb.lower()}", None)
            if handler is None:
                await self.say("502 5.5.1 what?")
            else:
                await handler(command)

    async def meet(self, phase: str, reply: str = "") -> bool:
        """Passes a phase: does what the script wants there, else answers `reply`; whether all is well."""
        rule = self.script.rule_for(phase, self.facts)
        rule = await follow(rule, self.facts, self.log, self.writer)
        if rule.get("drop"):
            raise GoneError
        if said := rule.get("reply", ""):
            await self.say(said)
            if said.startswith("421"):
                raise GoneError
            return said[0] in "23"
        if reply:
            await self.say(reply)
        return True

    async def say(self, reply: str) -> None:
        self.writer.write(reply.encode() + b"\r\n")
        await self.writer.drain()

    async def on_ehlo(self, _command: str) -> None:
        offers = ["sink", "SIZE 10000000"]
        encrypted = self.writer.get_extra_info("ssl_object") is not None
        if self.options.starttls and not encrypted:
            offers.append("STARTTLS")
        if self.options.auth and (encrypted or not self.options.starttls):
            offers.append("AUTH PLAIN")
        *first, last = offers
        await self.meet("ehlo", "\r\n".join([*(f"250-{offer}" for offer in first), f"250 {last}"]))

    async def on_starttls(self, _command: str) -> None:
        if await self.meet("starttls", "220 2.0.0 go ahead"):
            await self.writer.start_tls(tls_context(self.options.certificate))

    async def on_auth(self, command: str) -> None:
        given = base64.b64decode(command.rpartition(" ")[2]).decode().removeprefix("\0")
        right = self.options.auth.replace(":", "\0", 1)
        said = "235 2.7.0 welcome" if given == right else "535 5.7.8 bad credentials"
        if await self.meet("auth", said):
            self.facts["user"] = given.partition("\0")[0]

    async def on_mail(self, command: str) -> None:
        self.facts |= {"from": command.partition("<")[2].partition(">")[0]}
        await self.meet("mail", "250 2.1.0 ok")

    async def on_rcpt(self, command: str) -> None:
        self.facts |= {"to": command.partition("<")[2].partition(">")[0]}
        await self.meet("rcpt", "250 2.1.5 ok")

    async def on_data(self, _command: str) -> None:
        if not await self.meet("data", "354 go on"):
            return
        await self.meet("go")
        first = await self.reader.readline()
        if not first:
            raise GoneError
        if not await self.meet("body"):
            while await self.reader.read(65_536):
                pass  # a reset would overtake the refusal
            raise GoneError
        data = await self.rest_of_body(first)
        self.facts["key"] = str(
            message_from_bytes(data, policy=policy.SMTP).get("X-Effect-Key", "")
        )
        if not await self.meet("dot"):
            return
        self.record(data)
        if await self.meet("accepted", "250 2.0.0 Ok: queued as SINK1"):
            await self.meet("after")

    async def rest_of_body(self, first: bytes) -> bytes:
        lines, line = [], first
        while line != b".\r\n":
            if not line:
                raise GoneError
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            line = await self.reader.readline()
        return b"".join(lines)

    def record(self, data: bytes) -> None:
        message = message_from_bytes(data, policy=policy.SMTP)
        self.log.write(
            event="message",
            **self.facts,
            encrypted=self.writer.get_extra_info("ssl_object") is not None,
            message_id=str(message.get("Message-ID", "")),
            subject=str(message.get("Subject", "")),
            sha256=hashlib.sha256(data).hexdigest(),
            data=data.decode("utf-8", "surrogateescape"),
        )

    async def on_rset(self, _command: str) -> None:
        await self.say("250 2.0.0 ok")

    async def on_quit(self, _command: str) -> None:
        await self.say("221 2.0.0 bye")
        raise GoneError


async def serve(options: argparse.Namespace) -> None:
    """Listens until it is killed; says its port when it does."""
    script, log = Script(options.script), Log(options.log)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(GoneError, OSError):
            await Session(reader, writer, options, script, log).run()
        writer.transport.abort() if options.reset else writer.close()

    tls = tls_context(options.certificate) if options.smtps else None
    await listen(connected, options.port, ssl=tls, limit=2**24)


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--auth", default="", help="user:password")
    parser.add_argument("--certificate", type=Path, help="PEM with key and certificate")
    parser.add_argument("--starttls", action="store_true")
    parser.add_argument("--smtps", action="store_true")
    parser.add_argument("--reset", action="store_true", help="end connections by RST")
    run(serve(parser.parse_args()))
