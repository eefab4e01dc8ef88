"""What providers tell later of the messages they have taken, by the rules of their connection in `leadflow.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import parse_qsl

import msgspec

from leadflow.channels.outcome import clean
from leadflow.channels.paths import node, value
from leadflow.installation import Callbacks
from leadflow.ports import Report

Kind = Literal["json", "form"]

MOST_FIELDS = 1_000
"""Of a form."""
_KEY = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def decoded(kind: Kind, body: bytes) -> Any:
    """The body as plain data; of a form each field's last value.

    Raises:
        ValueError: it is not of that kind.
    """
    try:
        if kind == "json":
            return msgspec.json.decode(body)
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return dict(pairs)


def reports(rules: Callbacks, kind: Kind, body: bytes) -> list[Report]:
    """What a callback says of messages; what says nothing final, or names none, is left out.

    Raises:
        ValueError: the body is not of that kind.
    """
    tree = decoded(kind, body)
    found = node(tree, rules.each) if rules.each else tree
    items = found if isinstance(found, list) else [found]
    return [report for item in items for report in _read(rules, item)]


def _read(rules: Callbacks, item: Any) -> Iterator[Report]:
    telling = next((each for each in rules.reports if _fits(item, each.at, each.is_)), None)
    key = _KEY.search(value(item, rules.key).lower()) if rules.key else None
    given = value(item, rules.id) if rules.id else ""
    if telling is None or not (key or given):
        return
    code = clean(value(item, telling.code)) if telling.code else ""
    yield Report(telling.means, key=key[0] if key else "", id=given, code=code)


def _fits(item: Any, at: str, values: tuple[str, ...]) -> bool:
    if not at:
        return True
    return value(item, at) in values if values else node(item, at) not in (None, "")
