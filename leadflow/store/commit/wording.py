"""Rendering what the commit shows on the board: titles and bodies of tasks, pinned comments."""

from __future__ import annotations

from leadflow.engine.effects import Pin, TaskOpened
from leadflow.engine.pipeline import Text
from leadflow.errors import NotFound
from leadflow.ports import Commit
from leadflow.rules.texts import Values
from leadflow.store.commit.transaction import Transaction, is_known_before
from leadflow.store.texts import Render, Texts
from leadflow.text import TemplateFailed

BUILT_IN = {
    "settle": {
        "ru": "Дошло ли сообщение? Проверьте и отметьте",
        "en": "Did the message arrive? Check and mark it",
    },
    "convert_failed": {
        "ru": "Конвертация не удалась: устраните причину и закройте задачу",
        "en": "The conversion failed: remove the cause, then complete this task",
    },
}
"""Titles of the built-in tasks (`TaskOpened.about`), in the pipeline's language, else in English."""


class Wording:
    """Renders the texts of one commit; those that can be, before its transaction begins."""

    def __init__(self, texts: Texts, render: Render, language: str, timezone: str) -> None:
        self._texts = texts
        self._render = render
        self._language = language
        self._timezone = timezone
        self._early: dict[tuple[str, str], str] = {}
        self.failed: dict[str, str] = {}
        """Effect key → why its text could not be rendered."""

    def prepare(self, batch: Commit) -> None:
        """Renders ahead: a renderer takes its time, and SQLite knows one writer."""
        for effect in batch.effects:
            if not isinstance(effect, TaskOpened | Pin):
                continue
            for part, text in _parts(effect):
                if is_known_before(text):
                    self._early[effect.key, part] = self._write(
                        effect.key, text, effect.frozen.values
                    )

    def write(self, tx: Transaction, effect: TaskOpened | Pin, part: str) -> str:
        """The text of an effect; the template as it stands where it cannot be rendered (with an alert)."""
        text = dict(_parts(effect)).get(part)
        if text is None:
            return ""
        early = self._early.get((effect.key, part))
        if early is None:
            early = self._write(effect.key, text, tx.frozen(effect.frozen, text).values)
        if why := self.failed.get(effect.key):
            tx.alert(f"text/{tx.pipeline.id}/{effect.pos or effect.ref}", why)
        return early

    def title(self, tx: Transaction, effect: TaskOpened) -> str:
        """A task's title; a built-in task's own words."""
        words = BUILT_IN.get(effect.about)
        if words is None:
            return self.write(tx, effect, "title")
        return words.get(self._language, words["en"])

    def _write(self, key: str, text: Text, values: Values) -> str:
        source = text.template
        try:
            source = self._texts.source(text, "task", self._language)
            context = self._texts.context(values)
            return self._render(source, context, language=self._language, timezone=self._timezone)
        except (TemplateFailed, NotFound) as error:
            self.failed[key] = f"a text could not be rendered: {error.message}"
            return source


def _parts(effect: TaskOpened | Pin) -> list[tuple[str, Text]]:
    """The texts of an effect, by what they are."""
    if isinstance(effect, Pin):
        return [("text", effect.text)]
    body = [("body", effect.body)] if effect.body is not None else []
    return [("title", effect.title), *body]
