"""A small project on disk: a pipeline, its scenarios, its letters, its people."""

from __future__ import annotations

from pathlib import Path

PIPELINE = """
pipeline: calls
title: Заявки
fields:
  name:  {type: person, label: Имя}
  phone: {type: phone, label: Телефон, goes_to: contact}
  email: {type: email, label: E-mail}
  price: {type: money, label: Стоимость, currency: RUB}
routing:
  - {assign: {round_robin: sales}}
stages:
  new:
    title: Новая
    checklist: {heard: Клиент выслушан}
    on_enter:
      - create_task:
          id: contact
          title: "Позвонить: {{ lead.phone }}"
          outcomes: {reached: Поговорили, no_answer: Не ответил}
    exits:
      - {task: contact, outcome: reached, goto: offered, requires: [price, email]}
      - {task: contact, outcome: no_answer, goto: lost}
  offered:
    title: КП отправлено
    on_enter:
      - send_email: offer
    sequence:
      stop_when: [replied]
      steps:
        - {after: 12 seconds, send_email: reminder}
    exits:
      - {signal: agreed, label: Согласен, goto: won}
      - {signal: refused, label: Отказ, goto: lost}
  won:
    title: Продано
    final: success
    convert:
      - {create: [contact]}
  lost: {title: Отказ, final: failure, reopen: new, always: true}
"""
OFFER = """Subject: Предложение

Здравствуйте! Стоимость: {{ lead.price | default("по запросу") }}. Ваш менеджер: {{ owner.name }}.
"""
REMINDER = """Subject: Напоминание

Здравствуйте! Предложение ещё в силе.
"""
SCENARIOS = """
pipeline: calls
scenarios:
  - name: an offer is sent after the call
    start: {at: "2026-11-23 10:00", fields: {phone: "+7 916 123-45-67", name: Иван Петров}}
    steps:
      - {tick: heard}
      - {task: contact, outcome: reached, refused: [price, email]}
      - {task: contact, outcome: reached, fields: {price: 12500, email: ivan@example.com}}
      - expect: {stage: offered, sent: [offer]}
"""
PEOPLE = """
users:
  anna:  {name: Анна Лактионова, email: anna@example.com, supervisor: olga}
  boris: {name: Борис Ветров, email: boris@example.com, supervisor: olga}
  olga:  {name: Ольга Невская, email: olga@example.com, admin: true}
teams:
  sales: [anna, boris]
connections:
  mail: {type: email, url: "smtp://nowhere.invalid", from: office@example.com}
"""


def project(folder: Path, pipeline: str = PIPELINE, scenarios: str = SCENARIOS) -> None:
    """Writes it into ``specs`` of the folder, its people beside it."""
    for name, text in {
        "specs/calls.yaml": pipeline,
        "specs/calls.test.yaml": scenarios,
        "specs/templates/offer.email.md": OFFER,
        "specs/templates/reminder.email.md": REMINDER,
        "leadflow.yaml": PEOPLE,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
