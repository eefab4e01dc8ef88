"""Conversion into contact, company and deal (language.md, **convert**; S41 to S44).

The way into a converting stage is taken when the commit has made the rows, not before: until then the lead stays where
it is and waits (`State.converting`), so that a refusal has nothing to undo. No message of the final stage goes out, and
no task of the left one is cancelled, for a conversion that did not happen.
"""

from __future__ import annotations

from leadflow.engine.conditions import holds
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import PIPELINE, Cause, Draft
from leadflow.engine.effects import ConvertLead
from leadflow.engine.fields import Value
from leadflow.engine.pipeline import Conversion, Exit
from leadflow.engine.scope import scope
from leadflow.engine.state import Pending

BOTH = ("contact", "company")
"""Where a field goes whose place the manager did not choose: copied to both, as S44 has it."""


def pick(d: Draft, way: Exit, cause: Cause) -> Conversion | Refusal | None:
    """The conversion that goes with a way: the one a person named, else the first whose condition holds."""
    listed = d.index.stage(way.goto).convert
    if not listed:
        return None
    if cause.convert:
        wanted = set(cause.convert)
        found = next((one for one in listed if set(one.create) == wanted), None)
        names = ", ".join(" + ".join(one.create) for one in listed)
        return found or Refusal("bad_value", f"converts into one of: {names}", pos=way.pos)
    see = scope(d)
    return next((c for c in listed if c.condition is None or holds(c.condition, see)), None)


def begin(d: Draft, way: Exit, conversion: Conversion, cause: Cause) -> None:
    """Asks for the rows; the way is taken with `ConvertDone`."""
    key = d.key(PIPELINE, "convert")
    d.s.converting = Pending(
        ref=way.ref,
        scope=d.stage_scope,
        event=cause.name,
        data=cause.data,
        key=key,
        convert=cause.convert,
        goes_to=cause.goes_to,
    )
    d.effects.append(
        ConvertLead(
            key=key,
            ref=way.ref,
            pos=conversion.pos,
            create=conversion.create,
            pipeline=conversion.pipeline,
            fields=_split(d, conversion, cause.goes_to),
            conversion=d.s.conversions + 1,
        )
    )
    d.note("converting", way.goto, way.ref, conversion.pos, create=list(conversion.create))


def _split(
    d: Draft, conversion: Conversion, chosen: dict[str, tuple[str, ...]]
) -> dict[str, dict[str, Value]]:
    """Each record's fields: by ``goes_to``, and the deal's own names by ``map``."""
    records: dict[str, dict[str, Value]] = {record: {} for record in conversion.create}
    for name, value in d.s.fields.items():
        for record in _places(d, name, chosen):
            if record in records:
                records[record][name] = value
    if "deal" in records:
        deal = records["deal"]
        deal.update(
            (t, d.s.fields[ours]) for t, ours in conversion.map.items() if ours in d.s.fields
        )
    return records


def _places(d: Draft, name: str, chosen: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    field = d.pipeline.fields.get(name)
    places = field.goes_to if field is not None else ()
    if "ask" in places:
        places = chosen.get(name, BOTH)
    return (*places, "deal") if places else ("deal",)
