"""The proposal of `specs/permits.yaml` (S36): its task, its three ways to the client, and the stage only after it."""

from __future__ import annotations

import json
from email import message_from_string, policy
from pathlib import Path
from typing import Any

import msgspec

from leadflow.engine.events import ButtonPressed, Created, Moved, Signal
from leadflow.installation import Connection
from leadflow.spec.compile.pipeline import compile_path
from leadflow.store.outbox import outbox
from leadflow.store.todo import find_tasks
from proving.sinks.process import Sink
from tests.support.running import ANNA, COMPANY, ROOT, Home, home, working

MAIL, MESSENGER, SMS = (
    "Отправить КП по почте",
    "Отправить КП в WhatsApp",
    "Отправить мини-КП по SMS",
)
QUALIFIED = {"service": "fits", "machine": "heavy", "period": "year", "price": "12500"}


async def qualified(one: Home, number: int, **fields: Any) -> str:
    """A lead that waits for its proposal."""
    name = {"name": "Иван Петров", **fields}
    created = Created(id=f"c{number}", channel="call", call_user="anna", fields=name)
    lead = (await one.gateway.add("permits", created, source="test", external_id="")).lead
    await one.until(lead, lambda row: row.version > 0)
    decided = Signal(id=f"q{number}", actor=ANNA, name="qualified", fields={**QUALIFIED})
    assert (await one.gateway.act(lead, decided)).stage == "qualified"
    (task,) = [each for each in find_tasks(one.store, lead=lead) if each.task == "offer"]
    assert task.assignee == "anna"
    return lead


def press(button: str, **fields: Any) -> ButtonPressed:
    return ButtonPressed(id=f"p/{button}", actor=ANNA, task="offer", button=button, fields=fields)


async def test_a_proposal_goes_three_ways(tmp_path: Path, temporal_server: str) -> None:
    """By mail, by messenger, short by SMS; each completes the task, and with it comes the stage."""
    with Sink("smtp", tmp_path) as smtp, Sink("http", tmp_path) as http:
        whatsapp = Connection("whatsapp", "message", f"{http.url}whatsapp", secret="s3cret")
        company = msgspec.structs.replace(
            COMPANY, connections={**COMPANY.connections, "whatsapp": whatsapp}
        )
        async with (
            home(
                tmp_path,
                temporal_server,
                *compile_path(ROOT / "specs" / "permits.yaml"),
                company=company,
                smtp_url=smtp.url,
                sms_url=f"{http.url}sms",
            ) as one,
            working(one.settings),
        ):
            ways = {MAIL: {"email": "ivan@gruz.example"}, MESSENGER: {}, SMS: {}}
            for number, (button, more) in enumerate(ways.items()):
                lead = await qualified(one, number, phone="8 (916) 123-45-67", **more)
                assert not (await one.gateway.act(lead, press(button))).refusals
                await one.until(lead, lambda row: row.stage == "offered")
                await one.calm(lead)
                (sent,) = [row for row in outbox(one.store, lead=lead) if row.template == "offer"]
                assert sent.state == "accepted"
            (mail,) = smtp.messages()
            letter = message_from_string(mail["data"], policy=policy.default)
            assert letter["To"] == "ivan@gruz.example"
            chat, sms = http.messages()
    assert (chat["path"], sms["path"]) == ("/whatsapp", "/sms")
    told, short = json.loads(chat["body"]), json.loads(sms["body"])
    assert (told["channel"], told["to"], short["to"]) == ("whatsapp", *["+79161234567"] * 2)
    assert (
        told["text"]
        .replace("\xa0", " ")
        .startswith("Здравствуйте! Пропуск (Свыше 12 т, Год): 12 500 ₽")
    )
    assert len(short["text"]) < len(told["text"])
    assert chat["headers"]["idempotency-key"] == told["id"]
    assert chat["headers"]["webhook-signature"].startswith("v1,")


async def test_without_an_address_nothing_goes(tmp_path: Path, temporal_server: str) -> None:
    """Each button is refused and says which field it needs; a drag does not get past the proposal either."""
    permits = compile_path(ROOT / "specs" / "permits.yaml")
    mail, phone = {"email": "ivan@gruz.example"}, {"phone": "+79161234567"}
    cases = [
        (MAIL, phone, "email", "E-mail"),
        (MESSENGER, mail, "phone", "Телефон"),
        (SMS, mail, "phone", "Телефон"),
    ]
    async with home(tmp_path, temporal_server, *permits) as one, working(one.settings):
        for number, (button, known, field, label) in enumerate(cases):
            lead = await qualified(one, number, **known)
            (refusal,) = (await one.gateway.act(lead, press(button))).refusals
            assert refusal.id == field
            assert refusal.message == f"fill in '{label}' to send '{button}'"
            assert (
                await one.gateway.act(lead, Moved(id="m", actor=ANNA, stage="offered"))
            ).refusals
            assert (one.row(lead).stage, outbox(one.store, lead=lead)) == ("qualified", [])
            assert [each.task for each in find_tasks(one.store, lead=lead)] == ["offer"]
