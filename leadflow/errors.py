"""Every error the program raises on purpose, as a tree.

* LeadflowError
  + NotFound        an unknown lead, pipeline, user, task …
  + Refused         a decision that the lead's gates do not let through (carries the refusals)
  + Unreachable     a server that does not answer; says what to start
    - Behind        a database that has forgotten what it had stored
  + Misconfigured   settings, key file, database version: the program cannot run like this
  + EngineError     a broken invariant in the engine: quarantines the lead

``code`` is stable (scripts match on it), ``hint`` says what to do. Exit statuses: see `commands.exits`.
"""

from __future__ import annotations


class LeadflowError(Exception):
    """Base: a message for people, a hint, a stable code."""

    code = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFound(LeadflowError):
    """Something named does not exist; the hint offers near misses."""

    code = "not_found"


class Refused(LeadflowError):
    """A decision was refused; nothing has changed."""

    code = "refused"


class Unreachable(LeadflowError):
    """A server does not answer."""

    code = "unreachable"


class Behind(Unreachable):
    """The database lacks what was committed to it before: it was put back to an earlier moment."""


class Misconfigured(LeadflowError):
    """The installation cannot run like this."""

    code = "misconfigured"


class EngineError(LeadflowError):
    """The engine broke one of its own rules; the lead is parked, nothing is lost."""

    code = "engine"
