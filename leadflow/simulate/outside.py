"""The hand-over: what the last moment decides about a message, and how a made-up outside answers it (Meaning 8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from leadflow.engine.clock import iso
from leadflow.engine.effects import NotifyPeople, Outgoing, SendMessage
from leadflow.engine.events import EffectDone
from leadflow.engine.permit import next_allowed
from leadflow.engine.scope import addresses

if TYPE_CHECKING:
    from leadflow.simulate.world import Life

Result = Literal["accepted", "refused", "skipped", "ambiguous", "postponed"]

REFUSED = "the other side refuses it"
ALL = "all"
_CHANNELS = {"email": ("email",), "phone": ("sms", "message")}
"""Field type → channels that reach its addresses."""


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
    """The last look: an opt-out, too late, quiet hours, window, snooze, then the text itself."""
    world = life.world
    address = _normal(effect.channel, effect.to)
    barred = {(effect.channel, address), (ALL, address)} & world.barred
    if barred and not (effect.manual or effect.service):
        return _answer(life, effect, "skipped", "opted_out")
    if effect.not_after and iso(world.now) > effect.not_after:
        return _answer(life, effect, "skipped", "too_late")
    go = next_allowed(effect, life.pipeline, world.now)
    if go > world.now or (life.state.sleep is not None and not effect.manual):
        return _answer(life, effect, "postponed", at=iso(go))
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


def opted_out(life: Life) -> Iterator[tuple[str, str]]:
    """Channel (or ``all``) and address of every opt-out that a lead's state tells of (Meaning 9)."""
    out = life.state.opted_out
    for field in life.pipeline.fields.values():
        channels = _CHANNELS.get(field.type, ())
        barred = (ALL,) if ALL in out else [one for one in channels if one in out]
        for address in addresses(life.state.fields.get(field.id)):
            for channel in barred if channels else ():
                yield channel, _normal(channels[0], address)


def _normal(channel: str, address: str) -> str:
    return address.strip().casefold() if channel == "email" else address.strip()
