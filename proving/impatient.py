"""The product's worker with a shorter patience: ``python -m proving.impatient``.

A dead worker's message is taken over after 3 s, not after 20: for proofs of seconds rather than minutes.
"""

from __future__ import annotations

import runpy
from datetime import timedelta

from activities import policies


def shorten() -> None:
    """Before anybody reads the policies: before `worker` is imported."""
    policies.HEARTBEAT_SECONDS = 0.3  # type: ignore[assignment]  # a whole number in the product
    policies.SEND["heartbeat_timeout"] = timedelta(seconds=3)
    policies.COMMIT["start_to_close_timeout"] = timedelta(seconds=3)


if __name__ == "__main__":
    shorten()
    # By name: who proves may not import what it proves (the composition root is imported by nobody).
    runpy.run_module("worker", run_name="__main__")
