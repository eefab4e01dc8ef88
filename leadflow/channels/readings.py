"""What the answers of a gateway mean, by the rules of its connection in `leadflow.yaml`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from leadflow.channels.http import Answer
from leadflow.channels.outcome import Ambiguous, ChannelDown, Missing, Refused, Sent, clean
from leadflow.channels.paths import node, value
from leadflow.channels.request import Values, fill
from leadflow.installation import Reading

MOST_SEARCHED = 10_000
"""Characters of an answer that a regular expression looks at."""

Read = Sent | Refused | Ambiguous | ChannelDown | Missing

_NOTHING = (None, "")


def read(answer: Answer, readings: Sequence[Reading], values: Values) -> Read | None:
    """What an answer says of the message: the first reading that fits; None: none does.

    Args:
        answer: the gateway's.
        readings: in order.
        values: of the message: they may stand in the paths, where an answer has the number for a key.
    """
    told = _Told(answer, values)
    return next((told.outcome(each) for each in readings if told.fits(each)), None)


class _Told:
    def __init__(self, answer: Answer, values: Values) -> None:
        self._answer = answer
        self._values = values
        self._json = _decoded(answer)

    def fits(self, reading: Reading) -> bool:
        if reading.status and not any(self._has_status(each) for each in reading.status):
            return False
        if reading.at and not self._stands(reading):
            return False
        if reading.matches and self._search(reading.matches) is None:
            return False
        return not reading.id or bool(self._value(reading.id))

    def outcome(self, reading: Reading) -> Read:
        answer = self._answer
        match reading.means:
            case "accepted" | "known":
                return Sent(self._named(reading, reading.id, "id"), answer.said)
            case "refused":
                return Refused(permanent=True, code=self._code(reading), reply=answer.said)
            case "temporary":
                wait = reading.wait or answer.retry_after
                return Refused(
                    permanent=False,
                    code=self._code(reading),
                    reply=answer.said,
                    retry_after=wait,
                )
            case "down":
                return ChannelDown(f"the gateway says {answer.said}", "misconfigured")
            case "unsure":
                return Ambiguous(f"answered {answer.said}")
            case "missing":
                return Missing()

    def _code(self, reading: Reading) -> str:
        return clean(self._named(reading, reading.code, "code")) or str(self._answer.status)

    def _named(self, reading: Reading, path: str, group: str) -> str:
        """What stands at the path, or in the group of that name of the reading's regular expression."""
        if path:
            return self._value(path)
        found = self._search(reading.matches) if reading.matches else None
        return (found.groupdict().get(group) or "") if found else ""

    def _has_status(self, pattern: str) -> bool:
        status = str(self._answer.status)
        return all(wanted in {"x", digit} for wanted, digit in zip(pattern, status, strict=True))

    def _stands(self, reading: Reading) -> bool:
        if reading.is_:
            return self._value(reading.at) in reading.is_
        return self._node(reading.at) not in _NOTHING

    def _value(self, path: str) -> str:
        """The single value at a path as text; empty: there is none."""
        return value(self._json, fill(path, self._values))

    def _node(self, path: str) -> Any:
        return node(self._json, fill(path, self._values))

    def _search(self, pattern: str) -> re.Match[str] | None:
        if not self._answer.complete:
            return None
        text = self._answer.body.decode("utf-8", "replace")[:MOST_SEARCHED]
        return _compiled(pattern).search(text)


def _decoded(answer: Answer) -> Any:
    """The answer's JSON; None where it is none, or cut off."""
    if not answer.complete:
        return None
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
