"""People, teams and connections against `leadflow.yaml` (LF207, LF601, LF605)."""

from __future__ import annotations

from collections.abc import Iterator

from leadflow.engine.pipeline import Send
from leadflow.spec.checks.subject import Subject
from leadflow.spec.compile.draft import NameUse
from leadflow.spec.compile.people import ROLES
from leadflow.spec.problems import Problem
from leadflow.spec.suggest import hint_for_unknown

_FROM_SETTINGS = ("person", "turns", "connection")
_CHANNELS = {"email": "mail", "sms": "SMS", "message": "messenger messages"}


def person(subject: Subject, use: NameUse) -> Iterator[Problem]:
    """A user or a team; where people take turns, a role is none."""
    installation = subject.project.installation
    known = [*installation.users, *installation.teams]
    if not subject.settled or use.name in known:
        return
    if use.kind == "turns" and use.name in ROLES:
        message = f"'{use.name}' is one person: among several turns are taken"
        yield use.spot.problem("LF207", message, hint_for_unknown("team", "", known))
        return
    roles = ROLES if use.kind == "person" else ()
    hint = hint_for_unknown("user or team", use.name, [*known, *roles])
    yield use.spot.problem("LF207", f"unknown user or team '{use.name}'", hint)


def settings_missing(subject: Subject) -> Iterator[Problem]:
    """The first name that only settings could explain, where there are none."""
    if subject.project.settings:
        return
    for use in subject.view.names:
        if use.kind in _FROM_SETTINGS:
            message = f"'{use.name}' stands in no settings: there is no leadflow.yaml"
            hint = "write leadflow.yaml beside the pipelines, with users, teams and connections"
            yield use.spot.problem("LF601", message, hint)
            return


def check(subject: Subject) -> Iterator[Problem]:
    """Channels without a connection, each where it is used first."""
    connections = subject.project.installation.connections.values()
    if not subject.settled or not connections:
        return
    there = {connection.type for connection in connections}
    told: set[str] = set()
    for act in subject.acts:
        send = act.action.do
        if not isinstance(send, Send) or send.via or send.channel in there or send.channel in told:
            continue
        told.add(send.channel)
        message = f"leadflow.yaml has no connection of type {send.channel}"
        hint = f"add one for {_CHANNELS[send.channel]}: connections: {{NAME: {{type: {send.channel}, …}}}}"
        yield subject.spot(act.action.ref).problem("LF605", message, hint)
