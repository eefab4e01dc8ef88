"""What a condition in a template says about names: which cannot be empty when it holds, and when it does not."""

from __future__ import annotations

from jinja2 import nodes

Name = tuple[str, ...]
Names = frozenset[Name]

_NONE: Names = frozenset()
_TESTS_OF_FILLED = ("set", "open", "done", "failed")


def path_of(node: nodes.Node) -> Name | None:
    """``lead.name.first`` as its parts; ``None`` for anything that is not a plain dotted name."""
    parts: list[str] = []
    while isinstance(node, nodes.Getattr):
        parts.append(node.attr)
        node = node.node
    return (node.name, *reversed(parts)) if isinstance(node, nodes.Name) else None


def filled_when(test: nodes.Node, *, holds: bool) -> Names:
    """Names that are surely filled when the test holds, or when it does not.

    Rests on the rules of conditions: an empty value alone does not hold, and compares false but for ``!=``.
    """
    match test:
        case nodes.Not():
            return filled_when(test.node, holds=not holds)
        case nodes.And() | nodes.Or():
            left = filled_when(test.left, holds=holds)
            right = filled_when(test.right, holds=holds)
            return left | right if isinstance(test, nodes.And) == holds else left & right
        case nodes.Test():
            return _named(test.node) if holds == (test.name in _TESTS_OF_FILLED) else _NONE
        case nodes.Compare(ops=[operand]):
            if holds == (operand.op in ("ne", "notin")):
                return _NONE
            return _named(test.expr) | _named(operand.expr)
        case _:
            return _named(test) if holds else _NONE


def is_filled(name: Name, filled: Names) -> bool:
    """Whether a name is among those, or has a part that is: who has a first name has a name."""
    return any(other[: len(name)] == name for other in filled)


def _named(node: nodes.Node) -> Names:
    name = path_of(node)
    return _NONE if name is None else frozenset({name})
