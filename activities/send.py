"""A send: the ledger is asked first, so that any number of attempts makes at most one message.

One attempt: claim the row · render and freeze its bytes, once · let the channel go as far as the first byte that cannot
be taken back · there look a last time (`Ledger.hand_over`) and go on only if that has committed · write down what the
other side said. A refusal that will pass, a channel that is down, a message held back: the attempt fails and Temporal
tries again, which costs no history. What nobody can know is looked up where that is possible (`activities.doubt`), else it
is a result (`ambiguous`), never a reason to try again.
"""

from __future__ import annotations

from asyncio import sleep, to_thread
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.clock import Clock
from activities.compose import Composer, NotForSending
from activities.deliver import deliver
from activities.doubt import AskAgain, Resend, find_out
from activities.ended import AWAY, SOON, Later, ids, told
from activities.gate import Gate
from activities.heartbeat import beating
from activities.policies import SEND_ACTIVITY
from leadflow.channels.outcome import (
    Ambiguous,
    ChannelDown,
    Missing,
    Outcome,
    Refused,
    Sent,
)
from leadflow.engine.clock import iso
from leadflow.engine.effects import SendMessage
from leadflow.engine.events import EffectDone
from leadflow.engine.permit import next_allowed
from leadflow.errors import Misconfigured, NotFound, Unreachable
from leadflow.rules.last_look import HandOver
from leadflow.store.entries import Entry, Erased
from leadflow.store.ledger import Ledger
from leadflow.text import EmptyValue, TemplateFailed

GIVE_UP = timedelta(days=5)
"""Without ``not_after`` a message is tried this long, as mail servers do (RFC 5321 §4.5.4.1)."""
PLANNED_WITHIN = timedelta(minutes=2)
"""A row that is just being planned is there by then, even if the door that plans it died and the relay had to help."""
PLANNED_SOON = timedelta(milliseconds=15)
"""Until it is looked for again, at first."""
LOOKS = 8
NOT_PLANNED = "it is not planned yet"
LATER = timedelta(minutes=1)
"""Until a message that is held back is tried again."""

DIED = "the sender died during the hand-over"
FORGOTTEN = "the database was put back to before this message was planned: it may have left"

