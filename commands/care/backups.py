"""`leadflow backup` and `leadflow restore`."""

from __future__ import annotations

import contextlib
from pathlib import Path

from commands.acting import desk, now
from commands.audit import record
from commands.console import say, say_json
from commands.operators import operator
from commands.options import settings
from commands.up.home import held
from commands.up.leftovers import leftovers
from leadflow.engine.events import Actor
from leadflow.errors import Misconfigured, Refused
from leadflow.installation import Installation
from leadflow.settings import Settings
from leadflow.store import backup
from leadflow.store.db import open_store
from leadflow.store.key_file import fingerprint, load_master_key


def save(file: Path, as_json: bool) -> None:
    """Writes a backup and says what belongs to it."""
    with desk() as open_desk:
        found = backup.write_backup(open_desk.store, file, open_desk.vault.key, now())
        record(open_desk.settings.home, "backup made", _me(), what=str(file))
    if as_json:
        say_json(found)
        return
    say(f"{file}: {found.leads} leads")
    say(f"It opens with the master key {found.key}, which is not in it. Keep a copy of that apart:")
    say(f"  {open_desk.settings.key_file}")


def bring_back(file: Path, as_json: bool) -> None:
    """Fills an empty installation, and says what comes next."""
    found = settings()
    about = backup.about(file)
    _must_fit(found, about.key)
    with held(found.home):  # nothing starts here meanwhile
        _must_be_new(found)
        with contextlib.closing(open_store(found.database_url)) as store:
            about = backup.restore(store, file, now())
        record(found.home, "backup restored", _me(), what=str(file))
    if as_json:
        say_json(about)
        return
    say(
        f"{about.leads} leads of {about.made:%Y-%m-%d %H:%M} UTC are back. Nothing is sent yet. Next:"
    )
    say("  leadflow up --detach")
    say("  leadflow recover          begins the leads again: Temporal's data is in no backup")
    say("  leadflow confirm --by …   lets messages go, once you know that nobody else sends them")


def _must_be_new(found: Settings) -> None:
    if leftovers(found.home):
        message = f"parts of leadflow still run in {found.home}"
        raise Refused(message, "stop them first: leadflow down")
    if found.embedded_temporal and (found.home / "temporal.db").exists():
        message = f"{found.home} holds the Temporal data of another life"
        raise Refused(message, "name an empty directory in LEADFLOW_HOME")


def _must_fit(found: Settings, wanted: str) -> None:
    """The key has to be there before: none is made, and a wrong one opens nothing."""
    try:
        key = fingerprint(load_master_key(found.key_file, may_create=False))
    except Misconfigured as error:
        key = error.message
    if key != wanted:
        message = f"the backup opens with the master key {wanted}, and {found.key_file} is not that"
        hint = (
            "copy the key file of the installation that was saved to that place (chmod 600), "
            f"or name it in LEADFLOW_KEY_FILE; found there: {key}"
        )
        raise Misconfigured(message, hint)


def _me() -> Actor:
    return operator(Installation(), "")
