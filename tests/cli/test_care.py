"""Verbs that care for a whole installation: saved from one that runs, restored beside it, confirmed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from leadflow.store.db import open_store
from leadflow.store.seat import unseat
from tests.cli.program import Here
from tests.cli.samples import project
from tests.cli.test_acts import added
from tests.e2e.installation import Installation
from tests.store.samples import NOW

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.fixture
def file(running: Here, tmp_path: Path) -> Path:
    """A backup of the installation that runs, with a message on its way."""
    number = added(running, "price=5", "email=saved@example.com")
    running("lead", "tick", number, "heard")
    running("outbox", "hold", "--template", "offer")
    assert running("task", "done", number, "contact", "--outcome", "reached").status == 0
    file = tmp_path / "saved.backup"
    done = running("backup", str(file))
    running("outbox", "release", "--template", "offer")
    assert done.status == 0, done
    assert "which is not in it. Keep a copy of that apart" in done.out
    assert str(running.folder / ".leadflow" / "keys" / "master.key") in done.out
    return file


@pytest.fixture
def there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Here:
    """Another place, with nothing but the files of the project."""
    folder = tmp_path / "there"
    folder.mkdir()
    project(folder)
    return Here(folder, monkeypatch, capsys)


def give_key(installation: Installation, there: Here) -> None:
    keys = there.folder / ".leadflow" / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    shutil.copy(installation.home / "keys" / "master.key", keys)


def test_an_installation_moves(file: Path, installation: Installation, there: Here) -> None:
    """Restored, started, recovered, confirmed: loud at every step until then, and nothing is sent."""
    give_key(installation, there)
    restored = there("restore", str(file))
    assert (restored.status, "Nothing is sent yet" in restored.out) == (0, True), restored
    copy = Installation(there.folder)
    up = copy("up", "--detach")
    try:
        assert "WARNING: NOTHING IS SENT: this installation is not confirmed here" in up.out
        assert "leadflow confirm --by ADMIN" in up.out
        is_loud(there)
        begins_again(there)
        wants_a_decision(there)
        done = there("confirm", "--by", "olga", "--ask")
        assert (done.status, "Confirmed: this installation may send." in done.out) == (0, True)
        assert "questions for their owners" in done.out
        is_quiet(there)
        assert copy.caught("saved@example.com") == []
    finally:
        copy("down")


def is_loud(there: Here) -> None:
    doctor = {each["part"]: each for each in there("doctor", "--json").json}
    assert doctor["installation"]["verdict"] == "wrong"
    assert "restored from a backup of" in doctor["installation"]["text"]
    assert "NOTHING IS SENT" in there("outbox").err
    assert there("outbox", "--json").json["unconfirmed"]["cause"] == "restored"


def begins_again(there: Here) -> None:
    dry = there("recover", "--dry-run", "--json").json
    assert dry["begun"] > 0
    found = there("recover", "--json").json
    assert (found["begun"], found["failed"]) == (dry["begun"], {})
    again = there("recover")
    assert again.out.startswith(f"{dry['begun']} leads run, 0 begun again, 0 had ended")
    assert there("reconcile").out == "No differences.\n"


def wants_a_decision(there: Here) -> None:
    for by in ([], ["--by", "anna"]):
        refused = there("confirm", "--send", *by)
        assert (refused.status, "confirm with --by olga" in refused.err) == (1, True)
    undecided = there("confirm", "--by", "olga")
    assert undecided.status == 1
    assert "messages would go out now: nothing is confirmed yet" in undecided.err
    assert "email    to clients" in undecided.out
    both = there("confirm", "--by", "olga", "--send", "--ask")
    assert (both.status, "contradict" in both.err) == (1, True)
    assert there("outbox", "--json").json["unconfirmed"] is not None


def is_quiet(there: Here) -> None:
    assert there("outbox", "--json").json["unconfirmed"] is None
    assert "confirmed here already" in there("confirm", "--by", "olga").out
    assert "NOTHING IS SENT" not in there("outbox").err
    log = (there.folder / ".leadflow" / "logs" / "operators.log").read_text("utf-8")
    events = {(one := json.loads(line))["event"]: one for line in log.splitlines()}
    assert events["installation confirmed"]["by"].startswith("olga cli:")
    assert {"backup restored", "leads begun again"} <= set(events)


def test_a_restore_wants_an_empty_place_and_the_right_key(
    file: Path, installation: Installation, there: Here, running: Here
) -> None:
    """Without the key, with another, where leadflow runs, where there is anything: refused, and nothing changed."""
    there = Here(there.folder, there._monkeypatch, there._capsys)
    missing = there("restore", str(file))
    assert missing.status == 5
    assert "the backup opens with the master key" in missing.err
    assert not (there.folder / ".leadflow" / "leadflow.db").exists()
    give_key(installation, there)
    key = there.folder / ".leadflow" / "keys" / "master.key"
    key.write_bytes(b"x" * 32)
    assert "is not that" in there("restore", str(file)).err
    give_key(installation, there)
    (there.folder / ".leadflow" / "temporal.db").touch()
    assert "another life" in there("restore", str(file)).err
    (there.folder / ".leadflow" / "temporal.db").unlink()
    assert there("restore", str(file)).status == 0
    full = there("restore", str(file))
    assert (full.status, "not empty" in full.err) == (1, True)
    assert there("restore", "none.backup").status == 3
    assert there("backup", str(file)).status == 1
    busy = Here(running.folder, running._monkeypatch, running._capsys)("restore", str(file))
    assert (busy.status, "runs in" in busy.err) == (5, True)


def test_what_needs_temporal_says_so(here: Here, tmp_path: Path) -> None:
    """Where nothing runs: status 4 and what to start; an installation without messages is confirmed at once."""
    project(tmp_path)
    assert here("publish").status == 0
    for verb in ("recover", "reconcile"):
        done = here(verb)
        assert (done.status, "start it: leadflow up" in done.err) == (4, True)
    store = open_store(f"sqlite:///{tmp_path / '.leadflow' / 'leadflow.db'}")
    store.write(lambda c: unseat(c, "moved", NOW))
    store.close()
    assert here("confirm", "--by", "olga").out == "Confirmed: this installation may send.\n"
