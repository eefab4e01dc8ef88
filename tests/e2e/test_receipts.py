"""Delivery receipts of an SMS centre end to end: at any time, in every order and too often (fault S4, promise P8)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from activities import callbacks, receipts
from leadflow.engine.events import Created
from leadflow.installation import Connection
from leadflow.store.deliveries import delivery_notes
from leadflow.store.leads import history
from leadflow.store.tables import callbacks as kept
from leadflow.store.todo import find_tasks
from proving.sinks.process import Sink
from tests.channels.centre import receipt, statuses
from tests.support.running import COMPANY, Home, home, until, working
from tests.support.texting import TEXTS, text_of

NOT_NOW = 0x64


@pytest.fixture
def smpp(tmp_path: Path) -> Iterator[Sink]:
    with Sink("smpp", tmp_path) as sink:
        yield sink


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "EVERY_SECONDS", 0.1)
    monkeypatch.setattr(receipts, "EVERY_SECONDS", 0.1)
    monkeypatch.setattr(receipts, "FIRST_PAUSE", 0.1)


@contextlib.asynccontextmanager
async def texting(folder: Path, temporal: str, database: str, smpp: Sink) -> AsyncIterator[Home]:
    """An installation whose texts leave by the sink, with no worker yet."""
    sms = Connection("sms", "sms", f"smpp://a:b@127.0.0.1:{smpp.port}?receipts=yes", "KUHNI")
    company = msgspec.structs.replace(COMPANY, connections={**COMPANY.connections, "sms": sms})
    async with home(folder, temporal, TEXTS, database=database, company=company) as one:
        yield one


async def sent(one: Home, number: int) -> str:
    """A lead whose text the centre has taken."""
    lead = await begun(one, number)
    await until(lambda: text_of(one, lead).state, "accepted".__eq__)
    return lead


async def begun(one: Home, number: int) -> str:
    created = Created(id=f"c{number}", fields={"phone": phone(number)})
    return (await one.gateway.add("texts", created, source="test", external_id="")).lead


def phone(number: int) -> str:
    return f"+7916000000{number}"


def about(one: Home, lead: str, state: str, number: int) -> dict[str, Any]:
    return receipt(text_of(one, lead).provider_id, state, to=phone(number)[1:])


async def tell(smpp: Sink, one: Home, what: dict[str, Any]) -> None:
    """Waits until it has been acknowledged and read."""
    said = len(statuses(smpp, what["id"]))
    smpp.tell(deliver=what)
    await until(lambda: len(statuses(smpp, what["id"])), said.__lt__)
    query = sa.select(sa.func.count()).where(kept.c.due.is_not(None))
    await until(lambda: one.store.read(lambda c: c.execute(query).scalar_one()), (0).__eq__)


async def test_told_later(
    tmp_path: Path, temporal_server: str, database_url: str, smpp: Sink
) -> None:
    """While nothing is sent, too often, in the wrong order, in another notation: each message ends as it ended."""
    smpp.script({"at": "accepted", "match": {"to": phone(3)[1:]}, "id": "3B9ACA0A"})
    async with (
        texting(tmp_path, temporal_server, database_url, smpp) as one,
        working(one.settings),
    ):
        arrived, lost, other = [await sent(one, number) for number in (1, 2, 3)]
        for state in ("ENROUTE", "DELIVRD", "DELIVRD", "UNDELIV"):
            await tell(smpp, one, about(one, arrived, state, 1))
        for state in ("ACCEPTD", "EXPIRED", "EXPIRED", "DELIVRD"):
            await tell(smpp, one, about(one, lost, state, 2))
        smpp.tell(deliver=receipt("1000000010", to=phone(3)[1:]))
        await until(lambda: text_of(one, other).delivery, "delivered".__eq__)
        assert text_of(one, arrived).delivery == "delivered"
        assert text_of(one, lost).delivery == "undelivered"
        (task,) = await until(lambda: find_tasks(one.store, lead=lost), bool)
        assert task.title == "Не дошло: EXPIRED 000"
        await one.calm(lost)
        assert len(find_tasks(one.store, lead=lost)) == 1
        assert find_tasks(one.store, lead=arrived) == []
        assert [m.kind for m in delivery_notes(one.store, arrived)] == ["Delivered"]
        facts = [m for m in history(one.store, lost) if m.kind == "Signal"]
        assert [(m.event, m.via) for m in facts] == [
            (f"{text_of(one, lost).hash}/send_failed", "callback:sms")
        ]
        assert len(smpp.entries("bind")) == 1
    assert len(smpp.entries("unbind")) == 1


async def test_before_our_own_commit(
    tmp_path: Path, temporal_server: str, database_url: str, smpp: Sink
) -> None:
    """The centre is faster than its own answer: the receipt waits until the message is known to be accepted."""
    smpp.script({"at": "accepted", "id": "early", "stall": 2})
    async with (
        texting(tmp_path, temporal_server, database_url, smpp) as one,
        working(one.settings),
    ):
        lead = await begun(one, 1)
        await until(lambda: text_of(one, lead).state, "handing_over".__eq__)
        smpp.tell(deliver=receipt("early", to=phone(1)[1:]))
        query = sa.select(kept.c.tries)
        await until(lambda: one.store.read(lambda c: c.execute(query).scalars().all()), [1].__eq__)
        assert (text_of(one, lead).state, text_of(one, lead).delivery) == ("handing_over", "")
        await until(lambda: text_of(one, lead).delivery, "delivered".__eq__)
        assert text_of(one, lead).state == "accepted"


async def test_while_nobody_is_there(
    tmp_path: Path, temporal_server: str, database_url: str, smpp: Sink
) -> None:
    """The worker has gone, and so has the centre meanwhile: whoever is bound next brings and hears it."""
    async with texting(tmp_path, temporal_server, database_url, smpp) as one:
        async with working(one.settings):
            lead = await sent(one, 1)
        told = about(one, lead, "DELIVRD", 1)
        assert len(smpp.entries("unbind")) == 1
        smpp.stop()
        smpp.start()
        smpp.tell(deliver=told)
        async with working(one.settings):
            await until(lambda: text_of(one, lead).delivery, "delivered".__eq__)
        assert [m.kind for m in delivery_notes(one.store, lead)] == ["Delivered"]
    assert smpp.count() == 1


async def test_while_the_database_takes_nothing(
    tmp_path: Path, temporal_server: str, database_url: str, smpp: Sink
) -> None:
    """P8: what could not be stored is not acknowledged; it comes again, and counts."""
    async with (
        texting(tmp_path, temporal_server, database_url, smpp) as one,
        working(one.settings),
    ):
        lead = await sent(one, 1)
        told = about(one, lead, "DELIVRD", 1)
        rename(one, "callbacks", "away")
        smpp.tell(deliver=told)
        await until(lambda: statuses(smpp, told["id"]), bool)
        rename(one, "away", "callbacks")
        await until(lambda: text_of(one, lead).delivery, "delivered".__eq__)
    answered = statuses(smpp, told["id"])
    assert (set(answered[:-1]), answered[-1]) == ({NOT_NOW}, 0)


def rename(one: Home, old: str, new: str) -> None:
    one.store.write(lambda c: c.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}")))
