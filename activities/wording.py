"""Our own words to our own people, where the pipeline's author has written none (`NotifyPeople.about`)."""

from __future__ import annotations

from typing import Final, NamedTuple

from leadflow.engine.effects import NotifyPeople
from leadflow.engine.pipeline import Pipeline


class Words(NamedTuple):
    """A note: its subject, its text."""

    subject: str
    text: str


_REASONS: Final = {
    "ru": {
        "too_late": "время для него прошло",
        "empty_value": "в нём пусто там, где должно стоять значение из карточки",
        "no_address": "нет адреса",
        "opted_out": "клиент отказался от сообщений",
        "no_consent": "нет согласия клиента",
    },
    "en": {
        "too_late": "its time had passed",
        "empty_value": "a value of the card that it names is empty",
        "no_address": "there is no address",
        "opted_out": "the client has opted out",
        "no_consent": "the client has not consented",
    },
}
_TEXTS: Final = {
    "ru": {
        "lead": "Лид",
        "overdue": "Задача «{what}» просрочена.",
        "sla": "Этап «{what}» длится дольше положенного.",
        "remind": "Скоро срок задачи «{what}».",
        "reassigned": "У лида теперь другой ответственный: прежний не успел.",
        "nobody_left": "Ответственный не успел, а передать лид больше некому.",
        "not_sent": "Сообщение клиенту не ушло: {what}.",
        "": "Лид требует внимания.",
    },
    "en": {
        "lead": "Lead",
        "overdue": "The task '{what}' is overdue.",
        "sla": "The stage '{what}' takes longer than it may.",
        "remind": "The task '{what}' is due soon.",
        "reassigned": "The lead has another owner now: the former one was too slow.",
        "nobody_left": "The lead's owner was too slow, and nobody is left to take it.",
        "not_sent": "A message to the client did not go: {what}.",
        "": "The lead needs attention.",
    },
}


def heading(effect: NotifyPeople, pipeline: Pipeline, language: str) -> str:
    """``Лид №12: Пропуска``."""
    words = _TEXTS.get(language, _TEXTS["en"])
    number = effect.frozen.values.get("lead.number", ("number", None))[1]
    return f"{words['lead']} №{number or '?'}: {pipeline.title}"


def own_words(effect: NotifyPeople, pipeline: Pipeline, language: str) -> Words:
    """The note that goes where there is no text of the author's."""
    words = _TEXTS.get(language, _TEXTS["en"])
    about, what = _about(effect, pipeline, language)
    text = words.get(about, words[""]).format(what=what)
    return Words(heading(effect, pipeline, language), text)


def _about(effect: NotifyPeople, pipeline: Pipeline, language: str) -> tuple[str, str]:
    """What it is about, and the words that fill the sentence; by the node that asked where the engine says nothing."""
    about, _, detail = effect.about.partition(":")
    if about == "not_sent":
        return about, _REASONS.get(language, _REASONS["en"]).get(detail, detail)
    if about:
        return about, _task(effect.task, pipeline)
    place, _, program = effect.ref.partition("/")
    if program.startswith("overdue"):
        return "overdue", _task(place.removeprefix("task."), pipeline)
    if program.startswith("sla") and place in pipeline.stages:
        return "sla", pipeline.stages[place].title
    return "", ""


def _task(name: str, pipeline: Pipeline) -> str:
    """Its title as the author wrote it, unless that is a template whose values are not known here."""
    task = pipeline.tasks.get(name)
    return task.title.source if task and "{" not in task.title.source else name
