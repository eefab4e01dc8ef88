"""An SMS centre that counts and misbehaves: `smpp34.Server`, and in front of it whoever does what it cannot.

The server lets everybody in, answers every request and never hangs up (and hears answers to receipts of transceivers
only). The front passes octets on between a client and the server, and follows the rules of `proving.sinks.script` at these
phases: ``connect`` (accepted, nothing read) · ``bind`` (the client's first PDU is here) · ``submit`` (a message is here,
nothing recorded) · ``accepted`` (recorded, no answer yet). ``"status": N`` answers with that command status; ``"unbind":
true`` ends the session politely instead; ``"silent": true`` never answers; ``"id": "…"`` (at ``accepted``) is the id that
is given. Once answered the phase ``after`` follows, where ``"deliver": {"receipt": "DELIVRD", "times": 2}`` brings a
receipt.

At any other time it does what it is told on its standard input, a JSON object a line (`proving.sinks.process.Sink.tell`):

* ``{"deliver": {"id": "…", "from": "7916…", "body": HEX, "esm_class": 4, "coding": 0, "tlvs": {"001e": HEX}}}`` brings
  something to whoever is bound, again and again until it is acknowledged, as centres do; ``id`` is for the log alone
* ``{"raw": HEX}`` writes octets to every client; ``{"unbind": true}`` ends all sessions, ``{"drop": true}`` hangs up
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import struct
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import smpp34

from proving.processes import free_port
from proving.sinks.script import Facts, Log, Rule, Script, kill
from proving.sinks.serving import arguments, listen, run

_HEAD = struct.Struct(">IIII")
_RESPONSE = 0x80000000
_UNBIND = 0x06
_GOOD_BYE = _HEAD.pack(_HEAD.size, _UNBIND, 0, 0)[:12]
_AGAIN_SECONDS = 0.1
"""Before what was not acknowledged is brought again."""


class Centre:
    """The server behind, and what all connections share."""

    def __init__(self, script: Script, log: Log, login: str) -> None:
        self.script = script
        self.log = log
        self.login = login
        self.fronts: list[Front] = []
        self.numbers = itertools.count(1)
        self.sessions: dict[str, smpp34.Esme] = {}
        self._kept: list[smpp34.SubmitSmEvent] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def follow(self, rule: Rule | None, facts: Facts) -> Rule:
        """Does what the script wants here; what is left of the rule is the caller's."""
        if rule is None:
            return {}
        self.log.write(event="fault", **facts, **rule)
        if "kill" in rule:
            kill(rule["kill"], self.fronts[-1].writer)
        await asyncio.sleep(rule.get("stall", 0))
        return rule

    async def serve(self, server: smpp34.Server) -> None:
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                self.sessions[event.session_id] = event
            elif isinstance(event, smpp34.Unbound):
                self.sessions.pop(event.session_id, None)
            elif isinstance(event, smpp34.SubmitSmEvent):
                self.do(self.submitted(event))

    async def obey(self, orders: asyncio.StreamReader) -> None:
        """Does what it is told."""
        while line := await orders.readline():
            order = json.loads(line)
            if "deliver" in order:
                self.do(self.insist(order["deliver"]))
            for front in self.fronts:
                if "raw" in order:
                    front.writer.write(bytes.fromhex(order["raw"]))
                if order.get("unbind"):
                    front.unbind()
                if order.get("drop"):
                    front.cut()

    def do(self, work: Coroutine[None, None, None]) -> None:
        """Beside everything else."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()

    async def submitted(self, event: smpp34.SubmitSmEvent) -> None:
        facts = {"to": event.destination_addr}
        rule = await self.follow(self.script.rule_for("submit", facts), facts)
        if self.misbehaves(rule, event):
            return
        self.record(event, facts)
        rule = await self.follow(self.script.rule_for("accepted", facts), facts)
        if self.misbehaves(rule, event):
            return
        given = rule.get("id") or f"smsc-{next(self.numbers)}"
        event.accept(given)
        rule = await self.follow(self.script.rule_for("after", facts), facts)
        if "deliver" in rule:
            await self.deliver(rule["deliver"], given, event)

    def misbehaves(self, rule: Rule, event: smpp34.SubmitSmEvent) -> bool:
        """Does what a rule wants; whether that was all there is to it."""
        if rule.get("drop") or rule.get("unbind"):
            for front in self.fronts:
                front.unbind() if rule.get("unbind") else front.cut()
        elif rule.get("silent"):
            self._kept.append(event)  # dropped, it would be answered with an error
        elif "status" in rule:
            event.reject(rule["status"])
        else:
            return False
        return True

    def record(self, event: smpp34.SubmitSmEvent, facts: Facts) -> None:
        extra = {f"{each.tag:04x}": each.value.hex() for each in event.tlvs}
        self.log.write(
            event="message",
            **facts,
            sender=event.source_addr,
            ton=event.source_addr_ton,
            coding=event.data_coding,
            esm_class=event.esm_class,
            receipt=event.registered_delivery,
            body=event.short_message.hex(),
            tlvs=extra,
        )

    async def deliver(self, what: dict[str, Any], given: str, event: smpp34.SubmitSmEvent) -> None:
        text = f"id:{given} sub:001 dlvrd:001 stat:{what['receipt']} err:000 text:".encode()
        brought = {"id": given, "from": event.destination_addr, "body": text.hex(), "esm_class": 4}
        for _ in range(what.get("times", 1)):
            await self.bring(brought)

    async def insist(self, what: dict[str, Any]) -> None:
        """Brings something until it is taken."""
        while await self.bring(what) != 0:  # noqa: ASYNC110 -- as other centres, too
            await asyncio.sleep(_AGAIN_SECONDS)

    async def bring(self, what: dict[str, Any]) -> int | None:
        """What it was answered with; None: by nobody."""
        receivers = [each for each in self.sessions.values() if each.can_receive]
        if not receivers:
            return None
        tlvs = [
            smpp34.Tlv(int(tag, 16), bytes.fromhex(value))
            for tag, value in what.get("tlvs", {}).items()
        ]
        try:
            answer = await receivers[-1].deliver_sm(
                "2525",
                bytes.fromhex(what.get("body", "")),
                source_addr=what["from"],
                esm_class=what.get("esm_class", 0),
                data_coding=what.get("coding", 0),
                tlvs=tlvs,
            )
        except smpp34.SmppError:
            return None
        self.log.write(event="delivered", id=what["id"], status=answer.command_status)
        return answer.command_status


class Front:
    """One client's connection."""

    def __init__(
        self, centre: Centre, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.centre = centre
        self.reader, self.writer = reader, writer

    async def run(self, port: int) -> None:
        rule = self.centre.script.rule_for("connect", {})
        if (await self.centre.follow(rule, {})).get("drop"):
            return
        first = await self.pdu()
        if not await self.let_in(first):
            return
        inner_reader, inner = await asyncio.open_connection("127.0.0.1", port)
        inner.write(first)
        ways = [_pass_on(inner_reader, self.writer), _pass_on(self.reader, inner, self.look)]
        tasks = [asyncio.create_task(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        inner.close()

    async def pdu(self) -> bytes:
        head = await self.reader.readexactly(_HEAD.size)
        return head + await self.reader.readexactly(_HEAD.unpack(head)[0] - _HEAD.size)

    async def let_in(self, bind: bytes) -> bool:
        _, command, _, number = _HEAD.unpack_from(bind)
        user, password, kind, *_ = (each.decode() for each in bind[_HEAD.size :].split(b"\0"))
        facts = {"user": user, "kind": kind}
        self.centre.log.write(event="bind", command=command, **facts)
        rule = await self.centre.follow(self.centre.script.rule_for("bind", facts), facts)
        status = rule.get("status", 0)
        if not status and self.centre.login not in {"", f"{user}:{password}"}:
            status = 0x0E
        if rule.get("drop"):
            return False
        if status:
            self.writer.write(_HEAD.pack(_HEAD.size, command | _RESPONSE, status, number))
            await self.writer.drain()
        return not status

    def look(self, octets: bytes) -> None:
        """Who says good-bye, says nothing else with it."""
        if octets.startswith(_GOOD_BYE):
            self.centre.log.write(event="unbind")

    def unbind(self) -> None:
        self.writer.write(_HEAD.pack(_HEAD.size, _UNBIND, 0, 0x7000_0000))

    def cut(self) -> None:
        self.writer.transport.abort()


async def _pass_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    look: Callable[[bytes], None] = lambda _: None,
) -> None:
    with contextlib.suppress(OSError):
        while octets := await reader.read(65_536):
            look(octets)
            writer.write(octets)
            await writer.drain()


async def _orders() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def serve(options: argparse.Namespace) -> None:
    """Listens until it is killed; says its port when it does."""
    centre = Centre(Script(options.script), Log(options.log), options.auth)
    port = free_port()
    behind = smpp34.Server("127.0.0.1", port, system_id="sink")
    await behind.start()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        front = Front(centre, reader, writer)
        centre.fronts.append(front)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await front.run(port)
        centre.fronts.remove(front)
        writer.close()

    front = listen(connected, options.port)
    await asyncio.gather(front, centre.serve(behind), centre.obey(await _orders()))


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--auth", default="", help="system_id:password; others are refused")
    run(serve(parser.parse_args()))
