"""Our own words to our own people, in their language."""

from __future__ import annotations

import pytest

from activities.wording import own_words
from leadflow.engine.effects import Frozen, NotifyPeople
from leadflow.engine.pipeline import People
from leadflow.spec.compile.pipeline import compile_text

PIPELINE = compile_text(
    """
pipeline: words
title: Заявки
stages:
  new:
    title: Новая
    on_enter:
      - create_task: {id: call, title: Позвонить}
      - create_task: {id: named, title: "Позвонить {{ lead.id }}"}
    exits: [{signal: go, label: Go, goto: won}]
  won: {final: success}
"""
).pipeline


def note(**what: str) -> NotifyPeople:
    frozen = Frozen({"lead.number": ("number", "12")})
    return NotifyPeople(key="k", to=People(names=("owner",)), frozen=frozen, **what)  # type: ignore[arg-type]  # texts


@pytest.mark.parametrize(
    ("effect", "language", "text"),
    [
        (note(ref="task.call/overdue/0"), "ru", "Задача «Позвонить» просрочена."),
        (note(ref="task.named/overdue/0"), "ru", "Задача «named» просрочена."),
        (note(ref="new/sla/0"), "ru", "Этап «Новая» длится дольше положенного."),
        (note(ref="new/on_enter/0"), "ru", "Лид требует внимания."),
        (note(about="remind", task="call"), "en", "The task 'Позвонить' is due soon."),
        (note(about="reassigned"), "en", "The lead has another owner now: the former one was too slow."),
        (note(about="nobody_left"), "ru", "Ответственный не успел, а передать лид больше некому."),
        (note(about="not_sent:too_late"), "en", "A message to the client did not go: its time had passed."),
        (note(about="not_sent:5.7.1"), "fr", "A message to the client did not go: 5.7.1."),
    ],
)  # fmt: skip
def test_words(effect: NotifyPeople, language: str, text: str) -> None:
    """What happened, by what the engine says or by the node that asked; English where we lack the language."""
    words = own_words(effect, PIPELINE, language)
    assert words.text == text
    assert words.subject == ("Лид №12: Заявки" if language == "ru" else "Lead №12: Заявки")
