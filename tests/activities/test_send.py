"""A send, attempt by attempt: against a real mail server that misbehaves, with the ledger on a real database."""

from __future__ import annotations

import asyncio
from email import message_from_string, policy
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from leadflow.engine.events import EffectDone, Signal
from leadflow.spec.compile.pipeline import Compiled
from leadflow.store.outbox import find_alerts, find_pauses, hold, release_hold
from proving.sinks.process import Sink
from tests.support.desk import NOON, Desk
from tests.support.running import ANNA, until

WHO: dict[str, Any] = {"name": {"first": "Иван"}, "email": "client@example.org", "price": "12500"}


async def test_a_mail_is_sent_once(one: Desk, key: str, smtp: Sink) -> None:
    """From its owner, with all headers, text and HTML; asked again, the ledger answers and nothing is sent."""
    first = await one.send(key)
    again = await one.send(key)
    assert first.result == again.result == "accepted"
    (mail,) = smtp.messages()
    message = message_from_string(mail["data"], policy=policy.default)
    assert message["From"] == "Анна Лактионова <anna@example.com>"
    assert message["To"] == "client@example.org"
    assert message["Subject"] == "Для Иван"
    assert message["X-Effect-Key"] == one.row(key).hash
    assert message["Message-ID"] == f"<{one.row(key).hash}@example.com>"
    assert message["Date"].datetime == NOON
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = message.iter_parts()
    assert "Стоимость 12 500 ₽. Анна Лактионова" in text.get_content().replace("\xa0", " ")
    assert "<strong>12 500" in html.get_content().replace("\xa0", " ")
    assert one.row(key).reply.startswith("250")


async def test_a_refusal_that_passes_is_tried_again_with_the_same_bytes(
    one: Desk, key: str, smtp: Sink
) -> None:
    """M1: greylisted at RCPT, refused for now at the dot: each time the row is planned again; then one mail, made once."""
    smtp.script(
        {"at": "rcpt", "reply": "450 4.2.0 later", "times": 1},
        {"at": "dot", "reply": "451 4.3.0 busy", "times": 1},
    )
    for said in ("450", "451"):
        with pytest.raises(ApplicationError, match=said):
            await one.send(key)
        assert one.row(key).state == "planned"
        one.clock.move(minutes=7)
    assert (await one.send(key)).result == "accepted"
    (mail,) = smtp.messages()
    date = message_from_string(mail["data"], policy=policy.default)["Date"].datetime
    assert date == NOON


async def test_a_refusal_for_good_is_a_result(
    one: Desk, key: str, smtp: Sink, mails: Compiled
) -> None:
    """M2: 5.1.1 at RCPT: refused; the address is dead for every lead from now on."""
    smtp.script({"at": "rcpt", "reply": "550 5.1.1 no such user"})
    assert (await one.send(key)).result == "refused"
    smtp.script()
    _, (other,) = one.lead(mails, **WHO)
    done = await one.send(other.key)
    assert (done.result, done.reason) == ("skipped", "opted_out")
    assert smtp.count() == 0


@pytest.mark.parametrize(
    ("rule", "arrived"),
    [({"at": "dot", "drop": True}, 0), ({"at": "accepted", "drop": True}, 1)],
    ids=["lost with the dot", "lost before the 250"],
)
async def test_what_nobody_can_know_is_never_sent_again(
    one: Desk, key: str, smtp: Sink, rule: dict[str, Any], arrived: int
) -> None:
    """M4: lost after the dot: ambiguous is the answer, however often it is asked."""
    smtp.script(rule)
    answers = [await one.send(key) for _ in range(3)]
    assert {each.result for each in answers} == {"ambiguous"}
    assert smtp.count() == arrived


async def test_a_dead_attempt_before_the_handover_harms_nothing(
    one: Desk, key: str, smtp: Sink
) -> None:
    """W2: another worker claimed the row and died: this one takes it over and sends."""
    one.ledger.claim(key, "dead", one.clock.at)
    assert (await one.send(key)).result == "accepted"
    assert smtp.count() == 1


async def test_a_dead_attempt_in_the_handover_is_ambiguous(one: Desk, key: str, smtp: Sink) -> None:
    """W4: another worker died between its hand-over and the answer: nothing is sent, somebody is asked."""
    entry = one.ledger.claim(key, "dead", one.clock.at)
    one.ledger.hand_over(entry, one.clock.at, one.clock.at)
    assert (await one.send(key)).result == "ambiguous"
    assert smtp.count() == 0


async def test_too_late_is_too_late(one: Desk, key: str, smtp: Sink) -> None:
    """P4: after an outage of two days the mail, good for one, is dropped with its reason."""
    one.clock.move(days=2)
    done = await one.send(key)
    assert (done.result, done.reason) == ("skipped", "too_late")
    assert smtp.count() == 0


