"""An SMPP session: what the centre delivers, and when it is over."""

from __future__ import annotations

import asyncio

import smpp34

from leadflow.channels.outcome import Sent
from leadflow.channels.smpp.incoming import Receipt, Written, incoming
from leadflow.channels.smpp.session import Login, SmppTimeouts, bind
from proving.sinks.process import Sink
from tests.channels.centre import SHORT, centre, send
from tests.channels.conftest import LOGIN, Ledger


async def test_a_receipt_is_acknowledged_when_it_is_kept(smpp: Sink, ledger: Ledger) -> None:
    """S4: a receipt that could not be kept is refused, so that it comes again; twice delivered, it is told twice."""
    smpp.script(
        {"at": "after", "deliver": {"receipt": "DELIVRD", "times": 3}},
    )
    told: list[Receipt | Written] = []

    async def take(pdu: smpp34.DeliverSm) -> None:
        told.append(incoming(pdu))
        if len(told) == 1:
            msg = "the disk is full"
            raise OSError(msg)

    login = Login("127.0.0.1", smpp.port, *LOGIN.split(":"))
    receiver = await bind(login, "transceiver", timeouts=SHORT, take=take)
    async with centre(smpp, "?receipts=yes") as made:
        outcome = await send(made, ledger)
        assert isinstance(outcome, Sent)
        while len(smpp.entries("delivered")) < 3:  # noqa: ASYNC110 -- the centre is waited for
            await asyncio.sleep(0.02)
    await receiver.close()
    assert [each["status"] for each in smpp.entries("delivered")] == [0x64, 0, 0]
    assert {type(each) for each in told} == {Receipt}
    assert [(each.provider_id, each.state) for each in told if isinstance(each, Receipt)] == [
        (outcome.provider_id, "delivered")
    ] * 3


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


def test_what_centres_deliver() -> None:
    """Receipts in words and in optional parameters, final or not; clients' answers in their alphabets."""
    receipt = smpp34.DeliverSm("7916", "2525", b"id:77 sub:001 stat:UNDELIV err:011", esm_class=4)
    assert incoming(receipt) == Receipt("77", "failed", "id:77 sub:001 stat:UNDELIV err:011")
    extra = [smpp34.Tlv(0x001E, b"abc\0"), smpp34.Tlv(0x0427, b"\x02")]
    assert incoming(smpp34.DeliverSm("7", "2", b"", esm_class=4, tlvs=extra)) == Receipt(
        "abc", "delivered", ""
    )
    on_its_way = smpp34.DeliverSm("7", "2", b"id:5 stat:ENROUTE", esm_class=4)
    assert incoming(on_its_way) == Receipt("5", "under way", "id:5 stat:ENROUTE")
    assert incoming(smpp34.DeliverSm("7", "2", b"STOP \x1b\x65")) == Written("7", "2", "STOP €")
    stop = smpp34.DeliverSm("7", "2", "СТОП".encode("utf-16-be"), data_coding=8)
    assert incoming(stop) == Written("7", "2", "СТОП")
    part = b"\x05\x00\x03\x01\x02\x01" + "да".encode("utf-16-be")
    assert incoming(smpp34.DeliverSm("7", "2", part, data_coding=8, esm_class=0x40)) == Written(
        "7", "2", "да"
    )
