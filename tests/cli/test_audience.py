"""Verbs about audiences, on an installation that need not run."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from hashlib import sha256

import pytest

from leadflow.engine.effects import AudienceChange
from leadflow.spec.compile.pipeline import compile_text
from leadflow.store.db import Store, open_store
from leadflow.store.keys import open_vault
from leadflow.store.migrate import migrate
from leadflow.store.published import Release, publish
from tests.cli.program import Here
from tests.store.samples import NOW, PIPELINE, STAFF, Run

NURSERY = """
pipeline: nursery
stages:
  new:
    when: [{signal: cold, do: [{add_to_audience: named-only}]}]
    exits: [{signal: end, goto: two}]
  two: {final: success}
"""
ADS = {"ads": {"id": "ads", "type": "audience", "url": "https://ads.example/changes"}}


@pytest.fixture
def store(here: Here) -> Iterator[Store]:
    """Two people in an audience, one of whom wants no more letters."""
    home = here.folder / ".leadflow"
    store = open_store(f"sqlite:///{home / 'leadflow.db'}")
    migrate(store)
    vault = open_vault(store, home / "keys" / "master.key")
    releases = [Release(PIPELINE), Release(compile_text(NURSERY).pipeline)]
    publish(store, releases, by="root", now=NOW, installation={**STAFF, "connections": ADS})
    for number, name in enumerate(("=ivan", "olga", "petr"), 1):
        run = Run(store, vault, number=number, fields={"email": f"{name}@client.example"})
        run.commit(AudienceChange(key=run.key("in"), name="warm"))
        if name == "petr":
            run.commit(opted_out=("email",))
    yield store
    store.close()


def sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def test_audiences_are_listed(here: Here, store: Store) -> None:
    """Those with members, those of leadflow.yaml, those that a pipeline names; and how each advertiser hears of them."""
    told = {
        row["name"]: (row["members"], row["told"])
        for row in here("audience", "list", "--json").json
    }
    assert told == {"ads": (0, "at once"), "named-only": (0, ""), "warm": (3, "")}
    lines = here("audience", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["audience", "ads", "named-only", "warm"]


def test_a_file_for_the_advertiser(here: Here, store: Store) -> None:
    """Hashed, to standard output, ready to be put into a file; who wants no more letters is not in it; the taking is kept."""
    done = here("audience", "export", "warm", "--by", "olga")
    lines = ["email,phone", f"{sha('=ivan@client.example')},", f"{sha('olga@client.example')},"]
    assert done.out.splitlines() == lines
    assert (done.status, done.err) == (0, "warm: 2 people\n")
    log = here.folder / ".leadflow" / "logs" / "operators.log"
    kept = json.loads(log.read_text("utf-8").splitlines()[-1])
    assert (kept["event"], kept["what"], kept["hash"]) == ("audience exported", "warm", "sha256")
    assert kept["by"].startswith("olga cli:")


def test_a_file_of_its_own(here: Here, store: Store) -> None:
    """Only its owner can read it; without hashes what a spreadsheet would run is left out, and told."""
    done = here("audience", "export", "warm", "--hash", "none", "--out", "warm.csv")
    assert (done.out, "left out: 1 addresses" in done.err) == ("", True)
    file = here.folder / "warm.csv"
    assert file.read_text("utf-8") == "email,phone\nolga@client.example,\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    done = here("audience", "export", "warm", "--out", "none/warm.csv")
    assert (done.status, "cannot be written" in done.err) == (5, True)


def test_an_unknown_audience(here: Here, store: Store) -> None:
    """A misspelt name gives no empty file that looks right, but its near miss."""
    done = here("audience", "export", "worm", "--out", "worm.csv")
    assert (done.status, done.err) == (
        3,
        "error: there is no audience 'worm'\nhint: did you mean 'warm'?\n",
    )
    assert not (here.folder / "worm.csv").exists()
    assert here("audience", "export", "named-only").out.splitlines() == ["email,phone"]
