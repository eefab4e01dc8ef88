"""Temporal dies, is away, cannot be reached, loses its data (T1–T4): nothing is lost, nothing comes twice or at night."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leadflow.engine.events import Created, FieldsSet
from leadflow.errors import Unreachable
from leadflow.spec.compile.pipeline import compile_text
from leadflow.store.intake import waiting
from leadflow.store.seat import HELD, confirm
from leadflow.text import render
from proving.processes import free_port
from proving.sinks.process import Sink
from proving.temporal import temporal_server as own_server
from tests.faults.life import FIELDS, account, acted, called, inquiry, offered, sends
from tests.support import chaos
from tests.support.running import ANNA, Home, home, installed, until
from tests.support.tiny import OFFER, TINY, tiny
from workflows.recovery import Recovery

LEADS = 16


async def live(one: Home, name: str) -> str:
    lead = await inquiry(one, name)
    await called(one, lead)
    return lead


async def test_killed_in_mid_load(tmp_path: Path, database_url: str) -> None:
    """T1: `kill -9` of the server under load, then of everything: clients and workers come back by themselves."""
    with Sink("smtp", tmp_path) as smtp, own_server(tmp_path) as temporal:
        smtp.script({"at": "accepted", "stall": 0.2})
        async with home(
            tmp_path, temporal.address, tiny(), database=database_url, smtp_url=smtp.url
        ) as one:
            with chaos.worker(tmp_path, one.environment) as worker:
                load = [asyncio.create_task(live(one, f"a{number}")) for number in range(LEADS)]
                await until(smtp.count, lambda count: count >= 2, 60)
                temporal.kill()
                await asyncio.to_thread(temporal.start)
                await until(smtp.count, lambda count: count >= LEADS // 2, 60)
                load += [asyncio.create_task(live(one, f"b{number}")) for number in range(LEADS)]
                await until(smtp.count, lambda count: count >= LEADS + 2, 60)
                temporal.kill()
                worker.kill()
                await asyncio.to_thread(temporal.start)
                leads = await asyncio.gather(*load)
                report = await account(one, [smtp], leads)
                assert report.complaints == (), report
                assert (report.begun, worker.deaths) == (2 * LEADS, 1)
                assert {one.row(lead).stage for lead in leads} == {"offered"}


OVERDUE = TINY.replace(
    "  offered:\n",
    """  offered:
    sequence:
      steps:
        - {after: 3 seconds, send_email: {template: stale, max_late: 1 second}}
        - {after: 1 second, send_email: fresh}
