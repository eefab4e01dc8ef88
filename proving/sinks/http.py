"""An HTTP gateway that counts and misbehaves; raw asyncio, nothing shared with the product.

Phases for the rules of `proving.sinks.script`: ``connect`` (accepted, nothing read) · ``headers`` (the request's head is
here) · ``request`` (all of it is here, nothing recorded) · ``accepted`` (recorded, no answer yet) · ``after``.
Any path takes JSON, a form or nothing; the key is the body's ``id``, else ``Idempotency-Key``, else ``webhook-id``. Rules
may match ``path`` and ``method``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl

from proving.sinks.script import Facts, GoneError, Log, Rule, Script, follow
from proving.sinks.serving import arguments, listen, run, tls_context


class Session:
    """One connection, one request."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        script: Script,
        log: Log,
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.script = script
        self.log = log
        self.facts: Facts = {}

    async def run(self) -> None:
        await self.meet("connect")
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request_line, *lines = head.strip().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        self.facts["method"], self.facts["path"] = request_line.split(" ")[:2]
        await self.meet("headers")
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        self.note(headers, body)
        await self.meet("request")
        self.log.write(event="message", **self.facts, headers=headers, body=body.decode())
        await self.meet("accepted")
        await self.answer({"status": 200, "body": json.dumps({"id": f"gw-{self.facts['key']}"})})
        await self.meet("after")

    def note(self, headers: dict[str, str], body: bytes) -> None:
        form = headers.get("content-type", "").endswith("form-urlencoded")
        content = dict(parse_qsl(body.decode())) if form else json.loads(body or b"{}")
        key = content.get("id") or headers.get("idempotency-key") or headers.get("webhook-id", "")
        self.facts |= {"key": key, "to": content.get("to", "")}

    async def meet(self, phase: str) -> None:
        rule = self.script.rule_for(phase, self.facts)
        rule = await follow(rule, self.facts, self.log, self.writer)
        if "status" in rule:
            await self.answer(rule)
        if "status" in rule or rule.get("drop"):
            raise GoneError

    async def answer(self, rule: Rule) -> None:
        body = rule.get("body", "").encode()
        length = len(body) + (100 if rule.get("truncate") else 0)
        headers = {"Content-Length": length, "Connection": "close", **rule.get("headers", {})}
        lines = [f"HTTP/1.1 {rule['status']} {HTTPStatus(rule['status']).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await self.writer.drain()


async def serve(options: argparse.Namespace) -> None:
    """Listens until it is killed; says its port when it does."""
    script, log = Script(options.script), Log(options.log)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(GoneError, OSError, asyncio.IncompleteReadError):
            await Session(reader, writer, script, log).run()
        writer.close()

    tls = tls_context(options.certificate) if options.certificate else None
    await listen(connected, options.port, ssl=tls)


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--certificate", type=Path, help="PEM with key and certificate: speak TLS")
    run(serve(parser.parse_args()))
