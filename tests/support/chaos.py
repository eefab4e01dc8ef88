"""A worker of impatient settings that is looked after: killed, it is started again."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from proving.processes import ROOT
from proving.workers import Worker


@contextlib.contextmanager
def worker(folder: Path, environment: Mapping[str, str], *options: str) -> Iterator[Worker]:
    """`tests.support.quick_worker` as long as the block lasts; it must end with status 0."""
    command = [sys.executable, str(ROOT / "tests/support/quick_worker.py"), *options]
    one = Worker(folder, command, environment)
    try:
        yield one
    finally:
        status = one.end()
    assert status == 0, one.log.read_text()[-2000:]
