"""What `leadflow doctor` looks at: every part that a lead needs, and whether it can be reached now."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from commands import mail
from commands.acting import Desk
from commands.installed import is_running, located, opened_store, people
from commands.up.home import is_held
from leadflow.errors import LeadflowError
from leadflow.installation import Installation, filled
from leadflow.settings import Settings
from leadflow.store.db import Store
from leadflow.store.key_file import exposed
from leadflow.store.keys import open_vault
from leadflow.store.leads import Filters, find_leads
from leadflow.store.outbox import find_alerts, find_holds, find_pauses
from leadflow.store.published import versions
from leadflow.store.seat import look

Verdict = Literal["ok", "warning", "wrong"]

LITTLE_SPACE = 500_000_000
"""Bytes; a tenth of it is too little to go on."""
ANSWER_SECONDS = 5.0
CLOCK_SLACK = timedelta(minutes=2)
SOON = timedelta(days=30)

_PASSWORD = re.compile(r"(?<=://)[^/@]*@")
_PORTS = {"http": 80, "https": 443}


class Finding(msgspec.Struct, frozen=True):
    """What was found of one part."""

    part: str
    verdict: Verdict
    text: str
    hint: str = ""


def examine() -> list[Finding]:
    """Looks at everything; never raises for what it finds."""
    settings = located()
    found = [*_home(settings)]
    installation = Installation()
    try:
        with opened_store(settings) as store:
            found += [Finding("database", "ok", masked(settings.database_url))]
            found += _guarded("installation", lambda: _confirmed(store))
            found += _guarded("key file", lambda: _key_file(settings, store))
            found += _guarded("pipelines", lambda: _pipelines(store))
            found += _guarded("clock", lambda: _clock(store))
            found += _guarded("messages", lambda: _messages(store))
            found += _guarded("temporal", lambda: _temporal(settings, store))
            installation = people(store)
            found += _guarded("connections", lambda: _connections(installation))
    except LeadflowError as error:
        found.append(
            Finding(
                "database", "wrong", f"{masked(settings.database_url)}: {error.message}", error.hint
            )
        )
    found += _mail(settings, installation)
    found.append(_reachable("sms", settings.sms_url))
    found.append(_reachable("messages", settings.message_url))
    found.append(_metrics(settings))
    return found


def _down(part: str) -> Finding:
    return Finding(part, "wrong", "leadflow up does not run here", "start it: leadflow up")


def masked(url: str) -> str:
    """An address without its credentials."""
    return _PASSWORD.sub("***@", url)


def _guarded(part: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except LeadflowError as error:
        yield Finding(part, "wrong", error.message, error.hint)


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    if not home.is_dir():
        yield Finding("data", "wrong", f"{home} does not exist", "run `leadflow up` first")
        return
    running = "leadflow up runs here" if is_held(home) else "leadflow up does not run here"
    writable = os.access(home, os.W_OK)
    yield Finding(
        "data",
        "ok" if writable else "wrong",
        f"{home} ({running})",
        "" if writable else "give its user the right to write",
    )
    free = shutil.disk_usage(home).free
    verdict: Verdict = (
        "ok" if free > LITTLE_SPACE else "warning" if free > LITTLE_SPACE / 10 else "wrong"
    )
    yield Finding(
        "disk", verdict, f"{free / 1e9:.1f} GB free", "" if verdict == "ok" else "free some space"
    )


def _confirmed(store: Store) -> Iterator[Finding]:
    if (copy := look(store)) is None:
        yield Finding("installation", "ok", "confirmed where it is")
        return
    hint = "leadflow confirm; before it leadflow recover, if leads have to be begun again"
    yield Finding("installation", "wrong", f"NOTHING IS SENT: {copy.words}", hint)


def _key_file(settings: Settings, store: Store) -> Iterator[Finding]:
    open_vault(store, settings.key_file)
    if exposed(settings.key_file):
        hint = f"chmod 600 {settings.key_file}"
        yield Finding("key file", "wrong", f"others can read {settings.key_file}", hint)
    else:
        hint = "keep a copy of it apart from the database's backups"
        yield Finding("key file", "ok", str(settings.key_file), hint)


def _pipelines(store: Store) -> Iterator[Finding]:
    newest = [each for each in versions(store) if each.newest]
    if not newest:
        yield Finding("pipelines", "warning", "none published", "leadflow publish PATH")
    for each in newest:
        until = each.pipeline.holidays_until
        if until and until < (datetime.now(UTC) + SOON).date().isoformat():
            text = f"{each.id}: its holidays are known until {until} only"
            yield Finding("pipelines", "warning", text, "publish it again")
        else:
            yield Finding("pipelines", "ok", f"{each.id}, version {each.number}")
    parked = find_leads(store, Filters(quarantined=True))
    if parked:
        numbers = ", ".join(str(row.number) for row in parked)
        hint = "`leadflow lead show` says why, `leadflow lead release` lets one go on"
        yield Finding("leads", "wrong", f"quarantined: {numbers}", hint)


def _clock(store: Store) -> Iterator[Finding]:
    now = datetime.now(UTC)
    last = max((row.created for row in find_leads(store, most=1)), default=now)
    if last > now + CLOCK_SLACK:
        text = (
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, but a lead was made at {last:%Y-%m-%d %H:%M}"
        )
        yield Finding("clock", "wrong", text, "set the clock of this machine")
    else:
        yield Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")


def _messages(store: Store) -> Iterator[Finding]:
    for pause in find_pauses(store):
        hint = "mend it; sending goes on by itself"
        yield Finding("messages", "wrong", f"{pause.name} is paused: {pause.reason}", hint)
    told = {f"channel/{pause.name}" for pause in find_pauses(store)}
    for alert in find_alerts(store):
        if alert.cause not in told:
            yield Finding("alert", "wrong", alert.text)
    for hold in find_holds(store):
        yield Finding("messages", "warning", f"held back: {hold.what}", "leadflow outbox release")


def _connections(installation: Installation) -> Iterator[Finding]:
    for each in installation.connections.values():
        try:
            filled(each, os.environ)
        except LeadflowError as error:
            yield Finding("connections", "warning", f"{each.id}: {error.message} here", error.hint)


def _mail(settings: Settings, installation: Installation) -> Iterator[Finding]:
    """The server that letters leave by, and those of connections that some letters name."""
    runs = not _nowhere(settings.smtp_url)
    servers = list(mail.named(installation, os.environ, instead=runs))
    if runs:
        servers.insert(0, ("", settings.smtp_url))
    for name, url in servers:
        part = f"mail {name}".strip()
        yield Finding(*mail.look(part, url, masked(url), ANSWER_SECONDS))
    if not servers:
        yield _down("mail")


def _reachable(part: str, url: str) -> Finding:
    """Whether somebody listens at an address."""
    if _nowhere(url):
        return _down(part)
    try:
        address = urlsplit(url)
        where = address.hostname or "", address.port or _PORTS.get(address.scheme, 0)
        with closing(socket.create_connection(where, ANSWER_SECONDS)):
            return Finding(part, "ok", masked(url))
    except (OSError, ValueError) as error:
        return Finding(part, "wrong", f"{masked(url)}: {error}", "start it, or mend the address")


def _metrics(settings: Settings) -> Finding:
    if not settings.metrics:
        return Finding("metrics", "ok", "served nowhere: LEADFLOW_METRICS is not set")
    return _reachable("metrics", f"http://{settings.metrics}/metrics")


def _nowhere(url: str) -> bool:
    """Whether it is the address of a part that does not run here."""
    try:
        return urlsplit(url).port == 0
    except ValueError:
        return False


def _temporal(settings: Settings, store: Store) -> Iterator[Finding]:
    from commands.temporal import look

    if not is_running(settings):
        yield _down("temporal")
        return
    desk = Desk(settings, store, open_vault(store, settings.key_file))
    yield from (Finding(*each) for each in asyncio.run(look(desk, ANSWER_SECONDS)))
