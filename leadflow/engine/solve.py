"""What would make a condition true: the smallest changes, for ``why`` ("what is this lead waiting for?").

A bounded search, not a theorem prover. A condition that does not hold has a part at fault; each way to mend that part
is tried (`leadflow.engine.remedies` proposes the values) and the search goes on until the whole holds. What is returned
always makes it true, and no part of it does; an answer that needs many changes at once inside one part can be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice

import msgspec

from leadflow.engine.conditions import Scope, holds
from leadflow.engine.expr import And, Compare, Expr, In, Not, Or, Path, Ref, Test, children, paths
from leadflow.engine.fields import Value
from leadflow.engine.natives import ValueType
from leadflow.engine.remedies import Domain, proposals

Settable = Callable[[Path], Domain | None]
"""What may be changed, and to what; ``None``: not this one."""

MAX_CHANGES = 6
"""At once, within one group of parts that share a name."""
MAX_ANSWERS = 16
MAX_TRIES = 2000
"""Evaluations in one group: a fraction of a second at worst, a millisecond as a rule."""


class Assignment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change: a field filled in or cleared, a task brought to ``done``, ``now`` or ``today`` reached."""

    path: Path
    type: ValueType
    value: Value
    """Canonical; ``None`` clears."""
    any: bool = False
    """The value is an example: any other does as well."""


Answer = tuple[Assignment, ...]
"""Changes to be made together, each of another name, in the order in which the condition reads them."""

Changes = dict[Path, Value]
Domains = dict[Path, Domain]


def solve(expr: Expr, scope: Scope, settable: Settable) -> list[Answer]:
    """The smallest sets of changes that make the condition hold, those with fewest changes first.

    Nothing to do is ``[()]``; no way found is ``[]``. Time only goes forward.
    """
    domains = {path: domain for path in paths(expr) if (domain := settable(path))}
    answers: list[Answer] = [()]
    for group in _groups(expr, domains):
        found = _Search(group, scope, domains).answers()
        answers = [one + other for one in answers for other in found][:MAX_ANSWERS]
    return sorted(answers, key=len)


def applied(answer: Answer, scope: Scope) -> Scope:
    """What the scope says after the changes."""
    changes = {change.path: (change.type, change.value) for change in answer}
    return lambda path: changes[path] if path in changes else scope(path)


def _groups(expr: Expr, domains: Domains) -> list[Expr]:
    """The parts of an ``and``, those that share a changeable name together: no group's answer disturbs another's."""
    groups: list[tuple[set[Path], tuple[Expr, ...]]] = []
    for part in _conjuncts(expr):
        names = domains.keys() & paths(part)
        sharing = [group for group in groups if group[0] & names]
        groups = [group for group in groups if not group[0] & names]
        parts = (*(part for _, parts in sharing for part in parts), part)
        groups.append((names.union(*(names for names, _ in sharing)), parts))
    return [And(parts) for _, parts in groups]


def _conjuncts(expr: Expr) -> list[Expr]:
    if isinstance(expr, And):
        return [inner for part in expr.parts for inner in _conjuncts(part)]
    return [expr]


def _atoms(expr: Expr) -> list[Expr]:
    """The parts that are no ``and``, ``or``, ``not``."""
    if isinstance(expr, And | Or | Not):
        return [atom for part in children(expr) for atom in _atoms(part)]
    return [expr]


class _Search:
    """Over one group, with a budget of its own."""

    def __init__(self, expr: Expr, scope: Scope, domains: Domains) -> None:
        self.expr = expr
        self.scope = scope
        self.domains = domains
        self.order = paths(expr)
        self.atoms = _atoms(expr)
        self.tries = MAX_TRIES

    def answers(self) -> list[Answer]:
        found: list[Changes] = []
        for changes in islice(self._mend({}), MAX_ANSWERS):
            found.extend(least for least in self._least(changes) if least not in found)
        return [self._answer(changes) for changes in found]

    def _under(self, changes: Changes) -> Scope:
        return lambda path: (
            (self.domains[path].type, changes[path]) if path in changes else self.scope(path)
        )

    def _holds(self, expr: Expr, changes: Changes) -> bool:
        self.tries -= 1
        return holds(expr, self._under(changes))

    def _mend(self, changes: Changes) -> Iterator[Changes]:
        """Every way found to go on from some changes until the expression holds."""
        if self._holds(self.expr, changes):
            yield changes
        else:
            for atom, wanted in self._culprits(self.expr, changes, wanted=True):
                yield from self._mend_by(atom, changes, wanted=wanted)

    def _culprits(
        self, expr: Expr, changes: Changes, *, wanted: bool
    ) -> Iterator[tuple[Expr, bool]]:
        """Alternatives: parts of an expression at fault, each with what it has to become."""
        match expr:
            case Not(part=part):
                yield from self._culprits(part, changes, wanted=not wanted)
            case And(parts=parts) | Or(parts=parts):
                wrong = [part for part in parts if self._holds(part, changes) != wanted]
                every = isinstance(expr, And) == wanted
                for part in wrong[:1] if every else wrong:
                    yield from self._culprits(part, changes, wanted=wanted)
            case _:
                yield expr, wanted

    def _mend_by(self, atom: Expr, changes: Changes, *, wanted: bool) -> Iterator[Changes]:
        """The ways to go on that turn one part at fault, with as few of its names as it takes."""
        free = [path for path in paths(atom) if path in self.domains and path not in changes]
        for size in range(1, min(len(free), MAX_CHANGES - len(changes)) + 1):
            mended = False
            for names in combinations(free, size):
                for turned in self._turn(atom, names, changes, wanted=wanted):
                    answers = list(self._mend(turned))
                    mended |= bool(answers)
                    yield from answers
                    if answers and not (wanted and size == 1 and _is_choosy(atom)):
                        break
            if mended:
                return

    def _turn(
        self, atom: Expr, names: Sequence[Path], changes: Changes, *, wanted: bool
    ) -> Iterator[Changes]:
        """Values for the names that make a part become what is wanted."""
        self.tries -= 1
        if self.tries <= 0:
            return
        if not names:
            if self._holds(atom, changes) == wanted:
                yield changes
            return
        name, *others = names
        aims = (atom, *self.atoms)
        for proposed in proposals(name, self.domains[name], aims, self._under(changes)):
            yield from self._turn(atom, others, changes | {name: proposed}, wanted=wanted)

    def _least(self, changes: Changes) -> list[Changes]:
        """The smallest parts of an answer that are answers too."""
        for size in range(len(changes)):
            parts = [dict(some) for some in combinations(changes.items(), size)]
            if answers := [part for part in parts if self._holds(self.expr, part)]:
                return answers
        return [changes]

    def _answer(self, changes: Changes) -> Answer:
        return tuple(
            Assignment(
                path, self.domains[path].type, changes[path], any=self._is_example(path, changes)
            )
            for path in self.order
            if path in changes
        )

    def _is_example(self, path: Path, changes: Changes) -> bool:
        readers = (atom for atom in self.atoms if path in paths(atom))
        fillable = self.domains[path].clearable and changes[path] is not None
        return fillable and all(map(_takes_any, readers))


def _is_choosy(atom: Expr) -> bool:
    """Whether its values are true alternatives, and not examples of a range."""
    return isinstance(atom, In) or (isinstance(atom, Compare) and atom.op == "==")


def _takes_any(atom: Expr) -> bool:
    return isinstance(atom, Ref) or (isinstance(atom, Test) and atom.name in {"set", "empty"})
