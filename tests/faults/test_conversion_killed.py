"""A worker dies in a conversion's transaction (W8): contact, company and deal are all there, or none of them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import msgspec

from leadflow.store.books import read_books
from leadflow.store.db import open_store
from leadflow.store.keys import open_vault
from leadflow.store.migrate import migrate
from proving.processes import ROOT
from tests.store.samples import Run, publish_shop
from tests.store.test_crash import everything

LEAST = 12
"""Statements of a commit that finds an owner, numbers a document and makes three records."""


def test_killed_before_each_statement_of_a_conversion(tmp_path: Path, database_url: str) -> None:
    """W8: `kill -9` before every single statement leaves nothing behind; the next try makes the whole set, once."""
    store = open_store(database_url)
    with contextlib.closing(store):
        migrate(store)
        publish_shop(store)
        key_file, batch = tmp_path / "master.key", tmp_path / "batch.json"
        run = Run(store, open_vault(store, key_file))
        batch.write_bytes(msgspec.json.encode(everything(run)))
        store.close()
        ended = subprocess.run(
            [sys.executable, "-m", "tests.faults.dying_commits", database_url, str(key_file), str(batch)],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        *deaths, end = ended.stdout.splitlines()
        assert set(deaths) == {"as it was"}
        assert len(deaths) >= LEAST
        assert end == "whole"
        records = read_books(store).records
        assert sorted(record.kind for record in records) == ["company", "contact", "deal"]
        assert {record.lead for record in records} == {run.lead}
