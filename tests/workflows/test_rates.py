"""A channel sends no faster than its connections allow: Temporal holds its queue to it, fractions of a message too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import time

import msgspec
import pytest
from temporalio.client import Client

from activities.beside import beside
from commands.acting import Desk
from commands.temporal import look
from leadflow.engine.events import Created
from leadflow.installation import Connection, Installation
from leadflow.spec.compile.pipeline import compile_text
from leadflow.store.published import publish
from proving.sinks.process import Sink
from tests.support.running import COMPANY, Home, home, until, working
from workflows import rates
from workflows.names import CHANNELS
from workflows.rates import limits

TEXTS = """
pipeline: texts
title: SMS
fields: {phone: {type: phone, label: Телефон}}
stages:
  new: {on_enter: [{send_sms: short}], exits: [{signal: done, label: Готово, goto: end}]}
  end: {final: success}
"""


def at(rate: str, http: Sink) -> Installation:
    gate = Connection("gate", "sms", http.url, rate=rate)
    return msgspec.structs.replace(COMPANY, connections={**COMPANY.connections, "gate": gate})


@pytest.fixture
def http(tmp_path: Path) -> Iterator[Sink]:
    with Sink("http", tmp_path) as sink:
        yield sink


@pytest.fixture
async def one(tmp_path: Path, temporal_server: str, http: Sink) -> AsyncIterator[Home]:
    made = compile_text(TEXTS, short_sms_txt="Ждём вас!")
    company = at("4/s", http)
    async with home(tmp_path, temporal_server, made, company=company) as installed:
        yield installed


async def sent(one: Home, http: Sink, number: int) -> list[float]:
    """When so many texts, all wanted at once, arrived; seconds from the asking.

    Not from the first arrival: whatever delays that one brings it nearer to the second, which no rate forbids.
    """
    http.forget()
    asked = time()
    for each in range(number):
        created = Created(id="c", fields={"phone": f"+7 916 123-45-{each:02}"})
        await one.gateway.add("texts", created, source="", external_id="")
    arrived = await until(http.messages, lambda found: len(found) == number)
    return sorted(message["time"] - asked for message in arrived)


async def test_a_rate_holds_and_follows_the_settings(
    one: Home, http: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """16 texts at 4 a second take some seconds, 3 at 30 a minute too: a burst is never longer than a second's worth."""
    monkeypatch.setattr(rates, "EVERY_SECONDS", 0.2)
    async with working(one.settings):
        await until(lambda: limits(one.client), lambda found: found.get("sms") == 4)
        times = await sent(one, http, 16)
        assert times[-1] > 1.5
        publish(one.store, [], by="olga", now=datetime.now(UTC), installation=at("30/min", http))
        await until(lambda: limits(one.client), lambda found: found["sms"] == 0.5)
        slow = await sent(one, http, 3)
        assert slow[1] > 1
        assert slow[2] > 3
        found = await limits(one.client)
    assert found == {"email": 100, "sms": 0.5, "message": 20, "webhook": 100, "audience": 10}


async def test_the_doctor_shows_the_rates(one: Home) -> None:
    """Those of the settings, and whether the server holds to them yet."""
    desk = Desk(one.settings, one.store, one.vault)
    for text, verdict in (("not in force yet: email, sms", "warning"), ("sms 4/s", "ok")):
        found = await look(desk, 5)
        (told,) = [each for each in found if each[0] == "rates"]
        assert (told[1], text in told[2]) == (verdict, True)
        for channel in CHANNELS:
            await rates.limit(one.client, channel, desk.people().rate(channel))


async def test_an_hourly_rate_reaches_the_server(one: Home) -> None:
    """100/h is a small fraction of a message a second."""
    await rates.limit(one.client, "sms", "100/h")
    assert (await limits(one.client))["sms"] == pytest.approx(100 / 3_600, rel=1e-3)


async def test_a_rate_in_force_is_left_alone(one: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that starts beside others asks first: only the rate that the server does not hold to is set."""
    for channel in CHANNELS:
        await rates.limit(one.client, channel, COMPANY.rate(channel))
    await rates.limit(one.client, "sms", "100/h")
    told = []

    async def limit(_client: Client, channel: str, _rate: str) -> None:
        told.append(channel)

    monkeypatch.setattr(rates, "limit", limit)
    monkeypatch.setattr(rates, "EVERY_SECONDS", 0.01)
    rounds: list[None] = []

    def published() -> Installation:
        rounds.append(None)
        return COMPANY

    async with beside(rates.keep_rates(one.client, published)):
        await until(lambda: len(rounds), lambda number: number > 1)
    assert told == ["sms"]


async def test_rates_are_set_again_after_trouble(
    one: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that does not answer delays them; nothing ends."""
    monkeypatch.setattr(rates, "EVERY_SECONDS", 0.01)
    asked = 0

    def published() -> Installation:
        nonlocal asked
        asked += 1
        if asked == 1:
            msg = "locked"
            raise TimeoutError(msg)
        return COMPANY

    async with beside(rates.keep_rates(one.client, published)):
        await until(lambda: limits(one.client), lambda found: len(found) == 5)
    assert asked > 1
