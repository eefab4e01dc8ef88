"""Exit statuses that scripts can trust.

== ==================================================================================================================
0  done
1  problems in files, failed scenarios, a refused decision: nothing was changed
2  the command line itself is wrong
3  something named does not exist: a lead, a pipeline, a user, a task …
4  a server does not answer; the message says what to start
5  the installation cannot run like this: settings, key file, version of the database, a port that is taken
70 an error of leadflow itself
== ==================================================================================================================
"""

from __future__ import annotations

from typing import Final

from leadflow.errors import LeadflowError

OK: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
UNREACHABLE: Final = 4
MISCONFIGURED: Final = 5
INTERNAL: Final = 70

_STATUS: Final = {
    "refused": REFUSED,
    "spec": REFUSED,
    "bad_value": REFUSED,
    "not_found": NOT_FOUND,
    "unreachable": UNREACHABLE,
    "misconfigured": MISCONFIGURED,
}
"""By the error's stable code."""


def status(error: LeadflowError) -> int:
    """The status that an error ends the program with; one that is no fault of the user's: `INTERNAL`."""
    return _STATUS.get(error.code, INTERNAL)
