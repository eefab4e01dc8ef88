"""What an audit may have to complain about."""

from __future__ import annotations

from typing import Literal

import msgspec
from typing_extensions import override

Kind = Literal["lost", "doubled", "after a stop", "unexplained", "order", "records", "replay"]
"""lost: acknowledged or decided or called accepted, and it is not there; doubled: there more often than allowed;
unexplained: without an end, a reason, a task or an origin; replay: a history that no worker could take over."""


class Complaint(msgspec.Struct, frozen=True):
    """Something is not as promised."""

    kind: Kind
    about: str
    """Key of the message, id of the lead or record."""
    said: str

    @override
    def __str__(self) -> str:
        return f"{self.kind}: {self.about}: {self.said}"
