"""What an SMS centre delivers: receipts of messages, and what clients write."""

from __future__ import annotations

import re
from typing import Literal

import msgspec
import smpp34

from leadflow.channels.segments import from_gsm

State = Literal["delivered", "failed", "under way"]

MESSAGE_PAYLOAD, _RECEIPTED_ID, _MESSAGE_STATE = 0x0424, 0x001E, 0x0427
"""Optional parameters (SMPP 3.4, 5.3.2)."""
_RECEIPT = 0x04
"""esm_class, bits 5-2: a delivery receipt (SMPP 3.4, 5.2.12)."""
_TYPE = 0x3C
_HAS_HEADER = 0x40
_UCS2 = 0x08
_LATIN1 = 0x03
_ID = re.compile(rb"\bid:(\S+)", re.IGNORECASE)
_STAT = re.compile(rb"\bstat:(\w+)", re.IGNORECASE)
_WORDS: dict[bytes, State] = {
    b"DELIVRD": "delivered", b"EXPIRED": "failed", b"DELETED": "failed", b"UNDELIV": "failed",
    b"REJECTD": "failed", b"UNKNOWN": "failed",
}  # fmt: skip
_NUMBERS: dict[int, State] = {
    2: "delivered", 3: "failed", 4: "failed", 5: "failed", 7: "failed", 8: "failed",
}  # fmt: skip
"""message_state (SMPP 3.4, 5.2.28); ENROUTE and ACCEPTED say nothing final."""


class Receipt(msgspec.Struct, frozen=True):
    """What became of a message."""

    provider_id: str
    """As `Sent.provider_id` had it."""
    state: State
    text: str
    """As the centre said it."""


class Written(msgspec.Struct, frozen=True):
    """A client's SMS."""

    sender: str
    to: str
    text: str


def incoming(pdu: smpp34.DeliverSm) -> Receipt | Written:
    """Reads what was delivered: the optional parameters where the centre sends them, else the words of the receipt."""
    if pdu.esm_class & _TYPE != _RECEIPT:
        return Written(pdu.source_addr, pdu.destination_addr, _text(pdu))
    extra = {each.tag: each for each in pdu.tlvs}
    body = _body(pdu)
    number, name = extra.get(_MESSAGE_STATE), extra.get(_RECEIPTED_ID)
    word, given = _STAT.search(body), _ID.search(body)
    state: State = "under way"
    if number is not None:
        state = _NUMBERS.get(number.as_int() or 0, state)
    elif word is not None:
        state = _WORDS.get(word[1].upper(), state)
    id_ = (name.as_string() or "") if name else given[1].decode("latin-1") if given else ""
    return Receipt(id_, state, body.decode("latin-1"))


def _body(pdu: smpp34.DeliverSm) -> bytes:
    payload = next((each for each in pdu.tlvs if each.tag == MESSAGE_PAYLOAD), None)
    return payload.value if payload else pdu.short_message


def _text(pdu: smpp34.DeliverSm) -> str:
    body = _body(pdu)
    if pdu.esm_class & _HAS_HEADER and body:
        body = body[body[0] + 1 :]
    match pdu.data_coding:
        case code if code == _UCS2:
            return body.decode("utf-16-be", "replace")
        case code if code == _LATIN1:
            return body.decode("latin-1")
        case _:
            return from_gsm(body)
