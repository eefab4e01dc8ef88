"""X15: what was restored or put back sends nothing until an admin confirms; then what is due goes once."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from leadflow.store.backup import write_backup
from leadflow.store.ledger import Ledger
from leadflow.store.outbox import outbox
from leadflow.store.seat import confirm, look
from leadflow.store.todo import find_tasks
from proving.sinks.process import Sink
from tests.e2e.copies import QUICK, all_held, begun, call, offered, recovery, restored, states
from tests.support.running import Home, home, until, working
from tests.support.tiny import tiny

LEADS = 8
pytestmark = pytest.mark.usefixtures("impatient")


async def load(one: Home, count: int) -> list[str]:
    """Leads that come in and are worked on, side by side."""
    return list(await asyncio.gather(*(offered(one, number) for number in range(count))))


def arrived(*sinks: Sink) -> Counter[str]:
    """Messages at all sinks together, by key."""
    return Counter(message["key"] for sink in sinks for message in sink.messages())


async def save(one: Home, file: Path) -> None:
    now = await one.clock.now()
    await asyncio.to_thread(write_backup, one.store, file, one.vault.key, now)


async def test_a_backup_in_mid_load_doubles_nothing(
    tmp_path: Path, temporal_server: str, database_url: str, elsewhere: str
) -> None:
    """The original goes on and sends everything; the copy, recovered, sends nothing, and once confirmed asks instead.

    What comes in at the copy afterwards goes out from there. At both sinks together no key arrives twice.
    """
    (tmp_path / "copy").mkdir()
    with Sink("smtp", tmp_path) as first, Sink("smtp", tmp_path / "copy") as second:
        first.script({"at": "mail", "stall": 1.5, "skip": 2})
        file = tmp_path / "b.backup"
        async with home(
            tmp_path, temporal_server, tiny(), database=database_url, smtp_url=first.url
        ) as one:
            async with working(one.settings):
                loading = asyncio.create_task(load(one, LEADS))
                await asyncio.to_thread(first.wait, 2)
                await until(lambda: len(outbox(one.store)), lambda count: count > 4)
                await save(one, file)
                leads = await loading
                await until(first.count, lambda count: count == LEADS)
            async with (
                restored(one, file, tmp_path / "copy", elsewhere, smtp=second.url) as copy,
                working(copy.settings),
            ):
                found = await recovery(copy).recover(await copy.clock.now(), dry=False, pace=QUICK)
                assert (found.running, found.failed) == (0, {})
                await all_held(copy)
                waiting = {key for key, state in states(copy).items() if state == "planned"}
                assert (len(waiting) > 0, second.count()) == (True, 0)
                asked = confirm(copy.store, await copy.clock.now(), ask=True)
                assert asked == len(waiting)
                await until(
                    lambda: {task.settles for task in find_tasks(copy.store) if task.settles},
                    lambda found: found >= waiting,
                )
                assert second.count() == 0
                lead = await offered(copy, 1_000)
                await asyncio.to_thread(second.wait, 1)
                await until(
                    lambda: {row.state for row in outbox(copy.store, lead=lead)},
                    lambda found: found == {"accepted"},
                )
            assert [message["to"] for message in second.messages()] == ["c1000@example.org"]
            assert max(arrived(first, second).values()) == 1
            assert len(leads) == LEADS


async def test_what_is_due_goes_once_from_the_new_place(
    tmp_path: Path, temporal_server: str, database_url: str, elsewhere: str
) -> None:
    """The original died with the backup: nothing goes before the confirmation, then all that was planned, once.

    What it had sent is not sent again; what it was just handing over becomes a question.
    """
    (tmp_path / "copy").mkdir()
    with Sink("smtp", tmp_path) as first, Sink("smtp", tmp_path / "copy") as second:
        file = tmp_path / "b.backup"
        async with home(
            tmp_path, temporal_server, tiny(), database=database_url, smtp_url=first.url
        ) as one:
            async with working(one.settings):
                sent = [await offered(one, number) for number in range(2)]
                await until(lambda: states(one).values(), lambda found: {*found} == {"accepted"})
                first.stop()
                waiting = [await offered(one, number) for number in range(2, 5)]
                later = await begun(one, 5)
            await cut_off(one, waiting[0])
            await save(one, file)
            async with (
                restored(one, file, tmp_path / "copy", elsewhere, smtp=second.url) as copy,
                working(copy.settings),
            ):
                dry = await recovery(copy).recover(await copy.clock.now(), dry=True, pace=QUICK)
                assert (dry.begun, dry.messages) == (6, 3)
                for begun_now, running in (
                    (6, 0),
                    (0, 6),
                ):  # it may be done again: nothing more happens
                    found = await recovery(copy).recover(
                        await copy.clock.now(), dry=False, pace=QUICK
                    )
                    assert (found.begun, found.running) == (begun_now, running)
                assert look(copy.store) is not None
                await call(copy, later)
                (task,) = await until(
                    lambda: [each for each in find_tasks(copy.store) if each.settles], bool
                )
                assert task.lead == waiting[0]
                await all_held(copy)
                assert second.count() == 0
                confirm(copy.store, await copy.clock.now(), ask=False)
                await asyncio.to_thread(second.wait, 3)
                await until(
                    lambda: Counter(states(copy).values()),
                    lambda found: found == {"accepted": 5, "ambiguous": 1},
                )
            assert {message["to"] for message in second.messages()} == {
                f"c{number}@example.org" for number in (3, 4, 5)
            }
            assert max(arrived(first, second).values()) == 1
            assert {*sent, *waiting, later} == {row.lead for row in outbox(copy.store)}


async def cut_off(one: Home, lead: str) -> None:
    """Its worker died in the hand-over of this lead's message."""
    ledger, now = Ledger(one.store, one.vault), await one.clock.now()
    (row,) = outbox(one.store, lead=lead)
    entry = ledger.claim(row.key, "dead", now)
    assert ledger.hand_over(entry, now, now).verdict == "go"
