"""Listening to an SMS centre in another process: sessions that last, and nothing acknowledged that is not on the disk."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
import structlog

from activities import connections, receipts
from activities.beside import beside
from activities.callbacks import work_off
from activities.connections import Connections
from activities.receipts import kept_by, listen
from leadflow.channels.smpp.channel import SmppChannel
from leadflow.channels.smpp.session import Take
from leadflow.installation import Connection, Installation
from leadflow.store.callbacks import opened, unread
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.outbox import find_alerts
from leadflow.store.seat import Copy, confirm, look as really_look, unseat
from proving.sinks.process import Sink
from tests.channels.centre import receipt, statuses
from tests.support.desk import NOON, HandClock
from tests.support.running import until

NOT_NOW = 0x64
TRANSCEIVER = 9


@pytest.fixture(scope="module", name="smpp_process")
def _smpp_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with Sink("smpp", tmp_path_factory.mktemp("smpp"), "--auth", "bot:s3cret") as sink:
        yield sink


@pytest.fixture
def smpp(smpp_process: Sink) -> Sink:
    """An SMS centre with a login and empty books."""
    smpp_process.forget()
    return smpp_process


class Restless(SmppChannel):
    """Is idle sooner."""

    def __init__(self, connection: Connection, *, take: Take | None = None) -> None:
        super().__init__(connection, take=take, idle=0.02)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "EVERY_SECONDS", 0.02)
    monkeypatch.setattr(receipts, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(connections, "SmppChannel", Restless)


class Listening:
    """A worker's listening, and what it is told to listen to."""

    def __init__(self, store: Store, vault: Vault, smpp: Sink) -> None:
        self.store, self.vault, self.smpp = store, vault, smpp
        self.company = Installation(connections={"sms": self.connection("sms")})
        self.urls: dict[str, str] = {}

    def connection(self, name: str, options: str = "?receipts=yes", **more: str) -> Connection:
        login = more.get("login", "bot:${SMPP}")
        return Connection(name, "sms", f"smpp://{login}@127.0.0.1:{self.smpp.port}{options}")

    def has(self, *listed: Connection) -> None:
        self.company = Installation(connections={each.id: each for each in listed})

    @contextlib.asynccontextmanager
    async def going_on(self, environ: dict[str, str] | None = None) -> AsyncIterator[None]:
        ways = Connections(
            lambda: self.company,
            {"SMPP": "s3cret"} if environ is None else environ,
            self.urls,  # type: ignore[arg-type]  # kinds of connections
            kept_by(self.store, self.vault, HandClock()),
        )
        async with beside(listen(self.store, ways)):
            yield
        await ways.close()

    def bodies(self, source: str = "sms") -> list[bytes]:
        return [opened(self.vault, one) for one in unread(self.store, NOON) if one.source == source]

    async def brought(self, name: str, until_status: int = 0) -> None:
        await until(lambda: statuses(self.smpp, name)[-1:], [until_status].__eq__)

    def binds(self) -> list[int]:
        return [each["command"] for each in self.smpp.entries("bind")]


@pytest.fixture
def one(store: Store, vault: Vault, smpp: Sink) -> Listening:
    return Listening(store, vault, smpp)


async def test_a_receipt_while_nothing_is_sent(one: Listening) -> None:
    """The session stands before any message does, is not idle, and ends with the worker; what comes twice is kept once."""
    async with one.going_on():
        for _ in range(2):
            one.smpp.tell(deliver=receipt("7"))
        await until(lambda: statuses(one.smpp, "7"), [0, 0].__eq__)
        (body,) = one.bodies()
        assert b"id:7 " in body
        assert b"id:7 " not in unread(one.store, NOON)[0].body
        assert unread(one.store, NOON)[0].kind == "smpp"
        assert one.binds() == [TRANSCEIVER]
    await until(lambda: one.smpp.entries("unbind"), bool)


async def test_what_cannot_be_stored_comes_again(one: Listening) -> None:
    """P8: no acknowledgement before it is on the disk, a temporary refusal instead, and a word in the log."""
    rename = "ALTER TABLE {} RENAME TO {}"
    one.store.write(lambda c: c.execute(sa.text(rename.format("callbacks", "away"))))
    with structlog.testing.capture_logs() as said:
        async with one.going_on():
            one.smpp.tell(deliver=receipt("7"))
            await one.brought("7", NOT_NOW)
            one.store.write(lambda c: c.execute(sa.text(rename.format("away", "callbacks"))))
            await one.brought("7")
    assert len(one.bodies()) == 1
    assert "a receipt could not be stored: it will come again" in {line["event"] for line in said}


async def test_a_centre_that_goes_and_comes_back(one: Listening) -> None:
    """S4: a lost connection, an unbind, a centre that is started anew: bound again by itself, nothing is lost."""
    async with one.going_on():
        for number, harm in enumerate(({"drop": True}, {"unbind": True}, None), 1):
            await until(lambda: len(one.binds()), number.__eq__)
            if harm:
                one.smpp.tell(**harm)
            else:
                one.smpp.stop()
                one.smpp.start()
            one.smpp.tell(deliver=receipt(f"r{number}"))
            await one.brought(f"r{number}")
    assert len(one.bodies()) == 3


