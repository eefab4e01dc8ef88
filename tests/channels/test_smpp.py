"""SMS over SMPP against an SMS centre in another process: what it answers, whether the ledger was asked, what arrived."""

from __future__ import annotations

import asyncio

import pytest

from leadflow.channels.outcome import Ambiguous, ChannelDown, Refused, Sent, Withheld
from leadflow.channels.smpp import channel as smpp_channel
from leadflow.channels.smpp.channel import SmppChannel
from leadflow.errors import Misconfigured
from leadflow.installation import Connection
from proving.sinks.process import Sink
from tests.channels.centre import KEY, LONG, SHORT, THROTTLED, centre, send, text_of
from tests.channels.conftest import Ledger
from tests.support.running import until


async def test_an_accepted_text(smpp: Sink, ledger: Ledger) -> None:
    """The centre gets number, sender's name and text in UCS-2; its id comes back; the ledger was asked once."""
    async with centre(smpp) as made:
        outcome = await send(made, ledger)
    assert isinstance(outcome, Sent)
    assert outcome.provider_id.startswith("smsc-")
    [message] = smpp.messages()
    assert (message["to"], message["sender"], message["ton"]) == ("79161234567", "KUHNI", 5)
    assert text_of(message) == "Здравствуйте!"
    assert (ledger.asked, message["receipt"]) == (1, 0)


async def test_a_latin_text_goes_in_gsm(smpp: Sink, ledger: Ledger) -> None:
    """The default alphabet, a septet in each octet; with `alphabet=ucs2` not."""
    text = "Price: 10€ {now}"
    async with centre(smpp) as made, centre(smpp, "?alphabet=ucs2&receipts=yes") as other:
        assert isinstance(await send(made, ledger, text), Sent)
        assert isinstance(await send(other, ledger, text), Sent)
    gsm, ucs2 = smpp.messages()
    assert (gsm["coding"], ucs2["coding"], ucs2["receipt"]) == (0, 8, 1)
    assert (text_of(gsm), text_of(ucs2)) == (text, text)
    assert bytes.fromhex(gsm["body"])[9:11] == b"\x1b\x65"


@pytest.mark.parametrize("text", [LONG, "x" * 400])
async def test_a_long_text_in_parts(smpp: Sink, ledger: Ledger, text: str) -> None:
    """Each part carries the header that joins them, the same reference at each attempt; together they are the text."""
    async with centre(smpp, "?receipts=yes") as made:
        outcome = await send(made, ledger, text)
    assert isinstance(outcome, Sent)
    parts = smpp.messages()
    heads = [bytes.fromhex(part["body"])[:6] for part in parts]
    assert heads == [bytes([5, 0, 3, 1, len(parts), number + 1]) for number in range(len(parts))]
    assert "".join(map(text_of, parts)) == text
    assert len(parts) == 3
    assert [part["receipt"] for part in parts] == [0, 0, 1]
    assert outcome.provider_id == outcome.reply.split()[-1]
    assert ledger.asked == 1


async def test_a_long_text_as_payload(smpp: Sink, ledger: Ledger) -> None:
    """`long=payload`: one request with the whole text."""
    async with centre(smpp, "?long=payload") as made:
        assert isinstance(await send(made, ledger, LONG), Sent)
    [message] = smpp.messages()
    assert text_of(message) == LONG
    assert (message["body"], message["esm_class"]) == ("", 0)


@pytest.mark.parametrize(
    ("status", "wait"), [(THROTTLED, 10.0), (0x14, 30.0), (0x08, None), (0x64, None)]
)
async def test_throttled_is_temporary(
    smpp: Sink, ledger: Ledger, status: int, wait: float | None
) -> None:
    """S4: what passes is tried again later, with a wait where the centre is too busy; nothing has been taken."""
    smpp.script({"at": "submit", "status": status, "times": 1})
    async with centre(smpp) as made:
        outcome = await send(made, ledger)
        assert isinstance(outcome, Refused)
        assert (outcome.permanent, outcome.retry_after, smpp.count()) == (False, wait, 0)
        assert isinstance(await send(made, ledger), Sent)


async def test_a_wrong_number_is_final(smpp: Sink, ledger: Ledger) -> None:
    """ESME_RINVDSTADR is about this message alone."""
    smpp.script({"at": "submit", "status": 0x0B})
    async with centre(smpp) as made:
        outcome = await send(made, ledger)
    assert outcome == Refused(permanent=True, code="ESME_RINVDSTADR (0x0B)", reply="")


async def test_a_sender_that_is_not_ours_stops_the_channel(smpp: Sink, ledger: Ledger) -> None:
    """ESME_RINVSRCADR is the same for every message: a setting to be put right."""
    smpp.script({"at": "submit", "status": 0x0A})
    async with centre(smpp) as made:
        outcome = await send(made, ledger)
    assert isinstance(outcome, ChannelDown)
    assert outcome.reason == "misconfigured"


@pytest.mark.parametrize("phase", ["submit", "accepted"])
@pytest.mark.parametrize("fault", [{"silent": True}, {"drop": True}, {"unbind": True}])
async def test_without_an_answer_nobody_can_know(
    smpp: Sink, ledger: Ledger, phase: str, fault: dict[str, bool]
) -> None:
    """S4: no submit_sm_resp, a lost connection, an unbind in between: ambiguous, arrived or not; the next one goes."""
    smpp.script({"at": phase, "times": 1, **fault})
    async with centre(smpp) as made:
        outcome = await send(made, ledger)
        assert isinstance(outcome, Ambiguous)
        assert (ledger.asked, smpp.count()) == (1, 1 if phase == "accepted" else 0)
        assert isinstance(await send(made, ledger), Sent)