log = structlog.get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class SendActivity:
    """Sends what the ledger has planned."""

    def __init__(
        self, ledger: Ledger, composer: Composer, gate: Gate, clock: Clock, worker: str
    ) -> None:
        """``worker``: who claims, for people who read the ledger."""
        self._ledger = ledger
        self._composer = composer
        self._gate = gate
        self._clock = clock
        self._worker = worker

    @activity.defn(name=SEND_ACTIVITY)
    async def send(self, key: str, early: bool = False) -> EffectDone:  # noqa: FBT001, FBT002 -- an activity's input
        """One attempt at the effect with this ledger key; fails when another one is worth while.

        ``early``: whoever stores the step plans the row about now; it may not be there yet.
        """
        async with beating():
            try:
                return await self._attempt(key, early=early)
            except Later as later:
                raise _again(later) from None
            except Unreachable as error:
                raise _again(Later(error.message, AWAY)) from error

    async def _attempt(self, key: str, *, early: bool) -> EffectDone:
        now = await self._clock.now()
        try:
            entry = await self._claimed(key, now, looks=LOOKS if early else 1)
        except Erased:
            return EffectDone(id=key, key=key, result="skipped", reason="erased")
        except NotFound:
            if early and now - activity.info().scheduled_time < PLANNED_WITHIN:
                raise Later(NOT_PLANNED, SOON) from None
            return EffectDone(id=key, key=key, result="ambiguous", reason=FORGOTTEN)
        if entry.state != "claimed":
            lost = entry.state == "handing_over"
            return await self._unsure(entry, DIED, now) if lost else told(entry)
        if now > (entry.not_after or entry.planned + GIVE_UP):
            return told(
                await to_thread(self._ledger.finish, entry, "expired", now, reason="too_late")
            )
        if reason := await self._gate.closed(entry, now):
            await to_thread(self._ledger.release, entry, reason)
            raise Later(reason, LATER)
        frozen = await self._frozen(entry, now)
        if frozen.message is None or frozen.state != "claimed":
            return told(frozen)
        return await self._handed_out(frozen, frozen.message)

    async def _claimed(self, key: str, now: datetime, looks: int) -> Entry:
        """The row; one that is just being planned is looked for again, which is cheaper than another attempt."""
        for number in range(1, looks):
            try:
                return await to_thread(self._ledger.claim, key, self._worker, now)
            except Erased:
                raise
            except NotFound:
                await sleep(number * PLANNED_SOON.total_seconds())
        return await to_thread(self._ledger.claim, key, self._worker, now)

    async def _frozen(self, entry: Entry, now: datetime) -> Entry:
        """The row with its bytes; or as it ended, because there can be none."""
        if entry.message is not None:
            return entry
        try:
            message = await to_thread(self._composer.compose, entry, now)
        except (NotForSending, EmptyValue) as error:
            reason = error.message if isinstance(error, NotForSending) else "empty_value"
            said = error.hint if isinstance(error, NotForSending) else error.message
            return await to_thread(
                self._ledger.finish, entry, "suppressed", now, reason=reason, reply=said
            )
        except TemplateFailed as error:
            reason = f"its text cannot be rendered: {error.message} (line {error.line})"
            return await to_thread(self._ledger.finish, entry, "refused", now, reason=reason)
        except Misconfigured as error:
            raise await self._closed(entry, f"{error.message}; {error.hint}", now) from error
        return await to_thread(self._ledger.freeze, entry, message.data, message.message_id)

    async def _handed_out(self, entry: Entry, data: bytes) -> EffectDone:
        verdict = HandOver("lost")

        async def handover() -> bool:
            nonlocal verdict
            verdict = await self._look(entry)
            return verdict.verdict == "go"

        if early := await self._too_early(entry):
            return await self._not_gone(entry, early)
        now = await self._clock.now()
        try:
            outcome = await deliver(self._gate.connections, entry, data, now, handover)
        except Unreachable as error:  # no last look, no message, whatever of it was committed
            await _kept(self._ledger.release, entry, error.message)
            raise
        return await self._concluded(entry, outcome, verdict)

    async def _look(self, entry: Entry) -> HandOver:
        """The last look, committed: `leadflow.store.ledger.Ledger.hand_over`."""
        now = await self._clock.now()
        return await to_thread(self._ledger.hand_over, entry, now, await self._allowed(entry, now))

    async def _allowed(self, entry: Entry, now: datetime) -> datetime:
        if not isinstance(entry.effect, SendMessage):
            return now
        return next_allowed(entry.effect, await to_thread(self._composer.pipeline, entry), now)

    async def _too_early(self, entry: Entry) -> HandOver | None:
        """Quiet hours and window are known without a connection; what they say is never "go"."""
        now = await self._clock.now()
        allowed = await self._allowed(entry, now)
        if allowed <= now:
            return None
        return await to_thread(self._ledger.hand_over, entry, now, allowed)

    async def _concluded(self, entry: Entry, outcome: Outcome, verdict: HandOver) -> EffectDone:
        """Writes down what became of it."""
        now = await self._clock.now()
        match outcome:
            case Sent(provider_id=given, reply=reply):
                done = await _kept(
                    self._ledger.finish, entry, "accepted", now, provider_id=given, reply=reply
                )
            case Ambiguous(detail=detail):
                return await self._unsure(entry, detail, now)
            case Refused(permanent=True, code=code, reply=reply):
                if outcome.suppress:
                    await self._gate.suppress(entry, now)
                done = await _kept(
                    self._ledger.finish, entry, "refused", now, reason=code, reply=reply
                )
            case Refused(code=code, reply=reply, retry_after=seconds):
                said = f"{code} {reply}"
                await _kept(self._ledger.release, entry, said)
                raise Later(said, None if seconds is None else timedelta(seconds=seconds))
            case ChannelDown(detail=detail, reason="unreachable"):
                await _kept(self._ledger.release, entry, detail)
                raise Later(detail)
            case ChannelDown(detail=detail):
                raise await self._closed(entry, detail, now)
            case _:
                return await self._not_gone(entry, verdict)
        return told(done)

    async def _unsure(self, entry: Entry, detail: str, now: datetime) -> EffectDone:
        """Whoever may know is asked before anybody of ours is (`activities.doubt`)."""
        found = await find_out(self._gate.connections, entry, detail, now)
        if isinstance(found, Sent | Refused):
            return await self._concluded(entry, found, HandOver("lost"))
        if isinstance(found, Ambiguous):
            return told(await _kept(self._ledger.unsure, entry, now, found.detail))
        if isinstance(found, Missing):
            await _kept(self._ledger.release, entry, f"it had not arrived: {detail}")
        elif isinstance(found, Resend):
            await _kept(self._ledger.resend, entry, found.reason)
        raise Later(detail, found.after if isinstance(found, AskAgain) else None)

    async def _closed(self, entry: Entry, reason: str, now: datetime) -> Later:
        """The channel cannot send at all: paused for everybody; this message waits with the others."""
        await _kept(self._ledger.release, entry, reason)
        await self._gate.close(entry, reason, now)
        log.error("a channel is paused", **ids(entry))
        return Later(reason, LATER)

    async def _not_gone(self, entry: Entry, verdict: HandOver) -> EffectDone:
        """The last look said no; the row says so already."""
        if verdict.verdict == "postponed" and verdict.until is not None:
            return EffectDone(
                id=entry.key,
                key=entry.key,
                result="postponed",
                reason=verdict.reason,
                at=iso(verdict.until),
            )
        if verdict.verdict in {"suppressed", "expired"}:
            now = await self._clock.now()
            return told(await to_thread(self._ledger.claim, entry.key, self._worker, now))
        raise Later(verdict.reason or verdict.verdict, SOON if verdict.verdict == "lost" else LATER)


async def _kept(write: Callable[P, T], *args: P.args, **said: P.kwargs) -> T:
    """Writes what the other side has said, which nobody else knows: as soon as the database is back, if it is away."""
    while True:
        try:
            return await to_thread(write, *args, **said)
        except Unreachable as error:
            log.warning("what became of a message cannot be stored yet", error=error.message)
            await sleep(AWAY.total_seconds())


def _again(later: Later) -> ApplicationError:
    """The failure of an attempt after which another one is worth while."""
    delay = later.pause(activity.info().attempt)
    return ApplicationError(str(later), type="Later", next_retry_delay=delay)
