"""A worker is killed at a chosen position of a send (W1–W7): started again, it does no more and no less than it may."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from leadflow.engine.events import Signal
from leadflow.store.outbox import outbox
from proving.sinks.process import Sink
from tests.faults.life import account, called, inquiry, offered, sends
from tests.support import chaos
from tests.support.running import Home, home, until
from tests.support.tiny import TINY, tiny

SURE = TINY.replace("tiny", "sure").replace(
    "send_email: offer", "send_email: {template: offer, if_unsure: resend}"
)
HELD: Mapping[str, tuple[dict[str, object], str, str, set[int]]] = {
    "rcpt": ({"at": "rcpt"}, "claimed", "accepted", {1}),
    "data": ({"at": "data"}, "claimed", "accepted", {1}),
    "go": ({"at": "go", "drop": True}, "handing_over", "ambiguous", {0}),
    "late": ({"at": "go"}, "handing_over", "ambiguous", {0, 1}),  # what was on its way may arrive
    "body": ({"at": "body", "drop": True}, "handing_over", "ambiguous", {0}),
    "dot": ({"at": "dot", "drop": True}, "handing_over", "ambiguous", {0}),
    "accepted": ({"at": "accepted"}, "handing_over", "ambiguous", {1}),
    "sure": ({"at": "accepted"}, "handing_over", "accepted", {2}),
}
"""Lead → where the mail server holds its message; how its row stands when the worker dies, and how it ends; how often it
arrives."""
STALL = 10.0


async def test_killed_with_a_message_at_every_position(
    tmp_path: Path, temporal_server: str, database_url: str
) -> None:
    """W2–W5, W10: one kill, a message at each position. Before the hand-over: sent later, once. In it: asked, never resent.

    Where the step wants it resent, the same bytes go again. And at the end, by SIGTERM: the answer is waited for.
    """
    with Sink("smtp", tmp_path) as smtp:
        smtp.script(
            *(
                {**rule, "match": {"to": f"{name}@example.org"}, "stall": STALL, "times": 1}
                for name, (rule, *_) in HELD.items()
            )
        )
        async with home(
            tmp_path, temporal_server, tiny(), tiny(SURE),
            database=database_url, smtp_url=smtp.url,
        ) as one:  # fmt: skip
            with chaos.worker(tmp_path, one.environment) as worker:
                leads = {
                    name: await inquiry(one, name, "sure" if name == "sure" else "tiny")
                    for name in HELD
                }
                await asyncio.gather(*(called(one, lead) for lead in leads.values()))
                held = {leads[name]: state for name, (_, state, *_) in HELD.items()}
                await until(smtp.faults, lambda found: len(found) == len(HELD))
                await until(lambda: {row.lead: row.state for row in outbox(one.store)}, held.__eq__)
                worker.kill()
                report = await account(one, [smtp], leads.values())
                assert report.complaints == (), str(report)
                assert worker.deaths == 1
                for name, (_, _, end, arrived) in HELD.items():
                    (row,) = sends(one, leads[name])
                    assert (name, row.state) == (name, end)
                    assert smtp.count(row.hash) in arrived, name
                (resent,) = sends(one, leads["sure"])
                assert resent.resends == 1
                assert len({mail["sha256"] for mail in smtp.messages(resent.hash)}) == 1
                smtp.script({"at": "accepted", "stall": 1.5})
                last = await offered(one, "last")
                await until(lambda: smtp.faults("accepted")[-1]["to"], "last@example.org".__eq__)
                assert states(one, last) == ["handing_over"]
            assert states(one, last) == ["accepted"]


CALLS = TINY.replace(
    "    exits:\n      - {task: contact",
    "    when:\n      - {signal: call_in, do: [{send_email: offer}]}\n    exits:\n      - {task: contact",
)
"""A fact: nobody waits for it, so that its step is committed by the worker."""
AT_POINTS = {
    "commit": ("accepted", 1),
    "claimed": ("accepted", 1),
    "handed": ("ambiguous", 0),
    "answered": ("ambiguous", 1),
    "ledger": ("accepted", 1),
}
"""Where the worker kills itself → how the message ends, how often it arrives."""


def states(one: Home, lead: str) -> list[str]:
    return [row.state for row in sends(one, lead)]


async def test_killed_between_any_two_transactions(
    tmp_path: Path, temporal_server: str, database_url: str
) -> None:
    """W1, W2, W4, W6, W7: whatever has committed last, each message arrives once, or is asked about.

    Between hand-over and first byte nothing has arrived and somebody is asked all the same: the price of certainty.
    """
    points = tmp_path / "points"
    points.mkdir()
    with Sink("smtp", tmp_path) as smtp:
        async with home(
            tmp_path, temporal_server, tiny(CALLS), database=database_url, smtp_url=smtp.url
        ) as one:
            with chaos.worker(tmp_path, one.environment, str(points)) as worker:
                leads = []
                for number, (point, (state, arrived)) in enumerate(AT_POINTS.items(), start=1):
                    lead = await inquiry(one, point)
                    leads.append(lead)
                    await one.calm(lead)
                    (points / point).touch()
                    await one.gateway.tell(lead, Signal(id=point, name="call_in"))
                    await until(lambda: worker.deaths, number.__eq__)
                    await until(partial(states, one, lead), [state].__eq__)
                    (row,) = sends(one, lead)
                    assert (point, smtp.count(row.hash)) == (point, arrived)
                report = await account(one, [smtp], leads)
                assert report.complaints == (), str(report)
                assert report.ledger == {"accepted": 3, "ambiguous": 2}
