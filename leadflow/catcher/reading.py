"""Caught messages made readable: a mail's parts, an SMS's cost. Broken mail is shown as far as it can be read."""

from __future__ import annotations

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import msgspec

from leadflow.channels.segments import SmsSegments, sms_segments
from leadflow.decoding import known


class File(msgspec.Struct, frozen=True):
    """An attachment."""

    name: str
    media_type: str
    content: bytes


class Mail(msgspec.Struct, frozen=True):
    """What a reader sees of a mail, and the headers that explain it."""

    key: str
    sender: str
    to: str
    subject: str
    message_id: str
    in_reply_to: str
    text: str
    html: str
    headers: list[tuple[str, str]]
    files: list[File]


@known
class Sms(msgspec.Struct, frozen=True):
    """A text as the gateway got it."""

    id: str
    to: str
    text: str

    @property
    def cost(self) -> SmsSegments:
        return sms_segments(self.text)


@known
class Note(msgspec.Struct, frozen=True):
    """A message as the gateway to messengers got it."""

    id: str
    to: str
    channel: str
    """Which messenger: the connection's id."""
    text: str


def read_mail(content: bytes) -> Mail:
    """Takes a mail apart; never fails."""
    message = BytesParser(EmailMessage, policy=default).parsebytes(content)
    headers = [(name, _header(message, name)) for name in dict.fromkeys(message.keys())]
    found = {name.lower(): value for name, value in headers}
    return Mail(
        key=found.get("x-effect-key", ""),
        sender=found.get("from", ""),
        to=found.get("to", ""),
        subject=found.get("subject", ""),
        message_id=found.get("message-id", ""),
        in_reply_to=found.get("in-reply-to", ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers=headers,
        files=_files(message),
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return _plain(str(message.get(name, "")))
    except Exception:  # noqa: BLE001 - the header parser has no list of its errors
        return ""


def _body(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body((kind,))
        return "" if part is None else _plain(str(part.get_content())).replace("\r\n", "\n")
    except Exception:  # noqa: BLE001 - neither has the content manager
        return ""


def _files(message: EmailMessage) -> list[File]:
    files = []
    for part in message.walk():
        if part.get_content_disposition() == "attachment":
            content = part.get_payload(decode=True)
            name = _plain(part.get_filename() or "file")
            kept = content if isinstance(content, bytes) else b""
            files.append(File(name, part.get_content_type(), kept))
    return files


def _plain(text: str) -> str:
    """Without the lone surrogates that bytes of no known encoding leave behind."""
    return text.encode("utf-8", "replace").decode("utf-8")
