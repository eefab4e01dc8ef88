"""The hand-over: what the last moment decides about a message, and how a made-up outside answers it (Meaning 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.effects import NotifyPeople, Outgoing, SendMessage
from leadflow.engine.events import EffectDone
from leadflow.engine.permit import next_allowed
from leadflow.engine.sends import ALL
from leadflow.rules.addresses import normal
from leadflow.rules.last_look import Message, last_look

if TYPE_CHECKING:
    from leadflow.simulate.world import Life

Result = Literal["accepted", "refused", "skipped", "ambiguous", "postponed"]

REFUSED = "the other side refuses it"


def hand_over(life: Life, effect: Outgoing) -> None:
    """Tries what a commit has planned; the answer waits among the lead's facts."""
    world = life.world
    life.handed[effect.key] = effect
    if isinstance(effect, NotifyPeople):  # in-house words always arrive
        world.watcher.told(life, effect, list(effect.users))
        _answer(life, effect, "accepted")
        return
    if world.mode == "held":
        world.held.append((life, effect))
        return
    if isinstance(effect, SendMessage) and _stopped(life, effect):
        return
    if world.mode == "refused":
        _answer(life, effect, "refused", REFUSED)
    elif world.mode == "ambiguous" and effect.if_unsure == "ask":
        _answer(life, effect, "ambiguous")
    elif world.mode == "ambiguous":  # resent with the same id until there is an answer
        world.held.append((life, effect))
    else:
        _answer(life, effect, "accepted")


def _stopped(life: Life, effect: SendMessage) -> bool:
    """The last look, then the text itself."""
    world, sleep = life.world, life.state.sleep
    address = normal(effect.channel, effect.to)
    awake = parse_iso(sleep.until) if sleep is not None else world.now
    found = last_look(
        Message(
            parse_iso(effect.not_after) if effect.not_after else None, effect.manual, effect.service
        ),
        world.now,
        max(next_allowed(effect, life.pipeline, world.now), awake),
        opted_out=lambda: not world.barred.isdisjoint({(effect.channel, address), (ALL, address)}),
        held=str,
    )
    if found.until is not None:
        return _answer(life, effect, "postponed", at=iso(found.until))
    if found.verdict != "go":
        return _answer(life, effect, "skipped", found.reason)
    reason = life.texts.unfit(effect, quick=world.quick)
    if reason == "empty_value":
        return _answer(life, effect, "skipped", reason)
    return _answer(life, effect, "refused", reason) if reason else False


def _answer(
    life: Life, effect: Outgoing, result: Result, reason: str = "", *, at: str = ""
) -> bool:
    """Tells the lead, where it waits for the answer."""
    if effect.key in life.state.sends:
        now = at or iso(life.world.now)
        done = EffectDone(id=result, key=effect.key, result=result, reason=reason, at=now)
        life.facts.append(done)
    return True
