"""What leaves the house beside letters to clients: notices, SMS, webhooks, audiences, papers that go along."""

from __future__ import annotations

import json
from email import message_from_string, policy
from pathlib import Path
from typing import Any

import msgspec
import pytest
from temporalio.exceptions import ApplicationError

from leadflow.engine.clock import parse_iso
from leadflow.engine.decide import next_deadline
from leadflow.engine.events import Signal, Timer
from leadflow.installation import Connection
from leadflow.spec.compile.pipeline import Compiled
from leadflow.store.outbox import find_alerts, find_pauses
from leadflow.text import RenderPool
from proving.sinks.process import Sink
from tests.support.desk import Desk, desk
from tests.support.running import ANNA, COMPANY

WHO: dict[str, Any] = {"name": {"first": "Иван"}, "email": "client@example.org", "price": "12500"}


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
