"""From a planned effect to the bytes that leave the house: rendered once, then frozen in the ledger.

What is frozen is the whole message: MIME, the text of an SMS, the JSON of a webhook. An e-mail's envelope is read from
its own headers, so that every attempt uses the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import msgspec

from activities.attachments import Attachments
from activities.connections import Connections
from activities.wording import heading, own_words
from leadflow.channels.audience import change_body
from leadflow.channels.mime import Email, Mailbox, build_email, message_id
from leadflow.engine.clock import wall, zone
from leadflow.engine.effects import AudienceChange, NotifyPeople, PostWebhook, SendMessage
from leadflow.engine.pipeline import Pipeline
from leadflow.errors import LeadflowError
from leadflow.installation import Installation, User
from leadflow.store.db import Store
from leadflow.store.entries import Entry
from leadflow.store.ledger import Ledger
from leadflow.store.published import pipeline_of
from leadflow.store.staff import staff
from leadflow.store.texts import Texts
from leadflow.text import RenderPool

OUR_ADDRESS = "leadflow@localhost"
"""Where an installation has not said from whom its mail comes; good for the catcher only."""
NO_ADDRESS = "no_address"


class NotForSending(LeadflowError):
    """The message cannot be made: ``message`` is a reason such as ``no_address`` (language.md, **Scenario**)."""

    code = "not_for_sending"


class Message(NamedTuple):
    """What leaves the house."""

    data: bytes
    message_id: str = ""
    """Of an e-mail, in angle brackets."""


class Composer:
    """Makes messages. Blocking: it asks the database and the rendering processes."""

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        pool: RenderPool,
        attachments: Attachments,
        installation: Callable[[], Installation],
        connections: Connections,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._pool = pool
        self._attachments = attachments
        self._installation = installation
        self._connections = connections

    def compose(self, entry: Entry, now: datetime) -> Message:
        """The message of an effect.

        Args:
            entry: its row, with all values frozen.
            now: what an e-mail's ``Date`` says.

        Raises:
            NotForSending: nobody to send it to.
            EmptyValue: it names a value that is empty, and is for a client.
            TemplateFailed: its text cannot be rendered.
            RendererDown, Unreachable, Misconfigured: not the message's fault; try again.
        """
        pipeline = self.pipeline(entry)
        texts = Texts(self._store, pipeline, self._store.read(staff))
        match entry.effect:
            case SendMessage(channel="email") as effect:
                return self._letter(entry, effect, pipeline, texts, now)
            case SendMessage() as effect:
                return self._short(effect, texts)
            case NotifyPeople() as effect:
                return self._note(entry, effect, pipeline, texts, now)
            case PostWebhook() as effect:
                return self._call(entry, effect, pipeline, texts)
            case AudienceChange() as effect:
                return self._change(entry, effect)

    def pipeline(self, entry: Entry) -> Pipeline:
        """The version that planned it."""
        return pipeline_of(self._store, entry.pipeline, entry.pipeline_hash)

    def _letter(
        self, entry: Entry, effect: SendMessage, pipeline: Pipeline, texts: Texts, now: datetime
    ) -> Message:
        letter = self._pool.render_email(
            texts.source(effect.body, "email", effect.language),
            texts.context(effect.frozen.values),
            subject=texts.source(effect.subject, "email") if effect.subject else None,
            language=effect.language,
            timezone=effect.timezone,
        )
        sender = self._sender(effect.via, effect.sender)
        thread = self._ledger.thread(entry.lead) if effect.reply_in_thread else []
        return _mime(
            Email(
                key=entry.hash,
                message_id=message_id(entry.hash, sender.address.rpartition("@")[2]),
                date=wall(now, zone(effect.timezone)),
                sender=sender,
                recipient=Mailbox(effect.to),
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                in_reply_to=thread[-1] if thread else "",
                references=tuple(thread),
                automatic=not effect.manual,
                attachments=self._attachments.of(entry.lead, effect, pipeline, texts),
            )
        )

    def _sender(self, via: str, user: str) -> Mailbox:
        """In the name of a user: from his own address, else from the connection's."""
        installation = self._installation()
        person = installation.users.get(user) or User(id="", name="")
        connection = self._connections.find("email", via)
        return Mailbox(person.email or connection.sender or OUR_ADDRESS, person.name)

    def _short(self, effect: SendMessage, texts: Texts) -> Message:
        text = self._pool.render(
            texts.source(effect.body, effect.channel, effect.language),
            texts.context(effect.frozen.values),
            language=effect.language,
            timezone=effect.timezone,
            audience="client",
        )
        return Message(text.strip().encode())

    def _note(
        self, entry: Entry, effect: NotifyPeople, pipeline: Pipeline, texts: Texts, now: datetime
    ) -> Message:
        installation = self._installation()
        user = installation.users.get(effect.users[0]) if effect.users else None
        if user is None or not user.email:
            raise NotForSending(NO_ADDRESS)
        language = user.language or installation.language
        words = own_words(effect, pipeline, language)
        if source := texts.source(effect.text, "email", language):
            text = self._pool.render(
                source,
                texts.context(effect.frozen.values),
                language=language,
                timezone=installation.timezone,
            )
            words = words._replace(subject=heading(effect, pipeline, language), text=text)
        sender = self._sender("", "")
        return _mime(
            Email(
                key=entry.hash,
                message_id=message_id(entry.hash, sender.address.rpartition("@")[2]),
                date=wall(now, zone(installation.timezone)),
                sender=sender,
                recipient=Mailbox(user.email, user.name),
                subject=words.subject,
                text=words.text,
            )
        )

    def _change(self, entry: Entry, effect: AudienceChange) -> Message:
        """Nothing where no advertiser is connected."""
        if self._connections.audience(effect.name) is None:
            return Message(b"")
        body = change_body(entry.hash, effect)
        if body is None:
            raise NotForSending(NO_ADDRESS)
        return Message(body)

    def _call(self, entry: Entry, effect: PostWebhook, pipeline: Pipeline, texts: Texts) -> Message:
        context = texts.context(effect.frozen.values)
        body = {
            name: self._pool.render(
                texts.source(text, "message", pipeline.language),
                context,
                language=pipeline.language,
                timezone=pipeline.timezone,
            )
            for name, text in effect.body.items()
        }
        return Message(msgspec.json.encode({"id": entry.hash, "lead": entry.lead, **body}))


def _mime(email: Email) -> Message:
    try:
        return Message(build_email(email), email.message_id)
    except ValueError as error:  # an address that was stored before anybody judged it
        raise NotForSending(NO_ADDRESS, str(error)) from error
