"""Values worth trying for a name, so that a part of a condition turns (for `leadflow.engine.solve`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec

from leadflow.engine.conditions import Scope, arith, compare, value
from leadflow.engine.expr import Arith, ArithOp, Compare, Expr, In, Path, Ref, children, paths
from leadflow.engine.fields import Value
from leadflow.engine.natives import CONTEXT, Native, ValueType, canonical, native

TIME: frozenset[Path] = frozenset({("now",), ("today",)})


class Domain(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a name may become: its type; of a choice its options, of a task or a track the states it can reach."""

    type: ValueType
    options: tuple[str, ...] = ()
    many: bool = False

    @property
    def clearable(self) -> bool:
        """A flag is never empty, and nobody takes back that a task was created."""
        return self.type not in {"flag", "task", "track"}


def proposals(path: Path, domain: Domain, atoms: Iterable[Expr], scope: Scope) -> list[Value]:
    """Canonical values, each once, the most telling first; never the present one, and time only forward.

    Args:
        path: the name to change.
        domain: what it may become.
        atoms: parts of the condition, the one to turn first: values are aimed at those that read the name.
        scope: what everything is now.
    """
    present = native(*scope(path))
    aimed = (aim for atom in atoms if path in paths(atom) for aim in _aimed(atom, path, scope))
    found: list[Value] = []
    for candidate in (*aimed, *_usual(domain, scope)):
        fitting = _fit(candidate, domain)
        if fitting is None or fitting == present or _goes_back(path, fitting, present):
            continue
        if (proposed := canonical(fitting)) not in found:
            found.append(proposed)
    if present is not None and domain.clearable and path not in TIME:
        found.append(None)
    return found


def _goes_back(path: Path, proposed: Native, present: Native) -> bool:
    return path in TIME and compare("<", proposed, present)


def _aimed(atom: Expr, path: Path, scope: Scope) -> Iterator[Native]:
    match atom:
        case Compare(left=left, right=right):
            for side, other in ((left, right), (right, left)):
                if (aim := _needed(side, path, value(other, scope), scope)) is not None:
                    yield aim
                    yield from _near(aim)
        case In(item=item, among=among):
            yield from _into(path, item, among, scope)
        case _:
            return


def _into(path: Path, item: Expr, among: Expr, scope: Scope) -> Iterator[Native]:
    """One of those it should be among, or a list (a text) with the item and without."""
    wanted, others = value(item, scope), value(among, scope)
    for other in others if isinstance(others, list) else [others]:
        yield _needed(item, path, other, scope)
    if isinstance(among, Ref) and isinstance(others, list):
        yield [*others, wanted]
        yield [other for other in others if other != wanted]
    else:
        yield _needed(among, path, wanted, scope)


_INVERSE: dict[ArithOp, ArithOp] = {"+": "-", "-": "+", "*": "/", "/": "*"}


def _needed(expr: Expr, path: Path, target: Native, scope: Scope) -> Native:
    """What the name has to be so that the expression is the target, its other names as they are; ``None`` if unknown."""
    if target is None:
        return None
    match expr:
        case Ref():
            return target if expr.path == path else None
        case Arith(op=op, left=left, right=right):
            of_left = arith(_INVERSE[op], target, value(right, scope))
            known = value(left, scope)
            of_right = (
                arith(op, known, target) if op in {"-", "/"} else arith(_INVERSE[op], target, known)
            )
            tries = [_needed(left, path, of_left, scope), _needed(right, path, of_right, scope)]
        case _:
            tries = [_needed(part, path, target, scope) for part in children(expr)]
    return next((found for found in tries if found is not None), None)


_STEPS = (Decimal(1), Decimal(-1), Decimal("0.01"), Decimal("-0.01"))


def _near(aim: Native) -> Iterator[Native]:
    """The next values on either side, for ``<`` and ``>``."""
    if isinstance(aim, Decimal):
        yield from (CONTEXT.add(aim, step) for step in _STEPS)
    if isinstance(aim, date):
        step = timedelta(seconds=1) if isinstance(aim, datetime) else timedelta(days=1)
        with suppress(OverflowError):
            yield aim + step
            yield aim - step


def _usual(domain: Domain, scope: Scope) -> Iterator[Native]:
    """Every option, or an example of the type."""
    yield from domain.options
    match domain.type:
        case "flag":
            yield from (True, False)
        case "date":
            yield native(*scope(("today",)))
            yield "2026-01-01"
        case "datetime":
            yield native(*scope(("now",)))
            yield "2026-01-01T09:00:00Z"
        case kind:
            yield _EXAMPLES.get(kind, kind)


_EXAMPLES: dict[ValueType, Native] = {
    "number": Decimal(1),
    "money": Decimal(1),
    "person": {"first": "Anna"},
    "phone": {"number": "+79161234567"},
    "email": "name@example.com",
    "url": "https://example.com",
    "inn": "7707083893",
    "file": {"id": "file", "name": "file", "size": 0},
}


def _fit(candidate: Native, domain: Domain) -> Native:
    """The candidate as a value of the domain, ``None`` if it cannot be one."""
    if domain.many or domain.type == "choices":
        items = candidate if isinstance(candidate, list) else [candidate]
        fitting = [_fit_one(item, domain) for item in items]
        return [item for item in fitting if item is not None] or None
    return _fit_one(candidate, domain)


def _fit_one(candidate: Native, domain: Domain) -> Native:
    if isinstance(candidate, list) or (domain.options and candidate not in domain.options):
        return None
    match domain.type:
        case "phone" if isinstance(candidate, str):
            return {"number": candidate}
        case "person" | "phone" | "file":
            return candidate if isinstance(candidate, dict) else None
        case _:
            return native(domain.type, canonical(candidate))
