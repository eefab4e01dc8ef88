"""A name in a condition that nobody declared: where it goes wrong and what was probably meant."""

from __future__ import annotations

from leadflow.engine.expr import Expr, Path, Ref
from leadflow.spec.conditions.names import NameTable
from leadflow.spec.conditions.tokens import ConditionIssue
from leadflow.spec.suggest import did_you_mean, hint_for_unknown

_KINDS: dict[Path, str] = {("task",): "task", ("track",): "track", ("document",): "document"}
_CODES = {"task": "LF203", "track": "LF209", "document": "LF210"}
_UNKNOWN = "LF214"
_NO_FACT = "LF226"


def unknown_name(
    path: Path, names: NameTable, root: str, start: int, beside: Expr | None
) -> ConditionIssue:
    """The issue of a name that is not in the table.

    Args:
        path: the name.
        names: what there is.
        root: ``lead`` or ``deal``.
        start: where the name begins.
        beside: what it is compared with, if anything: a choice tells a forgotten pair of quotes.
    """
    known = next(
        size
        for size in range(len(path), -1, -1)
        if path[:size] in names or _after(path[:size], names)
    )
    prefix, following = path[:known], _after(path[:known], names)
    said = ".".join(prefix)
    if known == len(path):
        hint = hint_for_unknown("name", "", following)
        return ConditionIssue(f"'{said}' alone has no value", start, hint, code=_UNKNOWN)
    word = path[known]
    if not prefix:
        hint = _hint_for_root(path, names, root, beside)
        return ConditionIssue(f"unknown name '{word}'", start, hint, code=_UNKNOWN)
    at = start if prefix[0] == "was" else start + len(said) + 1
    if prefix == ("signal",):
        hint = hint_for_unknown("name", word, following)
        if (root, word) in names:
            hint = f"a signal's fields are written first: write {root}.{word}"
        message = f"no fact of the world carries '{word}'"
        return ConditionIssue(message, at, hint, "warning", _NO_FACT)
    if not following:
        message = f"{said} has no part '{word}'"
        return ConditionIssue(message, at, f"write {said}", code=_UNKNOWN)
    kind = _KINDS.get(prefix, "field" if prefix[-1] == root else "part")
    hint = hint_for_unknown(kind, word, following)
    return ConditionIssue(f"unknown {kind} '{word}'", at, hint, code=_CODES.get(kind, _UNKNOWN))


def _after(prefix: Path, names: NameTable) -> list[str]:
    """What can stand after the next dot."""
    size = len(prefix)
    return list(
        dict.fromkeys(path[size] for path in names if len(path) > size and path[:size] == prefix)
    )


def _hint_for_root(path: Path, names: NameTable, root: str, beside: Expr | None) -> str:
    word = path[0]
    options = names[beside.path].options if isinstance(beside, Ref) and beside.path in names else {}
    if len(path) == 1 and (option := did_you_mean(word, options)):
        return f'a text stands in quotes: "{option}"'
    if word in {"lead", "deal"}:
        return f"write {'.'.join((root, *path[1:]))}: this pipeline is one of {root}s"
    if field := did_you_mean(word, _after((root,), names)):
        return f"write {'.'.join((root, field, *path[1:]))}"
    roots = _after((), names)
    if len(path) == 1 and isinstance(beside, Ref) and not did_you_mean(word, roots):
        return f'a text stands in quotes: "{word}"'
    return hint_for_unknown("name", word, roots)
