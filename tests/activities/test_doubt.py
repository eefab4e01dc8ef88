"""When nobody can know whether an SMS arrived: the gateway is asked, or given the same again; only then a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from temporalio.exceptions import ApplicationError

from leadflow.engine.events import EffectDone, Signal
from leadflow.installation import Connection, LookUp, Reading
from leadflow.spec.compile.pipeline import Compiled
from leadflow.store.outbox import find_alerts, find_pauses
from leadflow.text import RenderPool
from proving.sinks.process import Sink
from tests.support.desk import Desk, desk
from tests.support.running import ANNA, COMPANY

WHO: dict[str, Any] = {
    "name": {"first": "Иван"}, "email": "client@example.org", "price": "12500", "phone": {"number": "+79161234567"},
}  # fmt: skip
ANSWERS = (
    Reading("accepted", at="found", id="id"),
    Reading("missing", at="missing"),
    Reading("refused", at="refused", code="refused"),
)


def gate(http: Sink, *, asked: bool = True, idempotent_for: float = 0) -> Connection:
    question = LookUp(f"{http.url}ask/{{key}}", "GET", answers=ANSWERS, after=60)
    return Connection(
        "gate",
        "sms",
        f"{http.url}send",
        look_up=question if asked else None,
        idempotent_for=idempotent_for,
    )


def at_desk(
    folder: Path, mails: Compiled, pool: RenderPool, connection: Connection
) -> Iterator[tuple[Desk, str]]:
    """A desk whose SMS leave by this connection, and the ledger key of one that is planned."""
    company = msgspec.structs.replace(COMPANY, connections={"gate": connection})
    with desk(folder, mails, pool=pool, company=company) as one:
        lead, _ = one.lead(mails, **WHO)
        (short,) = one.tell(lead, Signal(id="s", actor=ANNA, name="called"))
        yield one, short.key


@pytest.fixture
def asked(
    tmp_path: Path, mails: Compiled, pool: RenderPool, http: Sink
) -> Iterator[tuple[Desk, str]]:
    yield from at_desk(tmp_path, mails, pool, gate(http))


@pytest.fixture
def idempotent(
    tmp_path: Path, mails: Compiled, pool: RenderPool, http: Sink
) -> Iterator[tuple[Desk, str]]:
    yield from at_desk(tmp_path, mails, pool, gate(http, asked=False, idempotent_for=3_600))


def says(found: dict[str, object]) -> dict[str, Any]:
    """The gateway's answer to the question."""
    rule = {"at": "request", "status": 200, "body": json.dumps(found)}
    return {**rule, "match": {"method": "GET"}}


LOST: dict[str, Any] = {"at": "accepted", "drop": True, "match": {"method": "POST"}}
NEVER_TAKEN: dict[str, Any] = {**LOST, "at": "request", "times": 1}


async def waits(one: Desk, key: str) -> float | None:
    """An attempt that ends without a result: the seconds until the next one."""
    with pytest.raises(ApplicationError) as caught:
        await one.send(key)
    delay = caught.value.next_retry_delay
    return delay.total_seconds() if delay else None


def dies(one: Desk, key: str) -> None:
    """An attempt is killed in the hand-over."""
    entry = one.ledger.claim(key, "dead", one.clock.at)
    one.ledger.freeze(entry, b"text")
    one.ledger.hand_over(entry, one.clock.at, one.clock.at)


async def test_what_has_arrived_is_accepted(asked: tuple[Desk, str], http: Sink) -> None:
    """S2, W5: the answer is lost, the gateway knows the message: accepted, once, with the gateway's id."""
    one, key = asked
    http.script(LOST, says({"found": True, "id": "g1"}))
    done = await one.send(key)
    assert (done.result, done.provider_id, http.count()) == ("accepted", "g1", 1)
    assert http.faults("request")[0]["path"] == f"/ask/{one.row(key).hash}"


async def test_the_gateway_is_asked_for_a_dead_attempt(asked: tuple[Desk, str], http: Sink) -> None:
    """W4-W6: whoever comes after a killed worker asks before anything else; nothing is sent."""
    one, key = asked
    http.script(says({"found": True, "id": "g2"}))
    dies(one, key)
    assert (await one.send(key)).result == "accepted"
    assert http.count() == 0


async def test_what_the_gateway_refused_is_refused(asked: tuple[Desk, str], http: Sink) -> None:
    """It had it and will not deliver it: its code is the reason."""
    one, key = asked
    http.script(LOST, says({"refused": 22}))
    done = await one.send(key)
    assert (done.result, one.row(key).reason) == ("refused", "22")


