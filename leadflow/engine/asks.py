"""Verbs that only ask for an effect: a word to our own people, a document, an audience, a webhook, another pipeline."""

from __future__ import annotations

from typing import NamedTuple

from leadflow.engine.draft import Draft, Place
from leadflow.engine.effects import (
    AudienceChange,
    MakeDocument,
    NotifyPeople,
    Pin,
    PostWebhook,
    StartOther,
    WatchChanged,
)
from leadflow.engine.people import users
from leadflow.engine.pipeline import (
    Action,
    CallWebhook,
    ChangeAudience,
    CreateDocument,
    Notify,
    People,
    PinComment,
    StartPipeline,
    Text,
    Watch,
)
from leadflow.engine.scope import addresses, freeze
from leadflow.engine.sends import Origin, Planned
from leadflow.engine.state import SendRun

DONE = Planned()


class At(NamedTuple):
    """Where and on whose account an action is performed."""

    place: Place
    origin: Origin


def notify(d: Draft, action: Action, do: Notify, at: At) -> Planned:
    """``notify``."""
    key = outside(d, action, at)
    d.effects.append(
        NotifyPeople(
            key=key,
            ref=action.ref,
            pos=action.pos,
            scope=at.place.owner,
            to=People(names=do.to.names),
            users=users(d, do.to.exprs),
            text=do.text,
            frozen=freeze(d, do.text),
            if_unsure=do.if_unsure,
        )
    )
    d.note("notified", action.node, action.ref, action.pos, to=list(do.to.names))
    return DONE


def outside(d: Draft, action: Action, at: At) -> str:
    """The key of an effect that nobody waits for, but whose failure may have an ``else``."""
    key = d.key(at.place.keys, action.node)
    d.s.sends[key] = SendRun(ref=action.ref, scope=at.place.owner, task=at.origin.task)
    return key


def watch(d: Draft, action: Action, do: Watch, at: At) -> Planned:
    """``watch``: until the visit ends."""
    names = (*do.to.names, *users(d, do.to.exprs))
    d.effects.append(
        WatchChanged(
            key=d.key(at.place.keys, action.node),
            ref=action.ref,
            pos=action.pos,
            to=People(names=names),
            scope=at.place.owner,
        )
    )
    d.s.watchers = {**d.s.watchers, **dict.fromkeys(names, at.place.owner)}
    d.note("watched", action.node, action.ref, action.pos)
    return DONE


def create_document(d: Draft, action: Action, do: CreateDocument, at: At) -> Planned:
    """``create_document``; its number comes back as `DocumentMade`."""
    template = d.pipeline.templates.get(f"{do.document}.document")
    d.effects.append(
        MakeDocument(
            key=d.key(at.place.keys, action.node),
            ref=action.ref,
            pos=action.pos,
            document=do.document,
            frozen=freeze(d, Text(names=template.names) if template else None),
        )
    )
    return DONE


def pin(d: Draft, action: Action, do: PinComment, at: At) -> Planned:
    """``pin_comment``: replaces the one pinned."""
    d.s.pinned = d.key(at.place.keys, action.node)
    d.effects.append(
        Pin(
            key=d.s.pinned,
            ref=action.ref,
            pos=action.pos,
            text=do.text,
            frozen=freeze(d, do.text),
        )
    )
    d.note("pinned", action.node, action.ref, action.pos)
    return DONE


def audience(d: Draft, action: Action, do: ChangeAudience, at: At) -> Planned:
    """``add_to_audience``, ``remove_from_audience``."""
    kept = tuple(name for name in d.s.audiences if name != do.name)
    d.s.audiences = kept if do.remove else (*kept, do.name)
    d.effects.append(
        AudienceChange(
            key=outside(d, action, at),
            ref=action.ref,
            pos=action.pos,
            scope=at.place.owner,
            name=do.name,
            remove=do.remove,
            email=_first(d, "email"),
            phone=_first(d, "phone"),
            if_unsure="resend",
        )
    )
    d.note("audience", do.name, action.ref, action.pos, removed=do.remove)
    return DONE


def leave_audiences(d: Draft) -> None:
    """Takes the person out of every audience, before the addresses are forgotten."""
    for name in d.s.audiences:
        d.effects.append(
            AudienceChange(
                key=d.key("pipeline/0", f"remove_from_audience:{name}"),
                scope="pipeline/0",
                name=name,
                remove=True,
                email=_first(d, "email"),
                phone=_first(d, "phone"),
                if_unsure="resend",
            )
        )
        d.note("audience", name, removed=True)
    d.s.audiences = ()


def _first(d: Draft, kind: str) -> str:
    fields = (f.id for f in d.pipeline.fields.values() if f.type == kind)
    return next((one for f in fields for one in addresses(d.s.fields.get(f))), "")


def webhook(d: Draft, action: Action, do: CallWebhook, at: At) -> Planned:
    """``call_webhook``."""
    d.effects.append(
        PostWebhook(
            key=outside(d, action, at),
            ref=action.ref,
            pos=action.pos,
            scope=at.place.owner,
            connection=do.connection,
            body=do.body,
            frozen=freeze(d, *do.body.values()),
        )
    )
    return DONE


def start_pipeline(d: Draft, action: Action, do: StartPipeline, at: At) -> Planned:
    """``start_pipeline``."""
    values = {theirs: d.s.fields[ours] for theirs, ours in do.map.items() if ours in d.s.fields}
    d.effects.append(
        StartOther(
            key=d.key(at.place.keys, action.node),
            ref=action.ref,
            pos=action.pos,
            pipeline=do.pipeline,
            fields=values,
        )
    )
    d.note("started", do.pipeline, action.ref, action.pos)
    return DONE
