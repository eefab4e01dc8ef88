"""When what happens to which part, drawn from the seed before the run begins: the same seed, the same weather."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Literal

import msgspec

from proving.sinks.script import SENDER, Rule

What = Literal[
    "kill worker",
    "stop worker",
    "kill every worker",
    "kill temporal",
    "kill database",
    "restart database",
    "lock database",
    "kill load",
    "misbehave",
]
Database = Literal["sqlite", "own postgres", "their postgres"]


class Strike(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happens."""

    at: float
    """Seconds since the beginning."""
    what: What
    number: int = 0
    """Which worker, which load."""
    lasts: float = 0
    """Seconds until the part is started again, or let go."""
    smtp: tuple[Rule, ...] = ()
    http: tuple[Rule, ...] = ()
    """misbehave: the sinks' rules from now on."""


def forecast(
    seed: str, seconds: float, *, workers: int, loads: int, database: Database
) -> list[list[Strike]]:
    """A list a victim: its strikes do not overlap, those of different victims do.

    Args:
        seed: of everything.
        seconds: in which all of it happens.
        workers: how many there are.
        loads: how many processes of people.
        database: what can be done to it.
    """
    names = ("workers", "temporal", "database", "load", "outside")
    drawn = {name: Random(f"{seed}/{name}") for name in names}  # noqa: S311 -- no secret
    return [
        [
            _on_workers(drawn["workers"], at, workers)
            for at in _times(drawn["workers"], seconds, 5, 11)
        ],
        [
            Strike(at=at, what="kill temporal", lasts=drawn["temporal"].uniform(0, 5))
            for at in _times(drawn["temporal"], seconds, 40, 80)
        ],
        [
            _on_database(drawn["database"], at, database)
            for at in _times(drawn["database"], seconds, 25, 60)
            if database != "their postgres"
        ],
        [
            Strike(at=at, what="kill load", number=drawn["load"].randrange(loads))
            for at in _times(drawn["load"], seconds, 60, 150)
        ],
        [_outside(drawn["outside"], at) for at in _times(drawn["outside"], seconds, 2, 6)],
    ]


def _times(random: Random, seconds: float, least: float, most: float) -> Iterator[float]:
    """Apart from each other by that much; in a run shorter than that, once all the same."""
    at = random.uniform(0.2, 0.6) * min(seconds, most)
    while at < seconds:
        yield at
        at += random.uniform(least, most)


def _on_workers(random: Random, at: float, workers: int) -> Strike:
    (what,) = random.choices(("kill worker", "stop worker", "kill every worker"), (8, 1, 1))
    return Strike(at=at, what=what, number=random.randrange(workers))  # type: ignore[arg-type]  # one of these


def _on_database(random: Random, at: float, database: Database) -> Strike:
    if database == "sqlite":
        return Strike(at=at, what="lock database", lasts=random.uniform(2, 8))
    kinds: tuple[What, What] = ("kill database", "restart database")
    return Strike(at=at, what=random.choice(kinds), lasts=random.uniform(0, 5))


def _outside(random: Random, at: float) -> Strike:
    """Other people's servers: half the time well, else wrong in one or two ways."""
    if random.random() < 0.4:  # noqa: PLR2004 -- a share
        return Strike(at=at, what="misbehave")
    return Strike(at=at, what="misbehave", smtp=_smtp(random), http=_http(random))


def _smtp(random: Random) -> tuple[Rule, ...]:
    phases = ("connect", "ehlo", "mail", "rcpt", "data", "go", "body", "dot", "accepted", "after")
    refusals: list[Rule] = [
        {"at": "connect", "reply": "421 4.3.2 closing"},
        {"at": "mail", "reply": "452 4.3.1 no room"},
        {"at": "rcpt", "reply": "450 4.2.0 greylisted"},
        {"at": "rcpt", "reply": "550 5.7.1 not wanted here"},
        {"at": "data", "reply": "451 4.3.0 later"},
        {"at": "dot", "reply": "451 4.3.0 later"},
        {"at": "dot", "reply": "554 5.6.0 not like that"},
    ]
    return tuple(_rule(random, phases[4:], phases, refusals) for _ in range(random.randint(1, 2)))


def _http(random: Random) -> tuple[Rule, ...]:
    phases = ("connect", "headers", "request", "accepted", "after")
    refusals: list[Rule] = [
        {"at": "request", "status": 429, "headers": {"Retry-After": "1"}},
        {"at": "request", "status": 500, "body": "<html>oops</html>"},
        {"at": "request", "status": 503},
        {"at": "request", "status": 400, "body": '{"error": "bad number"}'},
        {"at": "accepted", "status": 502, "body": "<html>bad gateway</html>"},
        {"at": "accepted", "status": 200, "body": '{"id": "cut', "truncate": True},
    ]
    return tuple(_rule(random, phases, phases, refusals) for _ in range(random.randint(1, 2)))


def _rule(
    random: Random, deadly: tuple[str, ...], phases: tuple[str, ...], refusals: list[Rule]
) -> Rule:
    ways: list[Rule] = [
        random.choice(refusals),
        random.choice(refusals),
        {"at": random.choice(phases), "drop": True},
        {"at": random.choice(phases), "drop": True},
        {"at": random.choice(phases), "stall": round(random.uniform(0.5, 3), 1)},
        {"at": random.choice(deadly), "kill": SENDER, "times": 1},
    ]
    # Counted by its text: one drawn again is a new one.
    return {"times": random.randint(1, 4), **random.choice(ways), "drawn": random.random()}
