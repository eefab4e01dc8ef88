"""An SMPP session: what the centre delivers, and when it is over."""

from __future__ import annotations

import asyncio

import pytest

from leadflow.channels.outcome import Sent
from leadflow.channels.smpp import session as smpp_session
from leadflow.channels.smpp.incoming import incoming
from leadflow.channels.smpp.session import Login, Session, SmppTimeouts, bind
from leadflow.ports import Report
from proving.sinks.process import Sink
from tests.channels.centre import centre, receipt, send, statuses
from tests.channels.conftest import Ledger
from tests.support.running import until

TRANSMITTER, TRANSCEIVER = 2, 9
NOT_NOW = 0x64


class Keeper:
    """Whoever keeps what the centre brings; the disk may be full, or slow."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.full = False
        self.busy = asyncio.Event()
        self.free = asyncio.Event()
        self.free.set()

    async def __call__(self, pdu: bytes) -> None:
        self.busy.set()
        await self.free.wait()
        if self.full:
            msg = "the disk is full"
            raise OSError(msg)
        self.kept.append(pdu)


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


async def test_receipts_come_over_the_session_of_sends(
    smpp: Sink, ledger: Ledger, keeper: Keeper
) -> None:
    """S4: at any time, with no submit going on; the same receipt twice is the same bytes. Centres allow few sessions."""
    smpp.script({"at": "after", "deliver": {"receipt": "DELIVRD", "times": 2}})
    async with centre(smpp, "?receipts=yes", take=keeper) as made:
        outcome = await send(made, ledger)
        assert isinstance(outcome, Sent)
        await until(lambda: statuses(smpp, outcome.provider_id), [0, 0].__eq__)
        smpp.tell(deliver=receipt("later", "UNDELIV"))
        await until(lambda: statuses(smpp, "later"), [0].__eq__)
    first, again, later = keeper.kept
    assert first == again
    told = [incoming(first), incoming(later)]
    assert [(each.id, each.means) for each in told if isinstance(each, Report)] == [
        (outcome.provider_id, "delivered"),
        ("later", "undelivered"),
    ]
    assert [each["command"] for each in smpp.entries("bind")] == [TRANSCEIVER]


async def test_who_wants_no_receipts_only_transmits(
    smpp: Sink, ledger: Ledger, keeper: Keeper
) -> None:
    """Without `receipts=yes`, and where nobody keeps them, nothing is brought that could not be acknowledged."""
    for options, take in (("", keeper), ("?receipts=yes", None)):
        async with centre(smpp, options, take=take) as made:
            assert not made.brings_receipts
            assert isinstance(await send(made, ledger), Sent)
    assert [each["command"] for each in smpp.entries("bind")] == [TRANSMITTER] * 2


async def test_what_is_not_kept_is_not_acknowledged(smpp: Sink, keeper: Keeper) -> None:
    """S4: a temporary refusal, so that it comes again; the session lives on."""
    async with centre(smpp, "?receipts=yes", take=keeper) as made:
        keeper.full = True
        session = await made.bound()
        smpp.tell(deliver=receipt("r"))
        await until(lambda: len(statuses(smpp, "r")), (2).__le__)
        keeper.full = False
        await until(lambda: statuses(smpp, "r")[-1], (0).__eq__)
        assert await made.bound() is session
    refused = statuses(smpp, "r")[:-1]
    assert set(refused) == {NOT_NOW}
    assert len(keeper.kept) == 1


async def test_too_much_at_once_shall_come_again(
    smpp: Sink, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood takes no memory and no threads from those who send; nothing of it is lost."""
    monkeypatch.setattr(smpp_session, "MOST_IN_HAND", 1)
    async with centre(smpp, "?receipts=yes", take=keeper) as made:
        keeper.free.clear()
        await made.bound()
        smpp.tell(deliver=receipt("first"))
        await keeper.busy.wait()
        smpp.tell(deliver=receipt("second"))
        await until(lambda: statuses(smpp, "second"), bool)
        keeper.free.set()
        await until(lambda: statuses(smpp, "second")[-1], (0).__eq__)
    assert statuses(smpp, "second")[0] == NOT_NOW
    assert (statuses(smpp, "first"), len(keeper.kept)) == ([0], 2)


