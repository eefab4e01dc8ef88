"""A send, attempt by attempt: against a real mail server that misbehaves, with the ledger on a real database."""

from __future__ import annotations

import asyncio
import json
from email import message_from_string, policy
from pathlib import Path
from typing import Any

import msgspec
import pytest
from temporalio.exceptions import ApplicationError

from leadflow.engine.clock import parse_iso
from leadflow.engine.decide import next_deadline
from leadflow.engine.events import EffectDone, Signal, Timer
from leadflow.installation import Connection
from leadflow.spec.compile import Compiled
from leadflow.store.outbox import find_alerts, find_pauses, hold, release_hold
from leadflow.text import RenderPool
from tests.sinks.process import Sink
from tests.support.desk import NOON, Desk, desk
from tests.support.running import ANNA, COMPANY, until

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


async def test_our_people_are_told(one: Desk, mails: Compiled, smtp: Sink) -> None:
    """`notify`: a mail to the user, in the author's words or in ours; it names the lead's number."""
    lead, _ = one.lead(mails, **WHO)
    (own,) = one.tell(lead, Signal(id="s", name="signed"))
    (written,) = one.tell(lead, Signal(id="c", name="call_in"))
    for planned in (own, written):
        assert (await one.send(planned.key)).result == "accepted"
    first, second = (message_from_string(m["data"], policy=policy.default) for m in smtp.messages())
    assert (first["To"], second["To"]) == (
        "Ольга Ким <olga@example.com>",
        "Анна Лактионова <anna@example.com>",
    )
    assert first["Subject"].startswith("Лид №1")
    assert second.get_content().strip() == "Звонил Иван"


async def test_an_audience_is_recorded(one: Desk, mails: Compiled) -> None:
    """No advertiser is connected: the membership is written and counts as accepted."""
    lead, _ = one.lead(mails, **WHO)
    (change,) = one.tell(lead, Signal(id="m", name="call_missed"))
    assert (await one.send(change.key)).result == "accepted"


async def test_without_a_connection_everything_waits(one: Desk, mails: Compiled) -> None:
    """No SMS gateway is known: an alert that says what to do; the message is not lost."""
    lead, _ = one.lead(mails, phone={"number": "+79161234567"}, **WHO)
    (short,) = one.tell(lead, Signal(id="s", actor=ANNA, name="called"))
    with pytest.raises(ApplicationError, match=r"leadflow\.yaml"):
        await one.send(short.key)
    assert one.row(short.key).state == "planned"
    assert [each.cause for each in find_alerts(one.store)] == ["channel/sms"]


async def test_an_sms_goes_by_the_gateway(one: Desk, mails: Compiled, http: Sink) -> None:
    """`POST` of id, number and text; the gateway's own id is kept."""
    one.urls["sms"] = http.url
    lead, _ = one.lead(mails, phone={"number": "+79161234567"}, **WHO)
    (short,) = one.tell(lead, Signal(id="s", actor=ANNA, name="called"))
    assert (await one.send(short.key)).result == "accepted"
    (said,) = http.messages()
    row = one.row(short.key)
    sent = {"id": row.hash, "to": "+79161234567", "text": "Ждём вас, Иван!"}
    assert json.loads(said["body"]) == sent
    assert row.provider_id == f"gw-{row.hash}"


async def test_a_webhook_reaches_inner_addresses_only_where_it_may(
    tmp_path: Path, mails: Compiled, http: Sink, pool: RenderPool
) -> None:
    """The installation allows its own network or not; forbidden, the connection is paused and nothing is called."""
    for allowed in (False, True):
        books = Connection("books", "webhook", http.url, secret="s3cret", allow_private=allowed)
        company = msgspec.structs.replace(COMPANY, connections={"books": books})
        folder = tmp_path / str(allowed)
        folder.mkdir()
        with desk(folder, mails, pool=pool, company=company) as one:
            lead, _ = one.lead(mails, **WHO)
            (call,) = one.tell(lead, Signal(id="p", name="paid"))
            if not allowed:
                with pytest.raises(ApplicationError, match=r"port|inner"):
                    await one.send(call.key)
                assert (http.count(), len(find_pauses(one.store))) == (0, 1)
                continue
            assert (await one.send(call.key)).result == "accepted"
            (said,) = http.messages()
            assert json.loads(said["body"])["who"] == "Иван"
            assert said["headers"]["webhook-id"] == one.row(call.key).hash


async def test_put_off_to_the_morning_it_goes_then(one: Desk, mails: Compiled, smtp: Sink) -> None:
    """Postponed at night, the lead waits; in the morning the same effect is planned again and goes under its key."""
    lead, (planned,) = one.lead(mails, **WHO)
    one.clock.move(hours=9)
    put_off = await one.send(planned.key)
    one.tell(lead, msgspec.structs.replace(put_off, id="put-off"))
    due = next_deadline(one.state(lead))
    assert due == parse_iso(put_off.at)
    one.clock.at = due
    (again,) = one.tell(lead, Timer(id="morning", due=put_off.at))
    assert again.key == planned.key
    assert (await one.send(again.key)).result == "accepted"
    assert smtp.count() == 1


async def test_a_document_goes_along(one: Desk, mails: Compiled, smtp: Sink) -> None:
    """The invoice made in the same step is attached under its number, with the values it was numbered with."""
    lead, _ = one.lead(mails, **WHO)
    (invoice,) = one.tell(lead, Signal(id="m", name="meeting_booked"))
    assert (await one.send(invoice.key)).result == "accepted"
    mail = message_from_string(smtp.messages()[0]["data"], policy=policy.default)
    (paper,) = mail.iter_attachments()
    assert paper.get_filename() == "Счёт 2026-0001.html"
    content = paper.get_payload(decode=True)
    assert isinstance(content, bytes)
    html = content.decode().replace("\xa0", " ")
    assert "Счёт 2026-0001: 12 500" in html


async def test_nothing_goes_without_its_attachment(one: Desk, mails: Compiled, smtp: Sink) -> None:
    """A file that nobody keeps cannot go along: the message is refused with the reason, not sent without it."""
    lead, _ = one.lead(mails, **WHO)
    (scan,) = one.tell(lead, Signal(id="b", name="bounced"))
    done = await one.send(scan.key)
    assert (done.result, "scan" in done.reason) == ("refused", True)
    assert smtp.count() == 0