async def test_quiet_hours_are_asked_at_the_last_moment(one: Desk, key: str, smtp: Sink) -> None:
    """Meaning 8: planned at noon, tried at 21:00: it is put off to 09:00 by the client's clock."""
    one.clock.move(hours=9)
    done = await one.send(key)
    assert (done.result, done.at) == ("postponed", "2026-11-24T06:00:00Z")
    assert one.row(key).state == "planned"
    assert smtp.count() == 0


async def test_what_the_operator_holds_waits(one: Desk, key: str, smtp: Sink) -> None:
    """A hold keeps a message from its channel; released, it goes."""
    hold(one.store, "template:offer", "olga", one.clock.at)
    with pytest.raises(ApplicationError, match="held: template:offer"):
        await one.send(key)
    release_hold(one.store, "template:offer")
    assert (await one.send(key)).result == "accepted"
    assert smtp.count() == 1


async def test_a_stop_between_plan_and_attempt(one: Desk, mails: Compiled, smtp: Sink) -> None:
    """P5: the visit ended before the attempt: nothing goes, the row says why."""
    lead, (planned,) = one.lead(mails, **WHO)
    one.tell(lead, Signal(id="no", actor=ANNA, name="refused"))
    assert (await one.send(planned.key)).result == "skipped"
    assert one.row(planned.key).state == "suppressed"
    assert smtp.count() == 0


async def test_an_empty_value_stops_a_clients_message(
    one: Desk, mails: Compiled, smtp: Sink
) -> None:
    """Nothing goes with a hole in it: skipped as `empty_value`, naming what is empty."""
    _, (planned,) = one.lead(mails, name={"first": "Иван"}, email="client@example.org")
    done = await one.send(planned.key)
    assert (done.result, done.reason) == ("skipped", "empty_value")
    assert "lead.price" in one.row(planned.key).reply
    assert smtp.count() == 0


async def test_a_login_refused_pauses_the_channel(
    one: Desk, mails: Compiled, tmp_path: Any
) -> None:
    """M5: no lead is harmed: one alert, everything waits and is not tried; once put right it goes by itself."""
    (tmp_path / "auth").mkdir()
    with Sink("smtp", tmp_path / "auth", "--auth", "bot:right") as strict:
        place = f"127.0.0.1:{strict.port}?starttls=never"
        one.urls["email"] = f"smtp://bot:wrong@{place}"
        keys = [one.lead(mails, **WHO)[1][0].key for _ in range(3)]
        for key in keys:
            with pytest.raises(ApplicationError, match=r"535|paused"):
                await one.send(key)
        assert {one.row(key).state for key in keys} == {"planned"}
        assert [each.cause for each in find_alerts(one.store)] == ["channel/email"]
        assert "wrong" not in find_pauses(one.store)[0].reason
        one.urls["email"] = f"smtp://bot:right@{place}"
        with pytest.raises(ApplicationError, match="paused"):
            await one.send(keys[0])
        one.clock.move(minutes=2)
        answers = [await one.send(key) for key in keys]
        assert {each.result for each in answers} == {"accepted"}
        assert (strict.count(), find_pauses(one.store), find_alerts(one.store)) == (3, [], [])


async def test_a_server_that_is_away_is_tried_again(one: Desk, key: str, smtp: Sink) -> None:
    """An unreachable server pauses nothing: the attempt fails, a later one sends."""
    smtp.stop()
    with pytest.raises(ApplicationError, match=r"connect|refused"):
        await one.send(key)
    assert find_pauses(one.store) == []
    smtp.start()
    assert (await one.send(key)).result == "accepted"


async def test_two_attempts_at_once_make_one_mail(one: Desk, key: str, smtp: Sink) -> None:
    """A worker taken for dead that lives: whichever hands over, there is one mail at most, and the ledger knows it."""
    smtp.script({"at": "rcpt", "stall": 0.5, "times": 1})

    async def attempt() -> EffectDone | BaseException:
        try:
            return await one.send(key)
        except ApplicationError as error:
            return error

    first = asyncio.create_task(attempt())
    await until(lambda: smtp.faults("rcpt"), bool)
    await asyncio.gather(first, attempt())
    assert smtp.count() == 1
    assert one.row(key).state == "accepted"


async def test_a_reply_goes_into_the_thread(one: Desk, mails: Compiled, smtp: Sink) -> None:
    """`reply_in_thread`: the second mail refers to the first one's Message-ID."""
    lead, (offer,) = one.lead(mails, **WHO)
    await one.send(offer.key)
    (thanks,) = one.tell(lead, Signal(id="r", name="replied"))
    await one.send(thanks.key)
    first, second = (message_from_string(m["data"], policy=policy.default) for m in smtp.messages())
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
