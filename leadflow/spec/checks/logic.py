"""What conditions can be true together: decided for what a field alone can be, guessed to be possible for all else.

A condition is taken apart into the branches in which it holds; a branch is impossible when what it says of one name
contradicts itself (``lead.price > 10 and lead.price < 5``). Comparisons of two names, arithmetic and time stay opaque:
they may hold or not, but not both. So ``False`` is a proof and ``True`` only "nobody knows better".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple

from leadflow.engine.expr import (
    And,
    Compare,
    CompareOp,
    Expr,
    In,
    ListOf,
    Lit,
    Not,
    Or,
    Path,
    Ref,
    Test,
)
from leadflow.spec.conditions.names import Name, NameTable
from leadflow.spec.conditions.types import family

_MOST_BRANCHES = 200
_TURNED: Mapping[CompareOp, CompareOp] = {
    "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=",
}  # fmt: skip
_NEGATED: Mapping[CompareOp, CompareOp] = {
    "<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==",
}  # fmt: skip
_STATES: Mapping[str, tuple[str, ...]] = {
    "task": ("open", "done", "cancelled"),
    "track": ("running", "done", "failed"),
}


class _Said(NamedTuple):
    """A part without `and`, `or`, `not`: said to hold, or not to."""

    atom: Expr
    holds: bool


_Branch = tuple[_Said, ...]


class _TooManyError(Exception):
    pass


def satisfiable(expr: Expr, names: NameTable) -> bool:
    """Whether a condition can hold; ``False`` is certain."""
    try:
        branches = _branches(expr, holds=True)
    except _TooManyError:
        return True
    return any(_possible(branch, names) for branch in branches)


def always(expr: Expr, names: NameTable) -> bool:
    """Whether a condition holds whatever the lead is like; ``True`` is certain."""
    return not satisfiable(Not(expr), names)


def implies(narrow: Expr | None, wide: Expr | None, names: NameTable) -> bool:
    """Whether the second holds whenever the first does; no condition always holds. ``True`` is certain."""
    if wide is None or narrow == wide:
        return True
    if narrow is None:
        return always(wide, names)
    return not satisfiable(And((narrow, Not(wide))), names)


def _branches(expr: Expr, *, holds: bool) -> list[_Branch]:
    match expr:
        case Not(part=part):
            return _branches(part, holds=not holds)
        case And(parts=parts) | Or(parts=parts):
            found = [_branches(part, holds=holds) for part in parts]
            if isinstance(expr, And) != holds:
                return _few([branch for branches in found for branch in branches])
            joined: list[_Branch] = [()]
            for branches in found:
                joined = _few([one + two for one, two in product(joined, branches)])
            return joined
        case Lit(type="flag", value=value):
            return [()] if value == holds else []
        case _:
            return [(_Said(expr, holds),)]


def _few(branches: list[_Branch]) -> list[_Branch]:
    if len(branches) > _MOST_BRANCHES:
        raise _TooManyError
    return branches


@dataclass(slots=True)
class _Values:
    """What one name may still be: empty, or one of some values."""

    empty: bool
    among: frozenset[Any] | None
    """``None``: anything."""
    without: set[Any] = field(default_factory=set)
    low: tuple[Any, bool] | None = None
    """The bound, and whether it belongs to the values."""
    high: tuple[Any, bool] | None = None

    def left(self) -> bool:
        """Whether anything is left."""
        return self.empty or self._filled()

    def _filled(self) -> bool:
        if self.among is not None:
            return any(value not in self.without and self._within(value) for value in self.among)
        if self.low is None or self.high is None or self.low[0] < self.high[0]:
            return True
        point = self.low[0]
        return point == self.high[0] and self._within(point) and point not in self.without

    def _within(self, value: Any) -> bool:
        above = self.low is None or value > self.low[0] or (value == self.low[0] and self.low[1])
        return above and (
            self.high is None or value < self.high[0] or (value == self.high[0] and self.high[1])
        )

    def compare(self, op: CompareOp, value: Any) -> None:
        """Keeps the values for which the comparison holds."""
        match op:
            case "==":
                self.keep([value])
            case "!=":
                self.without.add(value)
            case "<" | "<=":
                bound = (value, op == "<=")
                if self.high is None or bound < self.high:
                    self.high = bound
            case _:
                bound = (value, op == ">=")
                if self.low is None or (value, not bound[1]) > (self.low[0], not self.low[1]):
                    self.low = bound

    def keep(self, values: Iterable[Any]) -> None:
        """Keeps these values only."""
        kept = frozenset(values)
        self.among = kept if self.among is None else self.among & kept


def _possible(branch: _Branch, names: NameTable) -> bool:
    known: dict[Path, _Values] = {}
    opaque: dict[Expr, bool] = {}
    for said in branch:
        path = _narrow(said, names, known)
        if path is None and opaque.setdefault(said.atom, said.holds) != said.holds:
            return False
        if path is not None and not known[path].left():
            return False
    return True


def _narrow(said: _Said, names: NameTable, known: dict[Path, _Values]) -> Path | None:
    """Narrows what one name may be; ``None``: the part says nothing about one name alone."""
    match said.atom:
        case Test(subject=Ref(path=path), name=test) if path in names:
            values = _of(path, names, known)
            if test in {"set", "empty"}:
                _empty_or_not(values, empty=(test == "empty") == said.holds)
            else:
                _one_of(values, [test], holds=said.holds)
            return path
        case Compare(left=Ref(path=path), right=Lit() as lit, op=op) if _single(path, names):
            return _compare(path, op, lit, said, names, known)
        case Compare(left=Lit() as lit, right=Ref(path=path), op=op) if _single(path, names):
            return _compare(path, _TURNED[op], lit, said, names, known)
        case In(item=Ref(path=path), among=ListOf(items=items)) if _single(path, names):
            keys = [_key(names[path], item) for item in items]
            if None not in keys:
                _one_of(_of(path, names, known), keys, holds=said.holds)
                return path
        case Ref(path=path) if path in names and names[path].type == "flag":
            _of(path, names, known).compare("==" if said.holds else "!=", value=True)
            return path
        case _:
            pass
    return None


def _compare(
    path: Path,
    op: CompareOp,
    lit: Lit,
    said: _Said,
    names: NameTable,
    known: dict[Path, _Values],
) -> Path | None:
    key = _key(names[path], lit)
    if key is None or (op not in {"==", "!="} and family(names[path]) not in {"number", "date"}):
        return None
    values = _of(path, names, known)
    if (op == "!=") != said.holds:  # an empty value compares false, `!=` true
        values.empty = False
    values.compare(op if said.holds else _NEGATED[op], key)
    return path


def _single(path: Path, names: NameTable) -> bool:
    return path in names and not names[path].several


def _of(path: Path, names: NameTable, known: dict[Path, _Values]) -> _Values:
    if path not in known:
        known[path] = _Values(empty=not names[path].filled, among=_universe(names[path]))
    return known[path]


def _universe(name: Name) -> frozenset[Any] | None:
    if name.several:
        return None
    if name.type in _STATES:
        return frozenset(_STATES[name.type])
    if name.type == "flag":
        return frozenset({True, False})
    return frozenset(name.options) if name.type == "choice" and name.options else None


def _empty_or_not(values: _Values, *, empty: bool) -> None:
    if empty:
        values.among = frozenset()
    else:
        values.empty = False


def _one_of(values: _Values, keys: list[Any], *, holds: bool) -> None:
    if holds:
        values.empty = False
        values.keep(keys)
    else:
        values.without.update(keys)


def _key(name: Name, lit: Expr) -> Any:
    """A literal as something that compares with its like; ``None``: not with this name's values."""
    if not isinstance(lit, Lit):
        return None
    kind = family(name)
    if kind == "number":
        return Decimal(str(lit.value)) if lit.type == "number" else None
    if kind == "flag":
        return lit.value if lit.type == "flag" else None
    return lit.value if lit.type == "text" else None
