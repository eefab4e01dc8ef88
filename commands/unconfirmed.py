"""What every verb that shows an installation says loudly when nothing is sent from it."""

from __future__ import annotations

from commands.console import note
from leadflow.store.seat import Copy


def warn(copy: Copy | None) -> None:
    """Why nothing is sent, and what to do; silent where all is well."""
    if copy is not None:
        note(f"WARNING: NOTHING IS SENT: {copy.words}.")
        note(
            "  If leads have to be begun again: leadflow recover. Then: leadflow confirm --by ADMIN"
        )