async def test_what_is_missing_goes_again_but_not_at_once(
    asked: tuple[Desk, str], http: Sink
) -> None:
    """Too soon, "missing" may mean "not yet": it is asked again; after that time it goes, with the same id."""
    one, key = asked
    http.script(NEVER_TAKEN, says({"missing": True}))
    assert await waits(one, key) == 5
    assert one.row(key).state == "handing_over"
    one.clock.move(seconds=59)
    assert await waits(one, key) == 60
    assert (one.row(key).state, http.count()) == ("handing_over", 0)
    one.clock.move(seconds=1)
    await waits(one, key)
    assert (one.row(key).state, one.row(key).resends) == ("planned", 0)
    assert (await one.send(key)).result == "accepted"
    assert [message["key"] for message in http.messages()] == [one.row(key).hash]


async def test_a_gateway_that_does_not_know_is_asked_for_a_while(
    asked: tuple[Desk, str], http: Sink
) -> None:
    """Then a person is; the questions come more and more seldom."""
    one, key = asked
    http.script(LOST, says({}))
    pauses = []
    for minutes in (0, 1, 4, 9):
        one.clock.move(minutes=minutes)
        pauses.append(await waits(one, key))
    assert pauses == [5, 60, 180, 180]
    one.clock.move(minutes=2)
    assert (await one.send(key)).result == "ambiguous"
    assert (http.count(), one.row(key).state) == (1, "ambiguous")


async def test_a_gateway_that_remembers_gets_it_again(
    idempotent: tuple[Desk, str], http: Sink
) -> None:
    """`idempotent_for`: within that time the same id goes again, counted; after it nobody dares."""
    one, key = idempotent
    http.script({**LOST, "times": 1})
    await waits(one, key)
    assert (one.row(key).state, one.row(key).resends) == ("planned", 1)
    one.clock.move(minutes=30)
    assert (await one.send(key)).result == "accepted"
    assert {message["key"] for message in http.messages()} == {one.row(key).hash}


@pytest.mark.parametrize("again", [False, True])
async def test_what_the_gateway_has_forgotten_is_asked_of_a_person(
    idempotent: tuple[Desk, str], http: Sink, again: bool
) -> None:
    """The time counts from the first hand-over, so that no resend prolongs it."""
    one, key = idempotent
    http.script(LOST)
    if again:
        await waits(one, key)
        one.clock.move(minutes=59)
        await waits(one, key)
    dies(one, key)
    one.clock.move(minutes=2 if again else 61)
    assert (await one.send(key)).result == "ambiguous"


async def test_a_message_to_ourselves_goes_again_where_nobody_can_know(
    one: Desk, mails: Compiled, smtp: Sink
) -> None:
    """`if_unsure: resend`, which a notice is: the same mail again after a lost answer too, not only after a death."""
    lead, _ = one.lead(mails, **WHO)
    (notice,) = one.tell(lead, Signal(id="n", name="signed"))
    smtp.script({"at": "accepted", "drop": True, "times": 1})
    await waits(one, notice.key)
    assert (await one.send(notice.key)).result == "accepted"
    first, second = smtp.messages()
    assert first["sha256"] == second["sha256"]


async def test_a_server_of_the_environment_hears_our_own_protocol(
    asked: tuple[Desk, str], http: Sink
) -> None:
    """`LEADFLOW_SMS_URL` takes the place of a gateway that is described: it is not spoken to in that one's words."""
    one, key = asked
    one.urls["sms"] = http.url
    http.script(says({"found": True}), {**LOST, "times": 1})
    assert (await one.send(key)).result == "ambiguous"
    (message,) = http.messages()
    assert (message["path"], http.faults("request")) == ("/", [])


async def test_a_refused_bind_pauses_the_channel(
    tmp_path: Path, mails: Compiled, pool: RenderPool
) -> None:
    """S4: one alert, the message waits; the login is tried again each minute, and when it works the message goes."""
    with Sink("smpp", tmp_path) as centre:
        centre.script({"at": "bind", "status": 0x0E, "times": 2})
        sms = Connection("gate", "sms", f"smpp://bot:secret@127.0.0.1:{centre.port}")
        for one, key in at_desk(tmp_path, mails, pool, sms):
            done: EffectDone | None = None
            assert await waits(one, key) == 60
            assert await waits(one, key) == 60
            assert (len(find_alerts(one.store)), len(find_pauses(one.store))) == (1, 1)
            one.clock.move(minutes=1)
            assert await waits(one, key) == 60
            assert (len(find_alerts(one.store)), len(centre.entries("bind"))) == (1, 2)
            one.clock.move(minutes=1)
            done = await one.send(key)
            assert (done.result, find_alerts(one.store), centre.count()) == ("accepted", [], 1)
            await one.connections.close()


async def test_a_gateway_that_remembers_nothing_gets_nothing_twice_whatever_the_clocks_say(
    tmp_path: Path, mails: Compiled, pool: RenderPool, http: Sink
) -> None:
    """The attempt that looks at a dead one has a clock that is a little behind: somebody is asked, nothing goes again."""
    for one, key in at_desk(tmp_path, mails, pool, gate(http, asked=False)):
        dies(one, key)
        one.clock.move(seconds=-1)
        assert (await one.send(key)).result == "ambiguous"
        assert one.row(key).resends == http.count() == 0
