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
import ssl
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl

from proving.sinks.script import Facts, Log, Rule, Script, kill


class GoneError(Exception):
    """This connection is over."""


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
        if rule is None:
            return
        self.log.write(event="fault", **self.facts, **rule)
        if "kill" in rule:
            kill(rule["kill"], self.writer)
        await asyncio.sleep(rule.get("stall", 0))
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

    tls = None
    if options.certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(options.certificate)
    server = await asyncio.start_server(connected, "127.0.0.1", options.port, ssl=tls)
    print("PORT", server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the test hears of it
    await server.serve_forever()


def main() -> None:
    """Serves until it is killed; prints ``PORT n`` first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--script", type=Path)
    parser.add_argument("--certificate", type=Path, help="PEM with key and certificate: speak TLS")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
