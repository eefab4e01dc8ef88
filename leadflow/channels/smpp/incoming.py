"""What an SMS centre brings by itself: receipts of messages, and what clients write.

A receipt is one by its ``esm_class`` (SMPP 3.4, 5.2.12) or by the parameter ``receipted_message_id``; never by its words
alone, which a client could write, too. What it says stands in optional parameters (5.3.2) or in words (Appendix B)::

    id:0123456789 sub:001 dlvrd:001 submit date:2611251100 done date:2611251101 stat:DELIVRD err:000 text:…
"""

from __future__ import annotations

import re

import msgspec
import smpp34

from leadflow.channels.outcome import clean
from leadflow.channels.segments import from_gsm
from leadflow.channels.sms import E164
from leadflow.installation import Told
from leadflow.ports import Report

MESSAGE_PAYLOAD, _RECEIPTED_ID, _NETWORK_ERROR, _MESSAGE_STATE = 0x0424, 0x001E, 0x0423, 0x0427
"""Optional parameters (SMPP 3.4, 5.3.2)."""
_TYPE = 0x3C
_RECEIPTS = frozenset({0x04, 0x20})
"""esm_class, bits 5-2: a delivery receipt, an intermediate notification (SMPP 3.4, 5.2.12)."""
_HAS_HEADER = 0x40
_UCS2 = 0x08
_LATIN1 = 0x03

_ID = re.compile(r"\bid:(\S+)", re.IGNORECASE)
_STAT = re.compile(r"\bstat:(\w+)", re.IGNORECASE)
_ERR = re.compile(r"\berr:(\w+)", re.IGNORECASE)
_TEXT = re.compile(r"\btext:", re.IGNORECASE)
"""From here on a receipt repeats the message, which may say anything."""

_STATES = {
    1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
}  # fmt: skip
"""message_state (SMPP 3.4, 5.2.28), in the words of Appendix B."""
_MEANS: dict[str, Told] = {
    "DELIVRD": "delivered", "EXPIRED": "undelivered", "DELETED": "undelivered", "UNDELIV": "undelivered",
    "UNKNOWN": "undelivered", "REJECTD": "undelivered",
}  # fmt: skip
"""ENROUTE and ACCEPTD are not final."""

_DECIMAL = re.compile(r"\d{1,20}", re.ASCII)
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,16}")


class Written(msgspec.Struct, frozen=True):
    """A client's SMS."""

    sender: str
    to: str
    text: str


def incoming(octets: bytes) -> Report | Written | None:
    """Reads a ``deliver_sm``; None: a receipt that says nothing final, or of no message.

    Raises:
        ValueError: it is none.
    """
    try:
        pdu = smpp34.decode(octets)
    except smpp34.SmppError as error:
        raise ValueError(str(error)) from error
    if not isinstance(pdu, smpp34.DeliverSm):
        message = "it is no deliver_sm"
        raise ValueError(message)  # noqa: TRY004 -- about what came, not about how this was called
    extra = {each.tag: each for each in pdu.tlvs}
    if pdu.esm_class & _TYPE in _RECEIPTS or _RECEIPTED_ID in extra:
        return _receipt(pdu, extra)
    return Written(pdu.source_addr, pdu.destination_addr, _text(pdu))


def spellings(given: str) -> tuple[str, ...]:
    """How else an id may be written, filled up with zeros or not.

    Many centres answer ``submit_sm`` with an id in hexadecimal and name it in receipts in decimal digits (as Appendix B has
    it), or the other way round.
    """
    numbers = [int(given)] if _DECIMAL.fullmatch(given) else []
    numbers += [int(given, 16)] if _HEXADECIMAL.fullmatch(given) else []
    found = (
        form
        for number in numbers
        for form in (f"{number}", f"{number:010}", f"{number:x}", f"{number:X}", f"{number:08x}", f"{number:08X}")
    )  # fmt: skip
    return tuple(dict.fromkeys(each for each in found if each != given))


def _receipt(pdu: smpp34.DeliverSm, extra: dict[int, smpp34.Tlv]) -> Report | None:
    words = _TEXT.split(_words(pdu), maxsplit=1)[0]
    number = extra[_MESSAGE_STATE].as_int() if _MESSAGE_STATE in extra else None
    word = _STATES.get(number or 0, "") or _found(_STAT, words).upper()
    name = extra.get(_RECEIPTED_ID)
    id_ = name.value.partition(b"\0")[0].decode("latin-1") if name else _found(_ID, words)
    means = _MEANS.get(word)
    if means is None or not id_:
        return None
    error = _found(_ERR, words) or _network_error(extra)
    number_of = "+" + pdu.source_addr.lstrip("+")
    return Report(
        means,
        id=id_,
        code=clean(f"{word} {error}"),
        spellings=spellings(id_),
        to=number_of if E164.fullmatch(number_of) else "",
    )


def _found(what: re.Pattern[str], words: str) -> str:
    found = what.search(words)
    return found[1] if found else ""


def _network_error(extra: dict[int, smpp34.Tlv]) -> str:
    """The code alone: an octet before it says of which network."""
    value = extra[_NETWORK_ERROR].value if _NETWORK_ERROR in extra else b""
    return str(int.from_bytes(value[1:], "big")) if len(value) == 3 else ""  # noqa: PLR2004 -- 5.3.2.31


def _body(pdu: smpp34.DeliverSm) -> bytes:
    payload = next((each for each in pdu.tlvs if each.tag == MESSAGE_PAYLOAD), None)
    return payload.value if payload else pdu.short_message


def _words(pdu: smpp34.DeliverSm) -> str:
    """A receipt's: in ASCII, whatever the centre's default alphabet is for texts."""
    coding = "utf-16-be" if pdu.data_coding == _UCS2 else "latin-1"
    return _body(pdu).decode(coding, "replace")


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
