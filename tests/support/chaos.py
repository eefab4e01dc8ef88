"""A worker of impatient settings that is looked after: killed, it is started again."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from proving.processes import ROOT
from proving.workers import Worker


@contextlib.contextmanager
def worker(
    folder: Path,
    environment: Mapping[str, str],
    *options: str,
    script: str = "quick_worker",
    name: str = "worker",
) -> Iterator[Worker]:
    """A script of `tests.support` as long as the block lasts; it must end with status 0."""
    command = [sys.executable, str(ROOT / f"tests/support/{script}.py"), *options]
    one = Worker(folder, command, environment, name)
    try:
        yield one
    finally:
        status = one.end()
    assert status == 0, one.log.read_text()[-2000:]
