"""A pipeline small enough to keep in mind: a call, an offer by mail, an answer."""

from __future__ import annotations

from leadflow.spec.compile.pipeline import Compiled, compile_text

TINY = """
pipeline: tiny
title: Заявки
language: ru
fields:
  name:  {type: person, label: Имя}
  phone: {type: phone, label: Телефон}
  email: {type: email, label: E-mail}
  price: {type: money, label: Стоимость, currency: RUB}
routing:
  - {assign: {round_robin: sales}}
stages:
  new:
    title: Новая
    on_enter:
      - create_task:
          id: contact
          title: "Позвонить: {{ lead.phone }}"
          outcomes: {reached: Поговорили, no_answer: Не ответил}
    exits:
      - {task: contact, outcome: reached, goto: offered, requires: [price, email]}
  offered:
    title: КП отправлено
    on_enter:
      - send_email: offer
    when:
      - {signal: replied, do: [{create_task: {id: answer, title: Ответить}}]}
    exits:
      - {signal: agreed, label: Согласен, goto: won}
      - {signal: refused, label: Отказ, goto: lost}
  won: {title: Продано, final: success}
  lost: {title: Отказ, final: failure, reopen: new}
"""
OFFER = """Subject: Предложение для {{ lead.name }}

Здравствуйте, {{ lead.name }}!

Стоимость: {{ lead.price }}. Ваш менеджер: {{ owner.name }}.
"""


def tiny(text: str = TINY, offer: str = OFFER) -> Compiled:
    """It, or a variation of it."""
    return compile_text(text, offer_email_md=offer)
