"""Texts of a simulated lead: where their templates are, what they name, what they come to."""

from __future__ import annotations

from collections.abc import Mapping

from leadflow.engine.effects import SendMessage
from leadflow.engine.pipeline import Pipeline, Text
from leadflow.rules.staff import Staff
from leadflow.rules.texts import Values, body_of, printing
from leadflow.text import Context, EmptyValue, TemplateFailed, context_of, render, render_email


class Texts:
    """The texts of one pipeline.

    Args:
        pipeline: it.
        blobs: SHA-256 (hex) → body of a template; one that is not there is not rendered.
        staff: whose names print.
    """

    def __init__(self, pipeline: Pipeline, blobs: Mapping[str, str], staff: Staff) -> None:
        self._pipeline = pipeline
        self._blobs = blobs
        self._fields = printing(pipeline, staff)
        self._judged: dict[tuple[str, frozenset[str]], str] = {}

    def note(self, text: Text, values: Values) -> str:
        """A text for our own people; the template itself where it cannot be rendered."""
        source = self._source(text, "task", "")
        p = self._pipeline
        try:
            return render(source, self._context(values), language=p.language, timezone=p.timezone)
        except TemplateFailed:
            return source

    def unfit(self, effect: SendMessage, *, quick: bool = False) -> str:
        """Why a message cannot be written: ``empty_value``, or what is wrong with its template; empty if it can.

        Args:
            effect: the message, complete with what only the commit knows.
            quick: take the answer of an earlier one of the same template with the same names empty.
        """
        if not quick:
            return self._tried(effect)
        empty = (name for name, (_, value) in effect.frozen.values.items() if value is None)
        key = (f"{effect.ref}/{effect.language}", frozenset(empty))
        if key not in self._judged:
            self._judged[key] = self._tried(effect)
        return self._judged[key]

    def _tried(self, effect: SendMessage) -> str:
        source = self._source(effect.body, effect.channel, effect.language)
        context = self._context(effect.frozen.values)
        try:
            if effect.channel == "email":
                render_email(
                    source,
                    context,
                    subject=effect.subject.source if effect.subject else None,
                    language=effect.language,
                    timezone=effect.timezone,
                )
            else:
                render(
                    source,
                    context,
                    language=effect.language,
                    timezone=effect.timezone,
                    audience="client",
                )
        except EmptyValue:
            return "empty_value"
        except TemplateFailed as error:
            return error.message
        return ""

    def _source(self, text: Text, kind: str, language: str) -> str:
        if not text.template:
            return text.source
        digest = body_of(self._pipeline, text, kind, language)
        return self._blobs.get(digest, f"Subject: {text.template}\n" if kind == "email" else "")

    def _context(self, values: Values) -> Context:
        return context_of(values, self._fields)
