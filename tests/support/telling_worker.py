"""The quick worker, whose first commit fails with everything it knows of the person, and a password, in its words."""

from __future__ import annotations

import sys
from typing import Any

from tests.support import quick_worker
from tests.support.canaries import PASSWORD

import worker  # isort: skip -- after the quick worker's policies


class Once:
    """Fails the first time."""

    def __init__(self, work: Any) -> None:
        self._work = work
        self._failed = False

    def __call__(self, store: Any, vault: Any, batch: Any, *rest: Any) -> Any:
        if not self._failed:
            self._failed = True
            message = f"planted: {batch.state.fields} smtp://office:{PASSWORD}@mail.example"
            raise RuntimeError(message)
        return self._work(store, vault, batch, *rest)


if __name__ == "__main__":
    worker.commit = Once(worker.commit)  # type: ignore[attr-defined, assignment]  # it is the activity's
    sys.exit(quick_worker.main())
