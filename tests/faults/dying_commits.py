"""A process that dies in one commit again and again, each time one statement later: ``dying_commits.py URL KEYFILE BATCH``.

Each death is a child's, by SIGKILL before that statement. Prints, for each, whether it left the database as it was; then
``whole`` once a child got to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from leadflow.ports import Commit
from leadflow.store.commit import commit
from leadflow.store.db import open_store
from leadflow.store.keys import open_vault
from leadflow.text import render
from tests.store.samples import NOW
from tests.store.test_crash import rows

MOST = 200


def counted(url: str) -> dict[str, int]:
    store = open_store(url)
    try:
        return rows(store)
    finally:
        store.close()


def child(url: str, key_file: Path, batch: Commit, last: int) -> None:
    """Commits, unless it comes to so many statements that write or lock."""
    store = open_store(url)
    vault = open_vault(store, key_file)
    seen = 0

    def before(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(store.engine, "before_cursor_execute", before)
    commit(store, vault, batch, render, NOW)
    store.close()


def died(url: str, key_file: Path, batch: Commit, last: int) -> bool:
    pid = os.fork()
    if not pid:
        child(url, key_file, batch, last)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def main() -> None:
    url, key_file, path = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    batch = msgspec.json.decode(path.read_bytes(), type=Commit)
    before = counted(url)
    for last in range(1, MOST):
        if not died(url, key_file, batch, last):
            break
        sys.stdout.write("as it was\n" if counted(url) == before else f"partial before {last}\n")
    sys.stdout.write("whole\n" if counted(url) != before else "nothing\n")


if __name__ == "__main__":
    main()
