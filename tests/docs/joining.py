"""A file of which a page shows only what has changed: entries of the top level, and stages one by one, in full."""

from __future__ import annotations

import re
from itertools import count

STAGES = "stages:\n"


def joined(whole: str, changes: str) -> str:
    """The file with the changed entries in their old places, and the new ones at the end.

    Args:
        whole: the file as it stands.
        changes: entries of its top level; below ``stages:`` only the stages that are new or changed.
    """
    entries, changed = _entries(whole, 0), _entries(changes, 0)
    if "stages" in changed:
        above, _, stages = entries["stages"].partition(STAGES)
        inner = _entries(stages, 2) | _entries(changed["stages"].partition(STAGES)[2], 2)
        changed["stages"] = above + STAGES + "".join(inner.values())
    return "".join((entries | changed).values())


def _entries(text: str, indent: int) -> dict[str, str]:
    """Key → its lines, blank ones and comments above it with it."""
    found: dict[str, str] = {}
    above, key, numbers = "", "", count()
    for line in text.splitlines(keepends=True):
        begins = re.match(rf" {{{indent}}}([a-z_]+):", line)
        if begins:
            key = begins[1]
            found[key], above = above + line, ""
        elif line.strip():
            key = key or f"remark {next(numbers)}"
            found[key] = found.get(key, "") + above + line
            above = ""
        else:
            above += line
    return found
