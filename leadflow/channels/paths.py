"""Ways into what another system has sent: names and numbers with dots between them, ``messages.0.id``."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_BREAK = re.compile(r"[.\[\]]+")


def node(tree: Any, path: str) -> Any:
    """What stands at a path; None: nothing. A name that is there as it is written counts first (``data[0]`` of a form)."""
    if isinstance(tree, dict) and path in tree:
        return tree[path]
    for step in _BREAK.split(path.strip(".[]")):
        if isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(tree, list) and step.isdecimal() and int(step) < len(tree):
            tree = tree[int(step)]
        else:
            return None
    return tree


def value(tree: Any, path: str) -> str:
    """The single value at a path as text; empty: there is none."""
    found = node(tree, path)
    if isinstance(found, str):
        return found
    whole = found is None or isinstance(found, dict | list)
    return "" if whole else msgspec.json.encode(found).decode()