async def test_a_centre_that_is_not_there(one: Listening) -> None:
    """Tried again and again; said once, not each time."""
    one.smpp.stop()
    with structlog.testing.capture_logs() as said:
        async with one.going_on():
            await until(lambda: [line for line in said if "not listened" in line["event"]], bool)
            one.smpp.start()
            one.smpp.tell(deliver=receipt("7"))
            await one.brought("7")
    events = [line["event"] for line in said]
    assert events.count("an SMS centre is not listened to") == 1
    assert events[-1] == "an SMS centre is listened to"


async def test_a_password_that_is_refused(one: Listening) -> None:
    """Said with the centre's reason, which has no password in it; at growing distances, so that no account is locked."""
    one.has(one.connection("sms", login="bot:wrong"))
    with structlog.testing.capture_logs() as said:
        async with one.going_on():
            await until(lambda: len(one.binds()), (4).__le__)
    times = [each["time"] for each in one.smpp.entries("bind")]
    assert times[3] - times[2] > times[1] - times[0]
    (line,) = said
    assert "ESME_RINVPASWD" in line["why"]
    assert "wrong" not in str(line)


async def test_a_copy_listens_to_none(one: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receipts are its original's, until an admin has confirmed it; and again as soon as it is known to be a copy."""
    looks: list[Copy | None] = []

    def look(store: Store) -> Copy | None:
        looks.append(really_look(store))
        return looks[-1]

    monkeypatch.setattr(receipts, "look", look)
    one.store.write(lambda c: unseat(c, "restored", NOON))
    async with one.going_on():
        one.smpp.tell(deliver=receipt("7"))
        await until(lambda: len(looks), (5).__le__)
        assert one.binds() == []
        confirm(one.store, NOON, ask=False)
        await one.brought("7")
        one.store.write(lambda c: unseat(c, "older", NOON))
        await until(lambda: one.smpp.entries("unbind"), bool)
        assert len(one.binds()) == 1


@pytest.mark.parametrize("change", ["receipts", "gone", "password"])
async def test_other_settings_are_published(one: Listening, change: str) -> None:
    """What is not to be listened to any more is left; what is new is bound, at once."""
    async with one.going_on():
        one.smpp.tell(deliver=receipt("7"))
        await one.brought("7")
        match change:
            case "receipts":
                one.has(one.connection("sms", "?receipts=no"))
            case "gone":
                one.has()
            case _:
                one.has(one.connection("sms", "?receipts=yes&system_type=VMA"))
        await until(lambda: one.smpp.entries("unbind"), bool)
        await until(lambda: len(one.binds()), (2 if change == "password" else 1).__eq__)


async def test_which_centres_are_listened_to(one: Listening) -> None:
    """Each connection to a centre that wants receipts; of a default one what takes its place, and not itself."""
    second = one.connection("second")
    unset = one.connection("unset", login="bot:${NOT_SET}")
    gateway = Connection("http", "sms", "https://gateway.example")
    one.has(one.connection("first", "?receipts=yes&system_type=A"), gateway, unset, second)
    async with one.going_on():
        await until(lambda: {each["kind"] for each in one.smpp.entries("bind")}, {"A", ""}.__eq__)
        assert len(one.binds()) == 2
    one.urls["sms"] = one.connection("x", "?receipts=yes&system_type=B", login="bot:s3cret").url
    async with one.going_on():
        one.smpp.tell(deliver=receipt("7"))
        await one.brought("7")
        await until(lambda: len(one.binds()), (4).__eq__)
    assert sorted(each["kind"] for each in one.smpp.entries("bind")) == ["", "", "A", "B"]


async def test_what_is_brought_and_what_becomes_of_it(one: Listening) -> None:
    """A receipt about nothing known waits; a client's SMS raises an alert and goes; garbage is told, and no obstacle."""
    async with one.going_on():
        one.smpp.tell(deliver=receipt("unknown"))
        one.smpp.tell(deliver={"id": "mo", "from": "79161234567", "body": b"STOP".hex()})
        await one.brought("unknown")
        await one.brought("mo")
        one.smpp.tell(raw="00000014000000050000000000000007ffffffff")
        await until(lambda: len(one.bodies()), (3).__eq__)
    with structlog.testing.capture_logs() as said:
        assert work_off(one.store, one.vault, lambda: one.company, NOON) == 3
    assert sorted(line["event"] for line in said) == [
        "a callback cannot be read",
        "a client has written, and nothing reads it",
    ]
    assert "STOP" not in str(said)
    (left,) = unread(one.store, NOON + timedelta(hours=1))
    assert b"id:unknown" in opened(one.vault, left)
    assert [alert.cause for alert in find_alerts(one.store)] == ["answers/sms"]
