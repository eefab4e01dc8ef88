"""A mail server that refuses, stalls and hangs up (M1–M6): each message ends as its server's words mean, and once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from leadflow.store.outbox import find_alerts, find_pauses, outbox
from leadflow.store.todo import find_tasks
from proving.sinks.process import Sink
from tests.faults.life import account, called, inquiry, offered, sends
from tests.support import chaos
from tests.support.running import Home, home, until
from tests.support.tiny import TINY, tiny

POST = TINY.replace(
    "send_email: offer",
    "{send_email: offer, else: [{create_task: {id: write, title: Написать иначе}}]}\n"
    "      - {notify: [anna, boris], if: lead.price == 2}",
)


class Case(NamedTuple):
    """What the server does to a message, and what becomes of it."""

    rules: tuple[Mapping[str, Any], ...]
    state: str
    arrived: int
    tasks: tuple[str, ...] = ()
    """Open ones besides."""
    tries: int = 0
    """How often it met the rules."""


CASES = {
    "m1-any": Case((), "accepted", 1),
    "m1-grey": Case(({"at": "rcpt", "reply": "451 4.7.1 greylisted", "times": 2},), "accepted", 1, tries=2),
    "m1-data": Case(({"at": "data", "reply": "450 4.2.0 later", "times": 1},), "accepted", 1, tries=1),
    "m1-dot": Case(({"at": "dot", "reply": "452 4.3.1 full", "times": 1},), "accepted", 1, tries=1),
    "m2-nobody": Case(({"at": "rcpt", "reply": "550 5.1.1 nobody", "times": 1},), "refused", 0, ("write",), 1),
    "m2-spam": Case(({"at": "dot", "reply": "554 5.7.1 spam"},), "refused", 0, ("write",), 1),
    "m3-slow": Case(({"at": "accepted", "stall": 3},), "accepted", 1, tries=1),
    "m4-data": Case(({"at": "data", "drop": True, "times": 1},), "accepted", 1, tries=1),
    "m4-dot": Case(({"at": "dot", "drop": True},), "ambiguous", 0, ("settle",), 1),
    "m4-250": Case(({"at": "accepted", "drop": True},), "ambiguous", 1, ("settle",), 1),
}  # fmt: skip


@asynccontextmanager
async def post(folder: Path, temporal: str, database: str, url: str) -> AsyncIterator[Home]:
    async with home(folder, temporal, tiny(POST), database=database, smtp_url=url) as one:
        with chaos.worker(folder, one.environment):
            yield one


async def test_every_refusal_ends_as_it_means(
    tmp_path: Path, temporal_server: str, database_url: str
) -> None:
    """M1–M4, M6: later is tried again, never is final and goes its `else`, unknown is asked; no letter harms another."""
    with Sink("smtp", tmp_path) as smtp:
        smtp.script(
            {"at": "mail", "reply": "421 4.3.2 closing", "times": 1},
            {"at": "rcpt", "reply": "550 5.7.1 no", "match": {"to": "boris@example.com"}},
            *(
                {**rule, "match": {"to": f"{name}@example.org"}}
                for name, case in CASES.items()
                for rule in case.rules
            ),
        )
        async with post(tmp_path, temporal_server, database_url, smtp.url) as one:
            leads = {name: await inquiry(one, name) for name in CASES}
            leads["two"] = await inquiry(one, "two", price="2")
            await asyncio.gather(*(called(one, lead) for lead in leads.values()))
            report = await account(one, [smtp], leads.values())
            assert report.complaints == (), report
            for name, case in CASES.items():
                (row,) = sends(one, leads[name])
                assert (name, row.state, smtp.count(row.hash)) == (name, case.state, case.arrived)
                tasks = [task.task for task in find_tasks(one.store, lead=leads[name])]
                assert (name, tuple(tasks)) == (name, case.tasks)
                met = [fault for fault in smtp.faults() if fault.get("to") == f"{name}@example.org"]
                assert (name, len(met)) == (name, case.tries)
            ends = {row.key.rpartition("/")[2]: row.state for row in sends(one, leads["two"])}
            assert ends == {"1": "accepted", "anna": "accepted", "boris": "refused"}
            # A dead address is dead for every lead.
            again = await offered(one, "again", email="m2-nobody@example.org")
            await until(lambda: [row.state for row in sends(one, again)], ["suppressed"].__eq__)
            assert len(smtp.faults("mail")) == 1


async def test_a_refused_login_harms_no_lead(tmp_path: Path, temporal_server: str) -> None:
    """M5: the channel is paused once, with one alert, and the letters wait; the login put right, they go by themselves."""
    with Sink("smtp", tmp_path, "--auth", "leadflow:right") as smtp:
        url = f"smtp://leadflow:wrong@127.0.0.1:{smtp.port}?starttls=never"
        async with post(tmp_path, temporal_server, "", url) as one:
            leads = [await offered(one, f"l{number}") for number in range(3)]
            await until(
                lambda: [row.reason for row in outbox(one.store)],
                lambda said: len(said) == 3 and all("email is paused" in each for each in said),
            )
            (pause,), (alert,) = find_pauses(one.store), find_alerts(one.store)
            assert (pause.name, alert.cause) == ("email", "channel/email")
            assert "wrong" not in pause.reason + alert.text
            assert [task for lead in leads for task in find_tasks(one.store, lead=lead)] == []
            smtp.stop()
            with Sink("smtp", tmp_path, "--auth", "leadflow:wrong", port=smtp.port) as right:
                report = await account(one, [right], leads)
            assert report.complaints == (), report
            assert report.ledger == {"accepted": 3}
            assert (find_pauses(one.store), find_alerts(one.store)) == ([], [])
