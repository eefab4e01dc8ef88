"""What SMS centres bring, as it is understood: receipts in all their dialects, and what clients write."""

from __future__ import annotations

import contextlib
import random

import pytest
import smpp34
from hypothesis import given, strategies as st

from leadflow.channels.smpp.incoming import Written, incoming, spellings
from leadflow.ports import Report

RECEIPT, NOTIFICATION = 4, 0x20
WHOM = "79161234567"


def brought(body: bytes = b"", **more: object) -> bytes:
    """A `deliver_sm` from a client's number."""
    return smpp34.DeliverSm(WHOM, "2525", body, **more).encode()  # type: ignore[arg-type]  # fields of the PDU


def report(octets: bytes) -> Report:
    found = incoming(octets)
    assert isinstance(found, Report)
    return found


@pytest.mark.parametrize(
    ("word", "number", "means"),
    [
        ("DELIVRD", 2, "delivered"),
        ("EXPIRED", 3, "undelivered"),
        ("DELETED", 4, "undelivered"),
        ("UNDELIV", 5, "undelivered"),
        ("UNKNOWN", 7, "undelivered"),
        ("REJECTD", 8, "undelivered"),
        ("ENROUTE", 1, None),
        ("ACCEPTD", 6, None),
        ("SOMETHING", 99, None),
    ],
)
def test_states(word: str, number: int, means: str | None) -> None:
    """Every state of SMPP 3.4, in words (Appendix B) and as a parameter (5.2.28); what is not final says nothing."""
    said = f"id:77 sub:001 dlvrd:000 submit date:2611251100 done date:2611251101 stat:{word} err:011 text:hi"
    state = smpp34.Tlv(0x0427, bytes([number]))
    name = smpp34.Tlv(0x001E, b"77\0")
    words = incoming(brought(said.encode(), esm_class=RECEIPT))
    extra = incoming(brought(b"err:011", esm_class=RECEIPT, tlvs=[state, name]))
    if means is None:
        assert words is extra is None
    else:
        assert isinstance(words, Report)
        assert (words.means, words.id, words.code, words.to) == (
            means, "77", f"{word} 011", f"+{WHOM}",
        )  # fmt: skip
        assert extra == words


def test_parameters_before_words() -> None:
    """Where both are there and differ, the parameters are what the protocol defines; the network's code, if no other is told."""
    told = [
        smpp34.Tlv(0x001E, b"abc\0"),
        smpp34.Tlv(0x0427, b"\x05"),
        smpp34.Tlv(0x0423, b"\x03\x00\x1b"),
    ]
    found = report(brought(b"id:77 stat:DELIVRD", esm_class=RECEIPT, tlvs=told))
    assert (found.means, found.id, found.code) == ("undelivered", "abc", "UNDELIV 27")


@pytest.mark.parametrize(
    "octets",
    [
        brought(b"ID:77 STAT:delivrd", esm_class=RECEIPT),
        brought("id:77 stat:DELIVRD".encode("utf-16-be"), esm_class=RECEIPT, data_coding=8),
        brought(b"id:77 stat:DELIVRD text:id:8 stat:UNDELIV", esm_class=RECEIPT),
        brought(esm_class=RECEIPT, tlvs=[smpp34.Tlv(0x0424, b"id:77 stat:DELIVRD")]),
        brought(b"id:77 stat:DELIVRD", esm_class=NOTIFICATION),
        brought(tlvs=[smpp34.Tlv(0x001E, b"77"), smpp34.Tlv(0x0427, b"\2")]),
    ],
    ids=["case", "ucs2", "quoted text", "payload", "notification", "no esm_class"],
)
def test_dialects(octets: bytes) -> None:
    """As centres really send them; the text that a receipt quotes may say what it likes."""
    assert (report(octets).id, report(octets).means) == ("77", "delivered")


@pytest.mark.parametrize(
    "body", [b"", b"stat:DELIVRD", b"id: stat:DELIVRD", b"id:7", b"text:id:7 stat:DELIVRD"]
)
def test_a_receipt_about_nothing(body: bytes) -> None:
    """Without an id or a state there is nothing to write down."""
    assert incoming(brought(body, esm_class=RECEIPT)) is None


def test_a_client_cannot_forge_a_receipt() -> None:
    """What makes a receipt is set by the centre, never by the words."""
    text = "id:77 stat:DELIVRD"
    assert incoming(brought(text.encode())) == Written(WHOM, "2525", text)


def test_what_clients_write() -> None:
    """In their alphabets, also as a part of a longer text."""
    assert incoming(brought(b"STOP \x1b\x65")) == Written(WHOM, "2525", "STOP €")
    stop = "СТОП".encode("utf-16-be")
    assert incoming(brought(stop, data_coding=8)) == Written(WHOM, "2525", "СТОП")
    part = b"\x05\x00\x03\x01\x02\x01" + "да".encode("utf-16-be")
    assert incoming(brought(part, data_coding=8, esm_class=0x40)) == Written(WHOM, "2525", "да")
    assert incoming(brought(b"\xe9", data_coding=3)) == Written(WHOM, "2525", "é")


@given(st.integers(0, 2**63))
def test_an_id_in_another_notation(number: int) -> None:
    """Answered in hexadecimal and named in decimal, or the other way round, with zeros in front or without."""
    ways = [
        f"{number}",
        f"{number:010}",
        f"{number:x}",
        f"{number:X}",
        f"{number:08X}",
        f"{number:08x}",
    ]
    for told in ways:
        assert set(ways) <= {told, *spellings(told)}
        assert told not in spellings(told)


@pytest.mark.parametrize("name", ["", "smsc-7", "77.1", "9" * 21, "f" * 17, "٧٧"])
def test_what_is_no_number_has_one_notation(name: str) -> None:
    """Ids that are names stay as they are."""
    assert spellings(name) == ()


@pytest.mark.parametrize("to", ["89161234567890123", "KUHNI", "", "2525"])
def test_whom_it_went_to_is_a_number_or_nothing(to: str) -> None:
    """What is no international number says nothing about whom."""
    octets = smpp34.DeliverSm(to, "2525", b"id:7 stat:DELIVRD", esm_class=RECEIPT).encode()
    assert report(octets).to == ""


@pytest.mark.parametrize(
    "octets", [b"", b"\0" * 16, smpp34.SubmitSm("1", "2").encode(), brought(b"hello")[:-3]]
)
def test_what_is_no_deliver_sm(octets: bytes) -> None:
    """Told as such."""
    with pytest.raises(ValueError, match=r"deliver_sm|ESME_"):
        incoming(octets)


@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_damaged_octets(rnd: random.Random, hits: int) -> None:
    """Whatever a line does to a receipt: it is understood or refused, nothing else happens."""
    state = smpp34.Tlv(0x0427, b"\2")
    octets = bytearray(
        brought(b"id:77 stat:DELIVRD err:000 text:", esm_class=RECEIPT, tlvs=[state])
    )
    for _ in range(hits):
        octets[rnd.randrange(16, len(octets))] = rnd.randrange(256)
    with contextlib.suppress(ValueError):
        assert isinstance(incoming(bytes(octets)), Report | Written | None)
