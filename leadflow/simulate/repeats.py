"""A person's next inquiry: which lead it belongs to (language.md, **repeat**)."""

from __future__ import annotations

from collections.abc import Iterable

from leadflow.engine.calendar import add
from leadflow.engine.clock import parse_iso
from leadflow.engine.events import Created, Signal
from leadflow.engine.scope import addresses
from leadflow.simulate.world import Life


def joined(lives: Iterable[Life], pipeline: str, event: Created) -> Life | None:
    """The lead that takes an inquiry up: an open one, or one closed less than ``again_after`` ago; the newest first."""
    for life in reversed([one for one in lives if one.pipeline.id == pipeline]):
        if _same_person(life, event) and _goes_on(life):
            return life
    return None


def repeated(event: Created) -> Signal:
    """The inquiry as the lead hears of it; only its empty fields are filled."""
    data = {"channel": event.channel} if event.channel else {}
    return Signal(id="repeated", name="repeated", fields=event.fields, data=dict(data))


def _same_person(life: Life, event: Created) -> bool:
    rule = life.pipeline.repeat
    if rule is None:
        return False
    return any(
        set(addresses(event.fields.get(name))) & set(addresses(life.state.fields.get(name)))
        for name in rule.match
    )


def _goes_on(life: Life) -> bool:
    rule, s, p = life.pipeline.repeat, life.state, life.pipeline
    if rule is None or not s.closed:
        return rule is not None and rule.while_open == "join"
    if rule.again_after is None:
        return False
    return life.world.now < add(parse_iso(s.closed_at), rule.again_after, p.calendar, p.timezone)
