"""kill -9 in the middle of a commit: all of it or nothing, and the same commit again makes it whole."""

import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from leadflow.engine.effects import ConvertLead, FindOwner, MakeDocument, TaskOpened
from leadflow.engine.pipeline import Text
from leadflow.ports import Commit
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.tables import metadata
from tests.store.samples import DEALS, Run, in_turn, person

PROGRAM = """
import os, signal, sys
from pathlib import Path
import msgspec
from leadflow.ports import Commit
from leadflow.store.commit import commit
from leadflow.store.db import open_store
from leadflow.store.keys import open_vault
from leadflow.text import render
from tests.store.samples import NOW

url, key_file, batch, where = sys.argv[1:]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

store = open_store(url)
vault = open_vault(store, Path(key_file))
batch = msgspec.json.decode(Path(batch).read_bytes(), type=Commit)
commit(store, vault, batch, die if where == "within" else render, NOW)
die()
"""


def rows(store: Store) -> dict[str, int]:
    """How many rows every table has."""

    def count(connection: sa.Connection) -> dict[str, int]:
        names = metadata.tables
        counted = {n: sa.select(sa.func.count()).select_from(t) for n, t in names.items()}
        return {name: connection.execute(query).scalar_one() for name, query in counted.items()}

    return store.read(count)


def everything(run: Run) -> Commit:
    """A commit that writes into nearly every table; the last task's title needs the owner found by it."""
    owned = Text(source="{{ owner.name }}: КП", names=(("owner", "name"),))
    key = f"{run.lead}/pipeline/0"
    return run.batch(
        FindOwner(key=f"{key}/owner:routing/1", to=in_turn("sales"), why="routing"),
        run.mail(),
        MakeDocument(key=run.key("create_document:offer"), document="offer"),
        ConvertLead(
            key=f"{key}/convert/1",
            create=("contact", "company", "deal"),
            pipeline=DEALS.id,
            fields={"deal": {"price": "100"}},
        ),
        TaskOpened(key=run.key("create_task:a"), task="a", assignee=person("owner"), title=owned),
        finding=f"{key}/owner:routing/1",
    )


@pytest.mark.parametrize("where", ["within", "after"])
def test_a_killed_commit_is_whole_or_not_there(
    shop: Store, vault: Vault, url: str, key_file: Path, tmp_path: Path, where: str
) -> None:
    """Killed within: no trace. Killed after, before anybody heard the answer: everything, and the same answer again."""
    run = Run(shop, vault)
    batch = everything(run)
    before = rows(shop)
    path = tmp_path / "batch.json"
    path.write_bytes(msgspec.json.encode(batch))
    command = [sys.executable, "-c", PROGRAM, url, str(key_file), str(path), where]
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (-signal.SIGKILL, b"")
    killed = rows(shop)
    answer = run.apply(batch)
    whole = rows(shop)
    assert killed == (before if where == "within" else whole)
    changed = {name for name in whole if whole[name] != before[name]}
    assert changed >= {
        "contacts",
        "companies",
        "deals",
        "documents",
        "effects",
        "rotations",
        "tasks",
    }
    assert [type(fact).__name__ for fact in answer.facts] == [
        "Numbered",
        "OwnerFound",
        "DocumentMade",
        "ConvertDone",
    ]
    assert run.apply(batch) == answer
    assert rows(shop) == whole
