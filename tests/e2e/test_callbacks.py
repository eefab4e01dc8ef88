"""Callbacks end to end: a gateway tells later what became of an SMS, in every order and too often (fault S3)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from activities import callbacks
from leadflow.engine.events import Created
from leadflow.installation import Callbacks, Connection, Telling
from leadflow.store.deliveries import delivery_notes
from leadflow.store.tables import callbacks as kept
from leadflow.store.todo import find_tasks
from leadflow.web.hooks import create_hooks
from proving.sinks.process import Sink
from tests.support.running import COMPANY, Home, home, until, working
from tests.support.texting import TEXTS, text_of

SECRET = "01234567890123456789"
RULES = Callbacks(
    SECRET,
    (
        Telling("delivered", "status", ("delivered",)),
        Telling("undelivered", "status", ("failed",), "error"),
    ),
    key="ref",
    id="id",
)
JSON = {"Content-Type": "application/json"}


async def sent(one: Home, phone: str) -> str:
    created = Created(id=f"c{phone}", fields={"phone": phone})
    return (await one.gateway.add("texts", created, source="test", external_id="")).lead


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "EVERY_SECONDS", 0.1)


async def test_told_later(tmp_path: Path, temporal_server: str, database_url: str) -> None:
    """Ten times, in the wrong order, about nobody, while our own commit is still to come: each message ends as it ended."""
    with Sink("http", tmp_path) as gateway:
        sms = Connection("sms", "sms", gateway.url, callbacks=RULES)
        company = msgspec.structs.replace(COMPANY, connections={**COMPANY.connections, "sms": sms})
        gateway.script({"at": "accepted", "match": {"to": "+79160000003"}, "stall": 2})
        async with (
            home(tmp_path, temporal_server, TEXTS, database=database_url, company=company) as one,
            working(one.settings),
        ):
            client = TestClient(create_hooks(one.store, one.vault, {}, lambda: datetime.now(UTC)))

            def tell(**said: Any) -> None:
                for _ in range(10):
                    answer = client.post(f"/sms/{SECRET}", content=json.dumps(said), headers=JSON)
                    assert answer.status_code == 200

            tell(ref="f" * 32, status="delivered")
            arrived, lost, early = [await sent(one, f"+7916000000{n}") for n in (1, 2, 3)]
            await until(lambda: text_of(one, arrived).state, "accepted".__eq__)
            await until(lambda: text_of(one, lost).state, "accepted".__eq__)
            tell(id=text_of(one, arrived).provider_id, status="delivered")
            tell(id=text_of(one, arrived).provider_id, status="failed", error="late")
            tell(ref=text_of(one, lost).hash, status="sent")
            tell(ref=text_of(one, lost).hash, status="failed", error="no such subscriber")
            tell(ref=text_of(one, lost).hash, status="delivered")
            await until(lambda: text_of(one, early).state, "handing_over".__eq__)
            tell(ref=text_of(one, early).hash, status="delivered")
            assert text_of(one, early).delivery == ""

            await until(lambda: text_of(one, arrived).delivery, "delivered".__eq__)
            await until(lambda: text_of(one, lost).delivery, "undelivered".__eq__)
            await until(lambda: text_of(one, early).delivery, "delivered".__eq__)
            assert text_of(one, early).state == "accepted"
            (task,) = await until(lambda: find_tasks(one.store, lead=lost), bool)
            assert task.title == "Не дошло: no such subscriber"
            unknown = sa.select(kept.c.external_id).where(kept.c.due.is_not(None))
            await until(lambda: len(one.store.read(lambda c: c.execute(unknown).all())), (1).__eq__)
            await one.calm(lost)
            assert len(find_tasks(one.store, lead=lost)) == 1
            assert find_tasks(one.store, lead=arrived) == find_tasks(one.store, lead=early) == []
            assert [m.kind for m in delivery_notes(one.store, arrived)] == ["Delivered"]
        assert gateway.count() == 3
