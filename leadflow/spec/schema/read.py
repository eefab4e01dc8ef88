"""From a loaded file to a checked model: spots on all data, and pydantic's errors told as problems in their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from leadflow.spec.positions import NodePath
from leadflow.spec.problems import Located, Problem
from leadflow.spec.scalars import Data
from leadflow.spec.schema.base import (
    EMPTY_VALUE,
    MISSING_KEY,
    UNKNOWN_KEY,
    WRONG_KIND,
    Issue,
    Map,
    Part,
    Seq,
    Spot,
    Word,
    shape,
)
from leadflow.spec.suggest import did_you_mean, hint_for_unknown

P = TypeVar("P", bound=Part)

_BAD_KEY = "[key]"
"""The last step of a location where the key itself is wrong."""
_EXPECTED = {
    "list_type": ("a list", "write [a, b], or a line with a hyphen and a space for each item"),
    "dict_type": ("a map", "write {key: value}, or a line `key: value` for each"),
    "model_type": ("a map of keys", "write `key: value`"),
}


def read_part(
    model: type[P], data: Data, source: Located, *, kind: Literal["lead", "deal"] = "lead"
) -> tuple[P | None, list[Problem]]:
    """Checks a file's plain data against a model of the schema.

    Args:
        model: what the file should be.
        data: what it holds.
        source: where the data stands.
        kind: of the pipeline, for its conditions.

    Returns:
        The model, or None when anything is wrong, and the problems, each where the mistake stands.
    """
    problems: list[Problem] = []
    tree = _spotted(data, Spot(source), problems)
    try:
        part = model.model_validate(tree, context=kind)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            problems += _told(details, tree)
        return None, problems
    return (None if problems else part), problems


def _spotted(data: Data, spot: Spot, problems: list[Problem]) -> Any:
    """The data as `Map`, `Seq` and `Word`; keys and items without a value are problems and left out."""
    source, path = spot.source, spot.path
    match data:
        case dict():
            items: dict[Word, Any] = {}
            empty = frozenset(key for key, value in data.items() if value is None)
            for key, value in data.items():
                below = (*path, key)
                key_spot = Spot(source, below, key=True)
                if value is None:
                    hint = "write a value, or remove the key"
                    problems.append(key_spot.problem(EMPTY_VALUE, f"'{key}' has no value", hint))
                else:
                    items[Word.make(key, key_spot)] = _spotted(value, Spot(source, below), problems)
            return Map.make(items, spot, empty)
        case list():
            values = []
            for index, value in enumerate(data):
                item = Spot(source, (*path, index))
                if value is None:
                    hint = "write a value after the hyphen, or remove the line"
                    problems.append(
                        item.problem(EMPTY_VALUE, "this item of the list is empty", hint)
                    )
                else:
                    values.append(_spotted(value, item, problems))
            return Seq.make(values, spot)
        case None:
            return Map.make({}, spot)
        case _:
            return Word.make(data, spot)


def _told(details: ErrorDetails, tree: Any) -> Iterator[Problem]:
    node, rest = _reached(tree, details["loc"])
    spot: Spot = node.spot
    kind = details["type"]
    if kind == "leadflow":
        yield from _issues(details["ctx"]["issues"], node)
    elif kind == "extra_forbidden":
        yield _unknown_key(str(details["loc"][-1]), tree, details["loc"])
    elif kind == "missing":
        if not _explained(node, str(rest[-1])):
            yield spot.problem(MISSING_KEY, f"'{rest[-1]}' must be given", f"add {rest[-1]}: …")
    else:
        wanted, hint = _EXPECTED.get(kind, ("something else", ""))
        yield spot.problem(WRONG_KIND, f"expected {wanted}, found {shape(node)}", hint)


def _explained(node: Any, key: str) -> bool:
    """Whether a key is missing only because it is misspelt or has no value: that is told already."""
    if not isinstance(node, Map) or node.model is None:
        return False
    known = node.model.known_keys()
    misspelt = (did_you_mean(word, known) for word in node if word not in known)
    return key in node.empty or key in misspelt


def _issues(issues: Iterable[Issue], node: Any) -> Iterator[Problem]:
    for issue in issues:
        spot: Spot = node.spot
        if issue.key and isinstance(node, Map):
            key = node.key(issue.key)
            spot = key.spot if key else spot
        yield spot.problem(issue.code, issue.message, issue.hint, offset=issue.offset)


def _unknown_key(key: str, tree: Any, loc: NodePath) -> Problem:
    parent, _ = _reached(tree, loc[:-1])
    word = parent.key(key)
    known = _lacking_first(parent, parent.model) if parent.model else []
    spot: Spot = word.spot
    return spot.problem(UNKNOWN_KEY, f"unknown key '{key}'", hint_for_unknown("key", key, known))


def _lacking_first(node: Map, model: type[Part]) -> list[str]:
    """The keys that may stand there, those first that must and do not: one of them may be meant."""
    known = model.known_keys()
    needed = (each for each in model.model_fields.values() if each.is_required())
    lacking = {each.alias for each in needed} | {
        name for name, each in model.model_fields.items() if each.is_required()
    }
    return sorted(known, key=lambda name: name not in lacking or name in node)


def _reached(tree: Any, loc: NodePath) -> tuple[Any, NodePath]:
    """The innermost written node on the way to ``loc``, and what of it is not written.

    A short value stands for a map, one value for a list, and a choice between shapes leaves its tag: such steps of
    pydantic's location are not in the file.
    """
    rest: list[str | int] = []
    key = None
    for step in loc:
        if isinstance(tree, Map) and step in tree:
            key, rest = tree.key(str(step)), []
            tree = tree[Word(step)]
        elif isinstance(tree, Seq) and isinstance(step, int) and step < len(tree):
            tree, rest = tree[step], []
        elif step == _BAD_KEY and key is not None:
            tree = key
        else:
            rest.append(step)
    return tree, tuple(rest)
