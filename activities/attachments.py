"""What goes along with an e-mail: documents of the lead, rendered as they were numbered."""

from __future__ import annotations

from leadflow.channels.mime import Attachment
from leadflow.engine.effects import SendMessage
from leadflow.engine.pipeline import Pipeline, Text
from leadflow.errors import NotFound
from leadflow.store.db import Store
from leadflow.store.documents import newest_document
from leadflow.store.keys import Vault
from leadflow.store.texts import Texts
from leadflow.text import RenderPool, TemplateFailed

_DECLARED = '<!DOCTYPE html>\n<meta charset="utf-8">\n'
"""A file that is opened from a disk says itself how to be read."""


class Attachments:
    """Makes them. Blocking."""

    def __init__(self, store: Store, vault: Vault, pool: RenderPool) -> None:
        self._store = store
        self._vault = vault
        self._pool = pool

    def of(
        self, lead: str, effect: SendMessage, pipeline: Pipeline, texts: Texts
    ) -> tuple[Attachment, ...]:
        """The attachments of a message, in the order written.

        Raises:
            TemplateFailed: one of them cannot be made; the message does not go without it.
            EmptyValue: one of them names an empty value.
        """
        return tuple(self._one(lead, name, effect, pipeline, texts) for name in effect.attach)

    def _one(
        self, lead: str, name: str, effect: SendMessage, pipeline: Pipeline, texts: Texts
    ) -> Attachment:
        if name not in pipeline.documents:
            message = f"the file '{name}' cannot be attached: only documents can"
            raise TemplateFailed(message)
        try:
            made = newest_document(self._store, self._vault, lead, name)
            source = texts.source(Text(template=name), "document", effect.language)
        except (NotFound, KeyError) as error:
            message = f"'{name}' cannot be attached: {error}"
            raise TemplateFailed(message) from error
        html = self._pool.render(
            source,
            texts.context(made.values.values),
            language=effect.language,
            timezone=pipeline.timezone,
            audience="client",
            html=True,
        )
        title = f"{pipeline.documents[name].title} {made.number}.html"
        return Attachment(title, (_DECLARED + html).encode(), "text/html")
