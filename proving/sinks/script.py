"""What a sink is told to do wrong, where, and how often.

A script is a JSON list of rules, read again for every connection, so that a test may change it at any time:

``{"at": PHASE, …}`` with one thing to do:

* ``"reply": "450 4.2.0 later"`` (SMTP): answers this instead; ``"status": 500`` with ``"body"``, ``"headers"``,
  ``"truncate": true`` (HTTP): likewise
* ``"drop": true``: closes the connection
* ``"stall": SECONDS``: is silent so long, then goes on as if nothing had been
* ``"kill": PIDFILE``: sends SIGKILL to the process whose id stands in that file now, then goes on;
  ``"kill": "sender"``: to whoever holds the other end of this connection

and with these limits: ``"times": N`` (so often, default always), ``"skip": N`` (not the first N),
``"per": "to"`` (counts for each value of that fact by itself), ``"match": {"to": "…"}`` (only where the
facts known so far have these values).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

SENDER = "sender"

Rule = dict[str, Any]
Facts = dict[str, str]


@dataclass
class Script:
    """The rules of a sink and how often each has been met."""

    path: Path | None
    met: Counter[str] = field(default_factory=Counter)

    def rule_for(self, phase: str, facts: Facts) -> Rule | None:
        """The first rule that applies here and now."""
        if self.path is None or not self.path.exists():
            return None
        for rule in json.loads(self.path.read_text()):
            if rule["at"] == phase and _matches(rule, facts) and self._due(rule, facts):
                return dict(rule)
        return None

    def _due(self, rule: Rule, facts: Facts) -> bool:
        counted = json.dumps(rule, sort_keys=True) + facts.get(rule.get("per", ""), "")
        self.met[counted] += 1
        skip = rule.get("skip", 0)
        return bool(skip < self.met[counted] <= skip + rule.get("times", float("inf")))


def _matches(rule: Rule, facts: Facts) -> bool:
    return all(facts.get(name) == value for name, value in rule.get("match", {}).items())


class GoneError(Exception):
    """This connection is over."""


async def follow(rule: Rule | None, facts: Facts, log: Log, writer: asyncio.StreamWriter) -> Rule:
    """Does what every sink can do of a rule: kills, is silent; what is left of it is the caller's."""
    if rule is None:
        return {}
    log.write(event="fault", **facts, **rule)
    if "kill" in rule:
        kill(rule["kill"], writer)
    await asyncio.sleep(rule.get("stall", 0))
    return rule


def kill(whom: str, writer: asyncio.StreamWriter) -> None:
    """SIGKILL to the process named in a file, or to the ``sender``; one who is dead already stays so.

    Args:
        whom: a path, or ``sender``.
        writer: of the connection.
    """
    pid = _sender(writer) if whom == SENDER else int(Path(whom).read_text())
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _sender(writer: asyncio.StreamWriter) -> int | None:
    """Who holds the other end; its port alone may serve others' connections to elsewhere."""
    ours, theirs = (writer.get_extra_info(end)[1] for end in ("sockname", "peername"))
    for each in psutil.net_connections("tcp"):
        if each.laddr and each.raddr and (each.laddr.port, each.raddr.port) == (theirs, ours):
            return each.pid
    return None


class Log:
    """JSON lines, each on the disk before anybody hears of it; ``time``: when it was written, seconds of the epoch."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def write(self, **entry: object) -> None:
        self._file.write(json.dumps({**entry, "time": time.time()}).encode() + b"\n")
        os.fsync(self._file.fileno())
