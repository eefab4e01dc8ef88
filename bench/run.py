"""A whole bench: rounds that alternate, then what only the product has."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.alone import Alone, alone
from bench.figures import Figures, Ratios, Round, figures, ratios
from bench.paces import calm, idle, latencies, throughput
from bench.sides import Side
from bench.site import Site, site
from bench.sleepers import Sleep, sleep

WARM = 4
"""Leads before each side's first round: imports, connections, caches."""

Tell = Callable[[str], None]


class Plan(msgspec.Struct, frozen=True):
    """What to do."""

    rounds: int
    leads: int
    """A round, at a calm pace; twice as many go through as fast as they can."""
    alone: int = 5
    """Leads a round that live one after the other, for the latency at low load."""
    sleepers: int = 0
    """0: nobody sleeps."""
    database: str = ""
    """URL of an empty PostgreSQL database; by default SQLite."""


class Done(msgspec.Struct, frozen=True):
    """What was found."""

    ratios: Ratios
    product: Figures
    baseline: Figures
    alone: Alone
    rounds: dict[str, list[Round]]
    sleep: Sleep | None = None


async def bench(plan: Plan, tell: Tell) -> Done:
    """Runs it, in a folder of its own that is gone afterwards. ``tell``: hears how far it is.

    Raises:
        Misconfigured: the Temporal server's program is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="leadflow-bench-") as folder:
        tell("the engine, a long pipeline, scenarios")
        speeds = alone(_made(Path(folder) / "alone"))
        async with site(Path(folder), plan.database) as where:
            rounds = await _rounds(where, plan, tell)
            slept = await _slept(where, plan, tell)
    both = rounds["product"], rounds["baseline"]
    product, baseline = map(figures, both)
    return Done(ratios(*both), product, baseline, speeds, rounds, slept)


async def _rounds(where: Site, plan: Plan, tell: Tell) -> dict[str, list[Round]]:
    sides: dict[str, Side] = {"product": where.product, "baseline": where.baseline}
    for side in sides.values():
        await throughput(side, "warm", WARM)
    found: dict[str, list[Round]] = {name: [] for name in sides}
    resting = await idle(where.server)
    for number in range(1, plan.rounds + 1):
        turns = list(sides.items())
        for name, side in turns if number % 2 else reversed(turns):  # whatever grows harms both
            tell(f"round {number} of {plan.rounds}: {name}")
            found[name].append(await _round(where, side, resting, number, plan))
    leads = WARM + plan.rounds * (plan.leads + plan.alone + _many(plan))
    for side in sides.values():
        await must_have_lived(side, leads)
    return found


async def _round(where: Site, side: Side, resting: float, number: int, plan: Plan) -> Round:
    return Round(
        calm=await calm(side, where.server, resting, f"calm-{number}", plan.leads),
        updates=await latencies(side, f"alone-{number}", plan.alone),
        throughput=await throughput(side, f"many-{number}", _many(plan)),
    )


async def must_have_lived(side: Side, leads: int) -> None:
    """A side did the whole process: a deal and a letter of each lead, no more and no less."""
    letters = side.mailbox.letters
    assert await side.deals() == leads, f"{await side.deals()} deals of {leads} leads"
    assert len(letters) == leads == letters.total(), f"{letters.total()} letters to {leads} leads"


def _many(plan: Plan) -> int:
    return 2 * plan.leads


async def _slept(where: Site, plan: Plan, tell: Tell) -> Sleep | None:
    if not plan.sleepers:
        return None
    tell(f"{plan.sleepers} leads fall asleep, and wake all at once")
    return await sleep(where, plan.sleepers)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
