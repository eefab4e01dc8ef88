"""Callbacks in `leadflow.yaml`: what a provider tells later of the messages it has taken, and how that is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field as Key
from typing_extensions import override

from leadflow.installation import Told
from leadflow.spec.schema.base import MISSING_KEY, Issue, Part, Word
from leadflow.spec.schema.types import Listed, OneOrMany


class Telling(Part):
    """How a report is read: when all that is given here fits, it means this."""

    means: Annotated[Told, Listed()]
    """What it says of the message: delivered, undelivered, dead, complained or unsubscribed."""
    at: Word | None = None
    """The way to something in the report that must be there: data.status, or the name of a form's field."""
    is_: OneOrMany[Word] = Key([], alias="is")
    """What must stand there; several: one of them."""
    code: Word | None = None
    """The way to the provider's code for what it says."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        if self.is_ and self.at is None:
            yield Issue(MISSING_KEY, "'is' needs 'at': where in the report it stands", key="is")


class Callbacks(Part):
    """What a provider tells later: it posts to /hooks/CONNECTION/SECRET."""

    secret: Word
    """The last part of the address that the provider is given, as ${NAME}: 20 characters that nobody can guess."""
    reports: OneOrMany[Telling]
    """What its reports mean, the first that fits; what none fits says nothing final."""
    key: Word | None = None
    """The way to our id of the message, or to something that it stands in."""
    id: Word | None = None
    """The way to the provider's own id of it."""
    each: Word | None = None
    """The way to the list of reports (the body is one report, or a list of them)."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        if self.key is None and self.id is None:
            message = "'key' or 'id' must be given: how a report names the message"
            yield Issue(MISSING_KEY, message, "add key: … or id: …")
        if not self.reports:
            yield Issue(MISSING_KEY, "'reports' must be given", "add reports: …", key="reports")
