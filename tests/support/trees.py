"""Data as YAML has it: maps, lists and words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leadflow.spec.positions import NodePath


def nodes(data: Any, path: NodePath = ()) -> Iterator[tuple[NodePath, Any]]:
    """Everything in it, the whole first: its path and itself."""
    yield path, data
    inside: dict[Any, Any] = data if isinstance(data, dict) else {}
    if isinstance(data, list):
        inside = dict(enumerate(data))
    for step, value in inside.items():
        yield from nodes(value, (*path, step))