""",
).replace("- send_email: offer", "- {watch: supervisor}")


UTC_DAYS = 'calendar: {timezone: Etc/UTC, days: mon-sun, hours: "00:00-23:59"}'


def quiet_now() -> str:
    """Quiet hours that began half an hour ago."""
    now = datetime.now(UTC)
    return f"{now - timedelta(minutes=30):%H:%M}-{now + timedelta(hours=1):%H:%M}"


async def test_what_fell_due_while_the_server_was_away(tmp_path: Path) -> None:
    """T2: back again, what is too late is dropped and its owner told, what is late goes, at night it waits; each once."""
    letters = {"stale_email_md": OFFER, "fresh_email_md": OFFER}
    awake = compile_text(OVERDUE, **letters)
    night = f'{UTC_DAYS}\nquiet_hours: "{quiet_now()}"\nfields:'
    asleep = compile_text(OVERDUE.replace("tiny", "night").replace("fields:", night), **letters)
    with Sink("smtp", tmp_path) as smtp, own_server(tmp_path) as temporal:
        async with home(tmp_path, temporal.address, awake, asleep, smtp_url=smtp.url) as one:
            with chaos.worker(tmp_path, one.environment):
                day, dark = await offered(one, "day"), await offered(one, "dark", "night")
                await one.calm(day)
                await one.calm(dark)
                temporal.kill()
                await asyncio.sleep(5)  # the outage: longer than the step and its lateness
                await asyncio.to_thread(temporal.start)
                await until(smtp.count, lambda count: count >= 2, 30)
                report = await account(one, [smtp], [day, dark])
                assert report.complaints == (), report
                assert [row.template for row in sends(one, day) if row.kind == "SendMessage"] == [
                    "fresh"
                ]
                assert [row.kind for row in sends(one, day)].count("NotifyPeople") == 1
                assert sends(one, dark) == []
                (run,) = (await one.card(dark)).sends.values()
                assert run.status == "waiting"


class Line:
    """A line of one's own to a server, which can be cut and mended."""

    def __init__(self, target: str) -> None:
        self._host, _, port = target.partition(":")
        self._target = int(port)
        self._port = free_port()
        self._writers: set[asyncio.StreamWriter] = set()
        self.address = f"127.0.0.1:{self._port}"

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)

    def cut(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, there = await asyncio.open_connection(self._host, self._target)
        self._writers |= {back, there}
        with suppress(asyncio.CancelledError):  # the test is over
            await asyncio.gather(_pump(near, there), _pump(far, back))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def test_only_the_door_cannot_reach_it(
    tmp_path: Path, temporal_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T3: the worker reaches the server, the door does not: leads are taken all the same, and go on; who decides is told."""
    monkeypatch.setattr("workflows.gateway.SHORT_PATIENCE", 0.5)
    monkeypatch.setattr("workflows.patience.PATIENCE", 1.0)
    line = Line(temporal_server)
    await line.mend()
    with Sink("smtp", tmp_path) as smtp:
        async with home(tmp_path, line.address, tiny(), smtp_url=smtp.url) as one:
            inside = {**one.environment, "TEMPORAL_ADDRESS": temporal_server}
            with chaos.worker(tmp_path, inside):
                before = await inquiry(one, "before")
                line.cut()
                given = {**FIELDS, "email": "c@example.org"}
                answer = await one.gateway.add(
                    "tiny", Created(id="c", fields=given), source="t", external_id="1"
                )
                assert answer.waiting
                edit = FieldsSet(id="f", actor=ANNA, fields={"price": "2"})
                with pytest.raises(Unreachable, match="cannot be reached"):
                    await one.gateway.act(before, edit)
                await until(lambda: waiting(one.store, one.vault), lambda kept: not kept)
                await line.mend()
                await acted(one, before, edit)
                for lead in (before, answer.lead):
                    await called(one, lead)
                report = await account(one, [smtp], [before, answer.lead])
                assert (report.complaints, report.ledger) == ((), {"accepted": 2})
    line.cut()


def lose_data(folder: Path) -> None:
    for file in folder.glob("temporal.sqlite3*"):
        file.unlink()


async def test_its_data_is_lost(tmp_path: Path) -> None:
    """T4: the database alone is left: nothing is sent until an admin confirms; then what was waiting goes, and once."""
    with Sink("smtp", tmp_path) as smtp, own_server(tmp_path) as temporal:
        smtp.script({"at": "rcpt", "reply": "451 later", "match": {"to": "waits@example.org"}})
        async with installed(
            tmp_path, temporal.address, "default", tiny(), smtp_url=smtp.url
        ) as one:
            with chaos.worker(tmp_path, one.environment) as worker:
                leads = [await offered(one, name) for name in ("went", "waits")]
                leads.append(await inquiry(one, "called"))
                await until(
                    lambda: [row.state for row in sends(one, leads[0])], ["accepted"].__eq__
                )
                await until(lambda: smtp.faults("rcpt"), bool)
                temporal.kill()
                worker.kill()
                lose_data(tmp_path)
                await asyncio.to_thread(temporal.start)
                smtp.script()
                leads.append(await offered(one, "new"))
                await until(lambda: [row.reason for row in sends(one, leads[3])], [HELD].__eq__)
                assert smtp.count() == 1
                now = await one.clock.now()
                found = await Recovery(one.client, one.store, one.vault, render).recover(
                    now, dry=False
                )
                assert (found.begun, found.failed) == (3, {})
                confirm(one.store, now, ask=False)
                report = await account(one, [smtp], leads)
                said = [row.reason for lead in leads for row in sends(one, lead)]
                assert (report.complaints, report.ledger) == ((), {"accepted": 3}), said
                await called(one, leads[2])
                report = await account(one, [smtp], leads)
                assert (report.complaints, report.ledger) == ((), {"accepted": 4})
