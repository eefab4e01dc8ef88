"""What people type: ``field=value``, moments, conversions. A wrong form is an error of the command line (status 2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from leadflow.engine.clock import iso
from leadflow.engine.fields import Field, Value
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State

Lead = Annotated[str, typer.Argument(metavar="LEAD", help="Number or id of the lead.")]
Pairs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FIELD=VALUE",
        show_default=False,
        help="Values; nothing after '=' clears; a field named twice gets a list.",
    ),
]
Into = Annotated[
    str,
    typer.Option(
        "--into",
        metavar="RECORDS",
        show_default=False,
        help="What a conversion creates, where the pipeline offers several: contact,deal.",
    ),
]
GoesTo = Annotated[
    list[str] | None,
    typer.Option(
        "--goes-to",
        metavar="FIELD=RECORDS",
        show_default=False,
        help="Where a conversion keeps a field: phone=contact,company. May be repeated.",
    ),
]


def pairs(words: Sequence[str] | None) -> dict[str, Value]:
    """``name=value`` words as typed; what stands twice becomes a list, what is empty ``None``."""
    found: dict[str, Value] = {}
    for word in words or ():
        name, sign, text = word.partition("=")
        if not sign or not name.strip():
            message = f"'{word}' is not FIELD=VALUE; quote a value with spaces: name=\"Анна Ким\""
            raise typer.BadParameter(message)
        if name.strip() in found and not (text and found[name.strip()]):
            message = f"'{name.strip()}' is given twice, once with nothing; give it once"
            raise typer.BadParameter(message)
        found[name.strip()] = _joined(found.get(name.strip()), text) if text else None
    return found


def _joined(before: Value, text: str) -> Value:
    if before is None:
        return text
    return [*before, text] if isinstance(before, list) else [before, text]


def records(text: str) -> tuple[str, ...]:
    """``contact,deal`` as a tuple."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def goes_to(words: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    """``phone=contact,company`` words."""
    return {name: records(str(value or "")) for name, value in pairs(words).items()}


def moment(text: str, pipeline: Pipeline, state: State | None) -> str:
    """The UTC instant that a text means: ``2026-12-01 10:00``, ``2 working days``, ``3 days before visit_on``."""
    from leadflow.simulate.instants import NoInstant, instant

    try:
        return iso(instant(text, pipeline, state, datetime.now(UTC)))
    except NoInstant as error:
        raise typer.BadParameter(str(error)) from error


def data(words: Sequence[str] | None, pipeline: Pipeline) -> dict[str, Value]:
    """A signal's data: ``amount`` is a sum, ``until`` a moment, all else as typed."""
    from leadflow.values import BadValue, parse_value

    found: dict[str, Any] = pairs(words)
    if found.get("until"):
        found["until"] = moment(str(found["until"]), pipeline, None)
    if found.get("amount"):
        try:
            found["amount"] = parse_value(Field("amount", "money", "amount"), found["amount"])
        except BadValue as error:
            raise typer.BadParameter(error.message) from error
    return found
