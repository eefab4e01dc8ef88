"""Options, named by id or by label."""

from __future__ import annotations

import difflib

from leadflow.engine.fields import Field, Value
from leadflow.values.circumstances import Circumstances
from leadflow.values.clean import Wrong, as_line, quoted

_MOST_LISTED = 8


def choice(raw: object, circumstances: Circumstances) -> Value:
    """The id of one option."""
    return _option(raw, circumstances.field)


def choices(raw: object, circumstances: Circumstances) -> Value:
    """The ids of several options, in the order given, each once; as text they stand between commas."""
    field = circumstances.field
    match raw:
        case list() | tuple():
            items = [item for item in raw if item not in (None, "")]
        case str() if not _matching(as_line(raw, ""), field):
            items = [item for item in raw.replace(";", ",").split(",") if item.strip()]
        case _:
            items = [raw]
    ids: list[Value] = []
    for item in items:
        option = _option(item, field)
        if option not in ids:
            ids.append(option)
    return ids


def _matching(text: str, field: Field) -> list[str]:
    """Ids of the options that a text may mean: the id as written first, then id or label in any case."""
    if text in field.options:
        return [text]
    wanted = text.casefold()
    return [
        option
        for option, label in field.options.items()
        if wanted in (option.casefold(), label.casefold())
    ]


def _option(raw: object, field: Field) -> str:
    text = as_line(raw, f"an option; {_listed(field)}")
    found = _matching(text, field)
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{quoted(text)} may be any of {', '.join(found)}; write the one you mean"
    else:
        message = f"{quoted(text)} is not an option; {_nearest(text, field) or _listed(field)}"
    raise Wrong(message)


def _nearest(text: str, field: Field) -> str:
    by_name = {name.casefold(): name for pair in field.options.items() for name in pair}
    near = difflib.get_close_matches(text.casefold(), by_name, n=1)
    return f"did you mean '{by_name[near[0]]}'?" if near else ""


def _listed(field: Field) -> str:
    shown = [f"{option} ({label})" for option, label in field.options.items()][:_MOST_LISTED]
    more = ", …" if len(field.options) > _MOST_LISTED else ""
    return f"choose one of: {', '.join(shown)}{more}"
