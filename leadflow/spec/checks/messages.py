"""Messages: where they go, and whether they may (LF506, LF508)."""

from __future__ import annotations

from collections.abc import Iterator

from leadflow.engine.pipeline import Send
from leadflow.spec.checks.filled import OPTED_OUT
from leadflow.spec.checks.places import Act
from leadflow.spec.checks.subject import Subject
from leadflow.spec.problems import Problem
from leadflow.spec.suggest import hint_for_unknown

_ADDRESS = {"email": "email", "sms": "phone", "message": "phone"}


def check(subject: Subject) -> Iterator[Problem]:
    """All messages to the client."""
    for act in subject.acts:
        if isinstance(act.action.do, Send):
            yield from _address(subject, act, act.action.do)
            yield from _opted_out(subject, act, act.action.do)


def _address(subject: Subject, act: Act, send: Send) -> Iterator[Problem]:
    """A `to` that names a field of another kind."""
    fields, wanted = subject.pipeline.fields, _ADDRESS[send.channel]
    field = fields.get(send.to)
    if field is not None and field.type != wanted:
        known = [name for name, each in fields.items() if each.type == wanted]
        message = f"'{send.to}' is a field of type {field.type}; this goes to one of type {wanted}"
        hint = hint_for_unknown(f"field of type {wanted}", send.to, known)
        where = subject.spot(act.action.ref, f"send_{send.channel}", "to")
        yield where.problem("LF506", message, hint)


def _opted_out(subject: Subject, act: Act, send: Send) -> Iterator[Problem]:
    facts = subject.certain.at(act)
    if facts and OPTED_OUT in facts and not act.manual and not send.service:
        message = "the client has opted out when this is to go: it will not be sent"
        hint = "remove it; papers that must arrive all the same are marked service: true"
        yield subject.spot(act.action.ref).problem("LF508", message, hint)