async def test_after_an_unbind_the_next_text_binds_anew(smpp: Sink, ledger: Ledger) -> None:
    """S4: the centre ends the session between two messages: a new one is made, nothing is lost or doubled."""
    smpp.script({"at": "accepted", "unbind": True, "skip": 1, "times": 1})
    async with centre(smpp) as made:
        assert isinstance(await send(made, ledger), Sent)
        assert isinstance(await send(made, ledger), Ambiguous)
        assert isinstance(await send(made, ledger), Sent)
    assert (len(smpp.entries("bind")), smpp.count()) == (2, 3)


async def test_a_throttled_part_is_waited_out(
    smpp: Sink, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first part has been taken: the second is tried again before anybody calls the message unknown."""
    monkeypatch.setattr(smpp_channel, "PART_PAUSES", (0.01, 0.01))
    smpp.script({"at": "submit", "status": THROTTLED, "skip": 1, "times": 2})
    async with centre(smpp) as made:
        assert isinstance(await send(made, ledger, LONG), Sent)
        assert smpp.count() == 3
        smpp.script({"at": "submit", "status": THROTTLED, "skip": 1})
        outcome = await send(made, ledger, LONG)
    assert isinstance(outcome, Ambiguous)
    assert outcome.detail.startswith("1 of 3 parts were taken")
    assert ledger.asked == 2


async def test_a_wrong_password_stops_the_channel(smpp: Sink, ledger: Ledger) -> None:
    """A refused bind says why; nothing is handed over, and `check` says the same until it is put right."""
    async with centre(smpp, login="bot:wrong") as made:
        for outcome in (await send(made, ledger), await made.check()):
            assert isinstance(outcome, ChannelDown)
            assert (outcome.reason, "ESME_RINVPASWD" in outcome.detail) == ("login", True)
    assert ledger.asked == 0
    async with centre(smpp, "?system_type=VMA") as made:
        assert await made.check() is None
    assert smpp.entries("bind")[-1]["kind"] == "VMA"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"at": "bind", "status": 0x08}, "ESME_RSYSERR (0x08)"),
        ({"at": "bind", "drop": True}, "unreachable"),
        ({"at": "bind", "stall": 30}, "unreachable"),
        ({"at": "connect", "drop": True}, "unreachable"),
    ],
    ids=["busy", "drop", "silence", "no service"],
)
async def test_a_centre_that_may_come_back(
    smpp: Sink, ledger: Ledger, rule: dict[str, object], code: str
) -> None:
    """Before a session stands nothing is handed over: try again later."""
    smpp.script(rule)
    async with centre(smpp) as made:
        outcome = await send(made, ledger)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code, ledger.asked) == (False, code, 0)


async def test_no_centre_there(ledger: Ledger) -> None:
    """A connection that fails comes before the hand-over."""
    made = SmppChannel(Connection("c", "sms", "smpp://a:b@127.0.0.1:1"), timeouts=SHORT)
    outcome = await send(made, ledger)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code, ledger.asked) == (False, "unreachable", 0)


async def test_the_ledger_says_no(smpp: Sink) -> None:
    """P5: after a "no" nothing is submitted, and a session lost while it decided costs nothing."""
    async with centre(smpp) as made:
        assert await send(made, Ledger(says=False)) == Withheld()
        assert made._session is not None
        lost = made._session

        def lose() -> bool:
            lost._listener.cancel()
            return lost.over

        outcome = await send(made, Ledger(meanwhile=lose))
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code, smpp.count()) == (False, "lost", 0)


async def test_sends_share_a_session_that_ends_when_idle(smpp: Sink, ledger: Ledger) -> None:
    """Many at once go over one connection; after a while without sends it is unbound."""
    async with centre(smpp, idle=0.05) as made:
        outcomes = await asyncio.gather(*(send(made, ledger) for _ in range(25)))
        assert {type(each) for each in outcomes} == {Sent}
        assert len(smpp.entries("bind")) == 1
        await until(lambda: made._session is None, bool)
        assert isinstance(await send(made, ledger), Sent)
    assert (len(smpp.entries("bind")), smpp.count()) == (2, 26)


@pytest.mark.parametrize("number", ["", "89161234567", "anna"])
async def test_only_e164(smpp: Sink, ledger: Ledger, number: str) -> None:
    """What is no E.164 number is refused without asking anybody."""
    async with centre(smpp) as made:
        outcome = await made.send(key=KEY, to=number, text="x", handover=ledger)
    assert isinstance(outcome, Refused)
    assert (outcome.code, ledger.asked, smpp.entries("bind")) == ("bad_address", 0, [])


@pytest.mark.parametrize(
    ("sender", "ton", "name"),
    [("KUHNI", 5, "KUHNI"), ("+79160000000", 1, "79160000000"), ("2525", 0, "2525"), ("", 0, "")],
)
async def test_the_kind_of_sender(
    smpp: Sink, ledger: Ledger, sender: str, ton: int, name: str
) -> None:
    """A name, a number, a short code, or the centre's own."""
    async with centre(smpp, sender=sender) as made:
        assert isinstance(await send(made, ledger), Sent)
    [message] = smpp.messages()
    assert (message["ton"], message["sender"]) == (ton, name)


@pytest.mark.parametrize("options", ["?long=maybe", "?alphabt=gsm"])
def test_a_url_that_cannot_be_used(options: str) -> None:
    """A wrong option is refused at once."""
    with pytest.raises(Misconfigured):
        SmppChannel(Connection("c", "sms", f"smpp://a:b@centre.example{options}"))
