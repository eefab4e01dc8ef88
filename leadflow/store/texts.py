"""Texts of a pipeline: where their templates are kept, and what their values print as."""

from __future__ import annotations

from typing import Protocol

from leadflow.engine.pipeline import Pipeline, Text
from leadflow.errors import NotFound
from leadflow.rules.staff import Staff
from leadflow.rules.texts import Values, body_of, printing
from leadflow.store.db import Store
from leadflow.store.published import body
from leadflow.text import Audience, Context, context_of


class Render(Protocol):
    """`leadflow.text.render`, or `leadflow.text.pool.RenderPool.render`, which bounds it."""

    def __call__(
        self,
        source: str,
        context: Context,
        *,
        language: str = ...,
        timezone: str = ...,
        audience: Audience = ...,
    ) -> str:
        """The text a template makes of a context."""
        ...


class Texts:
    """The texts of one version of a pipeline."""

    def __init__(self, store: Store, pipeline: Pipeline, staff: Staff) -> None:
        self._store = store
        self._pipeline = pipeline
        self._fields = printing(pipeline, staff)

    def source(self, text: Text, kind: str, language: str = "") -> str:
        """The template of a text: its own words, or the file's body in this language, else in the pipeline's.

        Args:
            text: of an effect.
            kind: ``email sms message task document``: the file's.
            language: the reader's; empty: the pipeline's.

        Raises:
            NotFound: the pipeline has no such template.
        """
        if not text.template:
            return text.source
        digest = body_of(self._pipeline, text, kind, language)
        if not digest:
            message = f"pipeline '{self._pipeline.id}' has no template {text.template}.{kind}"
            raise NotFound(message, "publish it anew with its templates")
        return body(self._store, digest)

    def context(self, values: Values) -> Context:
        """What a text is rendered with: users print by their names, choices by their labels, money with its currency."""
        return context_of(values, self._fields)