async def test_what_is_being_kept_is_acknowledged_before_the_end(
    smpp: Sink, keeper: Keeper
) -> None:
    """Who stops finishes what is on its way to the disk, takes nothing more, then says good-bye."""
    async with centre(smpp, "?receipts=yes", take=keeper) as made:
        keeper.free.clear()
        await made.bound()
        smpp.tell(deliver=receipt("first"))
        await keeper.busy.wait()
        closing = asyncio.create_task(made.close())
        await until(lambda: made._session is None, bool)
        smpp.tell(deliver=receipt("second"))
        await until(lambda: statuses(smpp, "second"), bool)
        keeper.free.set()
        await closing
        await until(lambda: statuses(smpp, "first"), [0].__eq__)
        assert set(statuses(smpp, "second")) == {NOT_NOW}
        assert len(keeper.kept) == 1
        await made.bound()
        await until(lambda: statuses(smpp, "second")[-1], (0).__eq__)


@pytest.mark.parametrize(
    ("garbage", "kept"),
    [
        ("00000014 00000005 00000000 00000007 ffffffff", 2),
        ("00000010 00000015 00000000 00000007", 1),
        ("00000012 00000abc 00000000 00000007 0000", 1),
        ("00000012 80000004 00000000 00000f07 ffff", 1),
        ("00000010 80000000 00000003 00000000", 1),
    ],
    ids=["no deliver_sm", "enquire_link", "unknown", "answer to nothing", "nack"],
)
async def test_garbage_does_no_harm(
    smpp: Sink, ledger: Ledger, keeper: Keeper, garbage: str, kept: int
) -> None:
    """PDUs that are none, that nobody knows or nobody waits for: the session goes on, in both directions.

    What calls itself a delivery is kept as it came, and judged by whoever reads it.
    """
    async with centre(smpp, "?receipts=yes", take=keeper) as made:
        session = await made.bound()
        smpp.tell(raw=garbage.replace(" ", ""))
        smpp.tell(deliver=receipt("after"))
        await until(lambda: statuses(smpp, "after"), [0].__eq__)
        assert isinstance(await send(made, ledger), Sent)
        assert await made.bound() is session
    assert len(set(keeper.kept)) == kept


@pytest.mark.parametrize("head", ["ffffffff00000005", "0000000000000005"])
async def test_a_stream_that_is_no_smpp_is_left(
    smpp: Sink, ledger: Ledger, keeper: Keeper, head: str
) -> None:
    """Lengths that cannot be: nobody could say where the next PDU begins. The next message binds anew."""
    async with centre(smpp, "?receipts=yes", take=keeper) as made:
        session = await made.bound()
        assert isinstance(session, Session)
        smpp.tell(raw=head + "00" * 8)
        await session.ended()
        assert session.why == "the SMS centre is silent, or speaks no SMPP"
        assert isinstance(await send(made, ledger), Sent)
    assert len(smpp.entries("bind")) == 2


async def test_a_held_session_is_not_ended_for_being_idle(smpp: Sink, keeper: Keeper) -> None:
    """Whoever listens keeps it; when he stops it ends by itself."""
    async with centre(smpp, "?receipts=yes", idle=0.01, take=keeper) as made:
        with made.held():
            session = await made.bound()
            assert isinstance(session, Session)
            with made.held():
                pass
            smpp.tell(deliver=receipt("r"))
            await until(lambda: statuses(smpp, "r"), [0].__eq__)
            assert not session.over
        await session.ended()
        assert made._session is None


async def test_a_silent_centre_is_asked_whether_it_is_there() -> None:
    """A session in which nothing comes asks (`enquire_link`), and is over when there is no answer."""
    asked: list[int] = []

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(16)
        await reader.readexactly(int.from_bytes(head[:4], "big") - 16)
        writer.write(bytes.fromhex("00000010 80000001 00000000") + head[12:])
        asked.append((await reader.readexactly(16))[7])
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    timeouts = SmppTimeouts(connect=3, answer=0.1, quiet=0.1)
    session = await bind(Login("127.0.0.1", port, "a", "b"), "receiver", timeouts=timeouts)
    await session.ended()
    assert (asked, session.over) == ([0x15], True)
    server.close()
    await server.wait_closed()
