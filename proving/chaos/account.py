"""The account of a run: for people, and as one line of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from proving.chaos.figures import Spread
from proving.chaos.ground import Plan
from proving.chaos.judge import Outcome


def as_text(outcome: Outcome) -> str:
    """Lines for people."""
    found = outcome.figures
    report = msgspec.structs.replace(outcome.report, complaints=outcome.complaints)
    done = ", ".join(f"{what} {count}" for what, count in found.struck.items())
    memory = ", ".join(f"{kind} {most} MB" for kind, most in found.memory.items())
    pace = (
        f"{found.leads_per_minute} leads a minute, {found.events_per_second} events and "
        f"{found.messages_per_second} messages a second; drained in {outcome.drained_in} s"
    )
    return "\n".join(
        [
            str(report),
            f"done      {done}",
            *_rows("recovery", found.recovery),
            *_rows(
                "waits", {"decision to answer": found.answers, "plan to hand-over": found.waits}
            ),
            f"replayed  {outcome.replayed} histories",
            f"pace      {pace}",
            f"memory    {memory} at most",
        ]
    )


def as_line(plan: Plan, outcome: Outcome, folder: str) -> str:
    """One line of JSON; ``folder``: where the evidence is, if it was kept."""
    report = outcome.report
    line: dict[str, Any] = {
        "ok": not outcome.complaints,
        "seed": plan.seed,
        "minutes": round(plan.seconds / 60, 2),
        "database": _database(plan),
        "leads": {
            name: getattr(report, name)
            for name in ("acknowledged", "leads", "begun", "closed", "quarantined")
        },
        "messages": {
            "planned": report.planned,
            **report.ledger,
            "scheduled": report.scheduled,
            "arrived": report.arrived,
        },
        "lost": sum(each.kind == "lost" for each in outcome.complaints),
        "doubled": sum(each.kind == "doubled" for each in outcome.complaints),
        **msgspec.to_builtins(outcome.figures),
        "replayed": outcome.replayed,
        "drained_in": outcome.drained_in,
        "complaints": [str(each) for each in outcome.complaints],
        "folder": folder,
    }
    return msgspec.json.encode(line).decode()


def _database(plan: Plan) -> str:
    return "postgresql" if plan.postgres or plan.database.startswith("postgresql") else "sqlite"


def _rows(title: str, spreads: dict[str, Spread]) -> Iterator[str]:
    for number, (what, found) in enumerate(spreads.items()):
        head = title if not number else ""
        yield (
            f"{head:<9} {what}: p50 {found.p50:.2f} s, p95 {found.p95:.2f} s, "
            f"at most {found.most:.2f} s ({found.count})"
        )
