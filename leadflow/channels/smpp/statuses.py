"""What the command status of an SMS centre means (SMPP 3.4, 5.1.3)."""

from __future__ import annotations

from leadflow.channels.outcome import ChannelDown, Refused

OK = 0x00
SYSTEM_ERROR = 0x08
NOT_ACCEPTED = 0x64
"""ESME_RX_T_APPN: our side cannot take it now; the centre tries again."""

_NAMES = {
    0x01: "ESME_RINVMSGLEN", 0x02: "ESME_RINVCMDLEN", 0x03: "ESME_RINVCMDID", 0x04: "ESME_RINVBNDSTS",
    0x05: "ESME_RALYBND", 0x08: "ESME_RSYSERR", 0x0A: "ESME_RINVSRCADR", 0x0B: "ESME_RINVDSTADR",
    0x0D: "ESME_RBINDFAIL", 0x0E: "ESME_RINVPASWD", 0x0F: "ESME_RINVSYSID", 0x14: "ESME_RMSGQFUL",
    0x45: "ESME_RSUBMITFAIL", 0x48: "ESME_RINVSRCTON", 0x49: "ESME_RINVSRCNPI", 0x53: "ESME_RINVSYSTYP",
    0x58: "ESME_RTHROTTLED", 0x64: "ESME_RX_T_APPN",
}  # fmt: skip

_WAITS = {0x58: 10.0, 0x14: 30.0, 0x08: None, 0x64: None, 0x04: None, 0x05: None}
"""Statuses that pass, with the seconds to wait where the status says why: throttled, queue full."""
_LOGIN = frozenset({0x0D, 0x0E, 0x0F})
_OUR_SETTINGS = frozenset({0x03, 0x0A, 0x48, 0x49, 0x53})
"""About what is the same for every message: the sender's address, the kind of system, requests it does not know."""


def said(status: int) -> str:
    """``ESME_RTHROTTLED (0x58)``."""
    name = _NAMES.get(status, "status")
    return f"{name} (0x{status:02X})"


def refusal(status: int) -> Refused | ChannelDown:
    """A ``submit_sm_resp`` that says no: the message has certainly not been taken."""
    if status in _WAITS:
        return _later(status)
    if status in _LOGIN | _OUR_SETTINGS:
        return ChannelDown(f"the SMS centre says {said(status)}", "misconfigured")
    return Refused(permanent=True, code=said(status), reply="")


def not_bound(status: int) -> Refused | ChannelDown:
    """A refused bind: nobody's message is at fault."""
    if status in _WAITS:
        return _later(status)
    detail = f"the SMS centre does not let us in: {said(status)}"
    return ChannelDown(detail, "login" if status in _LOGIN else "misconfigured")


def _later(status: int) -> Refused:
    return Refused(permanent=False, code=said(status), reply="", retry_after=_WAITS[status])
