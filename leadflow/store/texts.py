"""Texts of a pipeline: where their templates are kept, and the values they name with all that printing needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from leadflow.engine.fields import Field, Value
from leadflow.engine.pipeline import Pipeline, Text
from leadflow.errors import NotFound
from leadflow.store.db import Store
from leadflow.store.published import body
from leadflow.store.staff import Staff
from leadflow.text import Audience, Context, context_of

Values = Mapping[str, tuple[str, Value]]
"""Dotted name → (type, canonical value): `leadflow.engine.effects.Frozen.values`."""

_USERS = ("owner", "creator", "call", "user")
"""Built-in names that hold a user (language.md, **Conditions**)."""


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
        self._fields = _fields(pipeline, staff)

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
        template = self._pipeline.templates.get(f"{text.template}.{kind}")
        bodies = template.bodies if template else {}
        digest = bodies.get(language) or bodies.get("")
        if not digest:
            message = f"pipeline '{self._pipeline.id}' has no template {text.template}.{kind}"
            raise NotFound(message, "publish it anew with its templates")
        return body(self._store, digest)

    def context(self, values: Values) -> Context:
        """What a text is rendered with: users print by their names, choices by their labels, money with its currency."""
        return context_of(values, self._fields)


def _fields(pipeline: Pipeline, staff: Staff) -> dict[str, Field]:
    users = {user: staff.name(user) for user in staff.users}
    built_in = {name: Field(name, "user", "", options=users) for name in _USERS}
    own = {
        field.id: msgspec.structs.replace(field, options=users) if field.type == "user" else field
        for field in pipeline.fields.values()
    }
    return built_in | own
