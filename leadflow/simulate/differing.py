"""Expected against found: the pieces that all checks are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from leadflow.engine.clock import iso
from leadflow.simulate import found
from leadflow.simulate.instants import absolute
from leadflow.simulate.story import Story
from leadflow.simulate.world import Life

NEVER = frozenset({"never", "none", "nothing", "null", ""})
"""Words for no instant."""


class Difference(NamedTuple):
    """A key of an expectation that does not hold."""

    key: str
    expected: str
    found: str


class Scene(NamedTuple):
    """What an expectation looks at."""

    life: Life
    lives: Sequence[Life]
    story: Story


def listed(names: Iterable[object]) -> str:
    """A list as people write one."""
    return f"[{', '.join(map(str, names))}]"


def same(key: str, wanted: str, *has: str) -> Iterator[Difference]:
    """One value; what is there may go by several names."""
    if wanted not in has:
        yield Difference(key, wanted or found.NOTHING, has[0] or found.NOTHING)


def whole(key: str, wanted: Iterable[str], has: Iterable[str]) -> Iterator[Difference]:
    """A list whose order does not matter."""
    wanted, has = list(map(str, wanted)), list(has)
    if sorted(wanted) != sorted(has):
        yield Difference(key, listed(wanted), listed(has))


def at(key: str, wanted: str, has: str, life: Life) -> Iterator[Difference]:
    """Two instants; the scenario's clock is the pipeline's."""
    if wanted in NEVER:
        meant = ""
    else:
        at = absolute(wanted, life.pipeline)
        meant = iso(at) if at is not None else wanted
    if meant != has:
        yield Difference(key, wanted or found.NOTHING, found.shown(life, has))
