"""What a sink is told to do wrong, where, and how often.

A script is a JSON list of rules, read again for every connection, so that a test may change it at any time:

``{"at": PHASE, …}`` with one thing to do:

* ``"reply": "450 4.2.0 later"`` (SMTP): answers this instead; ``"status": 500`` with ``"body"``, ``"headers"``,
  ``"truncate": true`` (HTTP): likewise
* ``"drop": true``: closes the connection
* ``"stall": SECONDS``: is silent so long, then goes on as if nothing had been
* ``"kill": PIDFILE``: sends SIGKILL to the process whose id stands in that file now, then goes on

and with these limits: ``"times": N`` (so often, default always), ``"skip": N`` (not the first N),
``"per": "to"`` (counts for each value of that fact by itself), ``"match": {"to": "…"}`` (only where the
facts known so far have these values).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


def kill(pid_file: str) -> None:
    """SIGKILL to whoever is named there; one who is dead already stays so."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(Path(pid_file).read_text()), signal.SIGKILL)


class Log:
    """JSON lines, each on the disk before anybody hears of it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def write(self, **entry: object) -> None:
        self._file.write(json.dumps(entry).encode() + b"\n")
        os.fsync(self._file.fileno())
