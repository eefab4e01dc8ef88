"""Messages to the client: may they go, when, and with what (language.md, Meaning 8 and 9).

`plan` gives a message its key; `release` hands it out or makes it wait for the end of quiet hours, window or snooze, and
is asked again then. The result comes back as an event (`leadflow.engine.results`).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from leadflow.engine.clock import iso
from leadflow.engine.clocks import arm, disarm, moment, plus
from leadflow.engine.draft import Draft, Place, replace
from leadflow.engine.effects import Frozen, NotifyPeople, SendMessage
from leadflow.engine.people import known
from leadflow.engine.permit import first_allowed
from leadflow.engine.pipeline import Action, Assignee, People, Send
from leadflow.engine.scope import addresses, freeze
from leadflow.engine.state import Deadline, SendRun

ALL = "all"
"""Every channel, in what a client has consented to or opted out of."""

TELL_OWNER = frozenset({"too_late", "empty_value"})
"""Reasons for which the owner is told that a message did not go."""


class Origin(NamedTuple):
    """Where a message comes from."""

    manual: bool = False
    """A manager's own: passes opt-out, consent, quiet hours and window (Meaning 9)."""
    program: str = ""
    step: str = ""
    task: str = ""


class Planned(NamedTuple):
    """What became of an action that leaves the house: the key to wait for, or why it was skipped."""

    key: str = ""
    skipped: str = ""


def address(d: Draft, send: Send) -> str:
    """The client's address; empty: there is none."""
    return next(iter(addresses(d.s.fields.get(send.to))), "")


def barred(d: Draft, send: Send, *, manual: bool) -> str:
    """Why a message may not go now; empty if it may."""
    if not address(d, send):
        return "no_address"
    if manual or send.service:
        return ""
    if {send.channel, ALL} & set(d.s.opted_out):
        return "opted_out"
    needed = (send.consent or d.pipeline.consent) == "opt_in"
    return "no_consent" if needed and not {send.channel, ALL} & set(d.s.consent) else ""


def plan(d: Draft, action: Action, send: Send, place: Place, origin: Origin) -> Planned:
    """Decides on a message: it goes, waits, or is skipped with its reason."""
    reason = barred(d, send, manual=origin.manual)
    if not reason:
        key = d.key(place.keys, action.node)
        d.s.sends[key] = SendRun(
            ref=action.ref,
            scope=place.owner,
            status="waiting",
            manual=origin.manual,
            program=origin.program,
            step=origin.step,
            task=origin.task,
            data=d.cause.data if _names_signal(send) else {},
        )
        reason = release(d, key)
        if not reason:
            return Planned(key)
        del d.s.sends[key]
        tell_owner(d, action, reason)  # nothing but its lateness can keep it now
    d.note("skipped", subject(send, action), action.ref, action.pos, reason=reason)
    return Planned(skipped=reason)


def subject(send: Send, action: Action) -> str:
    """What people call the message: its template, else its node."""
    return send.body.template or action.node


def release(d: Draft, key: str) -> str:
    """Hands a planned message out if its time has come, else makes it wait; why it cannot go at all, or ``""``."""
    run = d.s.sends[key]
    action = d.index.action(run.ref)
    send = d.index.message(run.ref)
    if reason := barred(d, send, manual=run.manual):
        return reason
    if d.s.sleep is not None and not run.manual:
        wait(d, key, d.now)
        return ""
    go = d.now if run.manual else _allowed(d, run, d.now)
    if not run.not_after:  # it begins to count here: after an outage, from the time it missed
        first = go if run.manual or d.since == d.now else _allowed(d, run, d.since)
        run = replace(run, first=iso(first), not_after=iso(_latest(d, run, send, first)))
        d.s.sends[key] = run
    if iso(go) > run.not_after:
        return "too_late"
    if go > d.now:
        wait(d, key, go)
        return ""
    d.s.sends[key] = replace(run, status="out")
    disarm(d, key)
    d.effects.append(_message(d, key, action, send))
    d.note("planned", subject(send, action), action.ref, action.pos, key=key)
    return ""


def wait(d: Draft, key: str, until: datetime) -> None:
    """A message waits for an instant."""
    run = replace(d.s.sends[key], status="waiting")
    d.s.sends[key] = run
    action = d.index.action(run.ref)
    disarm(d, key)
    arm(d, key, Deadline(due=iso(until), kind="send", ref=run.ref, scope=run.scope, pos=action.pos))
    d.note("waiting", action.node, run.ref, action.pos, key=key, until=iso(until))


def _allowed(d: Draft, run: SendRun, at: datetime) -> datetime:
    """The first instant from then on that is in the window and not in quiet hours."""
    window = d.index.programs[run.program].window if run.program else None
    return first_allowed(at, d.pipeline.quiet_hours, window, d.timezone)


def _latest(d: Draft, run: SendRun, send: Send, first: datetime) -> datetime:
    """``max_late`` after it first could go; for ``before FIELD`` no later than the field's instant."""
    latest = plus(d, first, send.max_late or d.pipeline.max_late)
    at = d.index.moments.get(run.ref)
    if at is None or not at.before:
        return latest
    field = moment(d, replace(at, offset=None, before=False, clock=None))
    return min(latest, field) if field else latest


def _message(d: Draft, key: str, action: Action, send: Send) -> SendMessage:
    run = d.s.sends[key]
    return SendMessage(
        key=key,
        ref=action.ref,
        pos=action.pos,
        not_after=run.not_after,
        if_unsure=send.if_unsure,
        scope=run.scope,
        channel=send.channel,
        to=address(d, send),
        to_field=send.to,
        body=send.body,
        subject=send.subject,
        language=d.s.language or d.pipeline.language,
        sender=_sender(d, send),
        attach=send.attach,
        via=send.via,
        reply_in_thread=send.reply_in_thread,
        manual=run.manual,
        service=send.service,
        consent=send.consent,
        quiet_hours=None if run.manual else d.pipeline.quiet_hours,
        window=bool(run.program and d.index.programs[run.program].window),
        timezone=d.timezone,
        frozen=_frozen(d, run, send),
    )


def _names_signal(send: Send) -> bool:
    texts = (send.body, *((send.subject,) if send.subject else ()))
    return any(path[0] == "signal" for text in texts for path in text.names)


def _frozen(d: Draft, run: SendRun, send: Send) -> Frozen:
    """What a message that has waited says of a signal is what that signal said."""
    present = d.cause
    if run.data:
        d.cause = replace(present, data=run.data)
    frozen = freeze(d, send.body, send.subject)
    d.cause = present
    return frozen


def _sender(d: Draft, send: Send) -> str:
    user = known(d, Assignee(people=send.sender))
    return user or ("owner" if d.s.finding and send.sender.names == ("owner",) else "")


def tell_owner(d: Draft, action: Action, reason: str) -> None:
    """The owner hears that a message to the client did not go."""
    key = d.key(d.stage_scope, f"{action.node}:{reason}")
    d.effects.append(
        NotifyPeople(
            key=key,
            ref=action.ref,
            pos=action.pos,
            to=People(names=("owner",)),
            about=f"not_sent:{reason}",
            scope=d.stage_scope,
            if_unsure="resend",
        )
    )
