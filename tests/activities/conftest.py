"""A desk, a mail server and a database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadflow.spec.compile.pipeline import Compiled, compile_text
from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault, open_vault
from leadflow.store.migrate import migrate
from leadflow.text import RenderPool
from proving.sinks.process import Sink
from tests.support.desk import Desk, desk

MAILS = """
pipeline: mails
title: Письма
calendar: {timezone: Europe/Moscow, days: mon-fri, hours: "09:00-19:00"}
quiet_hours: "20:00-09:00"
documents:
  invoice: {title: Счёт, number: "{YYYY}-{0001}"}
fields:
  scan:  {type: file, label: Скан}
  name:  {type: person, label: Имя}
  phone: {type: phone, label: Телефон}
  email: {type: email, label: E-mail}
  price: {type: money, label: Стоимость, currency: RUB}
routing: [{assign: anna}]
stages:
  new:
    on_enter:
      - {send_email: offer}
    when:
      - {signal: replied, do: [{send_email: {template: thanks, reply_in_thread: true}}]}
      - signal: meeting_booked
        do: [{create_document: invoice}, {send_email: {template: thanks, attach: [invoice]}}]
      - {signal: bounced, do: [{send_email: {template: thanks, attach: [scan]}}]}
      - {signal: called, do: [{send_sms: short}]}
      - {signal: paid, do: [{call_webhook: {connection: books, body: {who: "{{ lead.name }}"}}}]}
      - {signal: signed, do: [{notify: supervisor}]}
      - {signal: call_in, do: [{notify: {to: owner, text: "Звонил {{ lead.name }}"}}]}
      - {signal: call_missed, do: [{add_to_audience: warm}]}
    exits:
      - {signal: refused, label: Отказ, goto: lost}
  lost: {final: failure}
"""
TEXTS = {
    "offer_email_md": "Subject: Для {{ lead.name }}\n\nСтоимость **{{ lead.price }}**. {{ owner.name }}",
    "thanks_email_md": "Subject: Спасибо\n\nОтвечаем.",
    "invoice_document_html": "<p>Счёт {{ document.invoice.number }}: {{ lead.price }}</p>",
    "short_sms_txt": "Ждём вас, {{ lead.name }}!\n",
}


@pytest.fixture
def mails() -> Compiled:
    return compile_text(MAILS, **TEXTS)


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[Sink]:
    with Sink("smtp", tmp_path) as sink:
        yield sink


@pytest.fixture
def http(tmp_path: Path) -> Iterator[Sink]:
    with Sink("http", tmp_path) as sink:
        yield sink


@pytest.fixture(scope="session")
def pool() -> Iterator[RenderPool]:
    """Rendering processes for all tests: they take half a second to start."""
    with RenderPool(size=1) as made:
        yield made


@pytest.fixture
def one(tmp_path: Path, mails: Compiled, smtp: Sink, pool: RenderPool) -> Iterator[Desk]:
    """A desk whose mail goes to the sink."""
    with desk(tmp_path, mails, pool=pool) as made:
        made.urls["email"] = smtp.url
        yield made


@pytest.fixture
def key(one: Desk, mails: Compiled) -> str:
    """The ledger key of one planned mail."""
    _, (planned,) = one.lead(
        mails, name={"first": "Иван"}, email="client@example.org", price="12500"
    )
    return planned.key


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(store)
    yield store
    store.close()


@pytest.fixture
def vault(store: Store, tmp_path: Path) -> Vault:
    return open_vault(store, tmp_path / "master.key")
