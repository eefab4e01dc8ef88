"""An e-mail's bytes: the same for the same input, safe whatever a lead typed into its fields.

The bytes are frozen in the ledger before the first attempt and every retry sends the same ones: servers that
drop duplicates compare Message-ID and date. So nothing here looks at a clock or draws a random boundary.
Line lengths and encodings suit any server (7-bit, RFC 5322 §2.1.1); SMTPUTF8 is never needed.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

import css_inline
import msgspec
from typing_extensions import override

SUBJECT_CHARACTERS = 200
NAME_CHARACTERS = 120
FILE_NAME_CHARACTERS = 150
REFERENCES_KEPT = 10

_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(
    rf"(?=.{{3,254}}$)(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*"
    r"@(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*"
)
_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_BIDI = r"\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
_NOT_IN_HEADERS = re.compile(f"[{_CONTROLS}{_BIDI}\ud800-\udfff\ufeff]+")
_NOT_IN_BODIES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_FILE_NAMES = re.compile(r'[/\\:*?"<>|]+')


class Mailbox(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sender or recipient: a bare address and a display name."""

    address: str
    name: str = ""


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that goes along."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


class Email(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """All that decides an e-mail's bytes."""

    key: str
    """Hash of the effect key (32 hex digits): header ``X-Effect-Key``."""
    message_id: str
    """``<…@…>``; see `message_id`."""
    date: datetime
    """Aware; printed with its offset."""
    sender: Mailbox
    recipient: Mailbox
    subject: str
    text: str
    html: str = ""
    """With it the message is multipart/alternative; a ``<style>`` is inlined."""
    reply_to: Mailbox | None = None
    in_reply_to: str = ""
    """Message-ID of the last message of the thread, ours or theirs."""
    references: tuple[str, ...] = ()
    """Message-IDs of the thread, oldest first; the first and the newest nine are kept."""
    automatic: bool = True
    """Marks it ``Auto-Submitted: auto-generated`` (RFC 3834), so that no autoresponder answers."""
    unsubscribe_url: str = ""
    """``https://…``: makes it one-click (RFC 8058)."""
    unsubscribe_mailto: str = ""
    attachments: tuple[Attachment, ...] = ()


def message_id(key: str, domain: str) -> str:
    """The Message-ID that an effect's message always has: ``<key@domain>``."""
    return f"<{key}@{_ascii_domain(domain)}>"


def ascii_address(address: str) -> str:
    """An address as SMTP takes it, its domain in IDNA.

    Whether somebody can be written to there was judged when the value came in; this keeps anything from
    being smuggled into a header or an SMTP command.

    Raises:
        ValueError: it is no plain ``local@domain``.
    """
    local, _, domain = address.rpartition("@")
    plain = f"{local}@{_ascii_domain(domain)}"
    if not _ADDRESS.fullmatch(plain):
        msg = f"{address!r} is not an e-mail address that mail can be sent to"
        raise ValueError(msg)
    return plain


def build_email(email: Email) -> bytes:
    """The message in RFC 5322 form, lines ended by CRLF.

    Raises:
        ValueError: an address, the Message-ID or a media type is malformed.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(email.sender)
    message["To"] = _address(email.recipient)
    if email.reply_to is not None:
        message["Reply-To"] = _address(email.reply_to)
    message["Subject"] = _one_line(email.subject)[:SUBJECT_CHARACTERS]
    message["Date"] = format_datetime(email.date)
    for name, value in _verbatim_headers(email):
        message[name] = value
    message.set_content(_body(email.text))
    if email.html:
        message.add_alternative(_body(_styled(email.html)), subtype="html")
    for attachment in email.attachments:
        maintype, _, subtype = attachment.media_type.partition("/")
        message.add_attachment(
            attachment.content,
            maintype=maintype,
            subtype=subtype,
            filename=_file_name(attachment.name),
        )
    _set_boundaries(message)
    return message.as_bytes()


class _Policy(EmailPolicy):
    """Leaves headers that are made of ids and URLs as they are.

    The standard folding turns an id longer than a line into an RFC 2047 word, which is none any more;
    a List-Unsubscribe over two lines has broken signatures at relays.
    """

    @override
    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _VERBATIM:
            return f"{name}: {value.replace(' ', _FOLD.get(name, ' '))}\r\n".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n", cte_type="7bit")
_VERBATIM = frozenset(
    {
        "message-id",
        "in-reply-to",
        "references",
        "x-effect-key",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "auto-submitted",
    }
)
_FOLD = {"References": "\r\n "}


def _verbatim_headers(email: Email) -> list[tuple[str, str]]:
    if not _MESSAGE_ID.fullmatch(email.message_id):
        msg = f"{email.message_id!r} is not a Message-ID"
        raise ValueError(msg)
    headers = [("Message-ID", email.message_id), ("X-Effect-Key", _one_line(email.key))]
    # Ids of a thread come from strangers: one that is malformed is left out, the mail still goes.
    if _MESSAGE_ID.fullmatch(email.in_reply_to):
        headers.append(("In-Reply-To", email.in_reply_to))
    thread = [known for known in email.references if _MESSAGE_ID.fullmatch(known)]
    if len(thread) > REFERENCES_KEPT:
        thread = [thread[0], *thread[1 - REFERENCES_KEPT :]]
    if thread:
        headers.append(("References", " ".join(thread)))
    if email.automatic:
        headers.append(("Auto-Submitted", "auto-generated"))
    ways = [f"<{way}>" for way in (email.unsubscribe_url, email.unsubscribe_mailto) if way]
    if ways:
        headers.append(("List-Unsubscribe", _one_line(", ".join(ways))))
    if email.unsubscribe_url:
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return headers


def _address(mailbox: Mailbox) -> Address:
    name = _one_line(mailbox.name)[:NAME_CHARACTERS]
    return Address(display_name=name, addr_spec=ascii_address(mailbox.address))


def _ascii_domain(domain: str) -> str:
    """The domain in IDNA; what cannot be encoded is left to the caller's check."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _one_line(text: str) -> str:
    return " ".join(_NOT_IN_HEADERS.sub(" ", text).split())


def _body(text: str) -> str:
    """Line ends made one kind, control characters taken out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_IN_BODIES.sub("", lines)


def _styled(html: str) -> str:
    if "<style" not in html.lower():
        return html
    return css_inline.inline(html, load_remote_stylesheets=False)


def _file_name(name: str) -> str:
    return _NOT_IN_FILE_NAMES.sub("_", _one_line(name))[-FILE_NAME_CHARACTERS:] or "file"


def _set_boundaries(message: EmailMessage) -> None:
    """Boundaries from the content itself: nobody can write a text that contains its own hash.

    ``=_`` cannot occur in quoted-printable or base64 either.
    """
    parts = list(message.walk())
    leaves = b"".join(part.as_bytes() for part in parts if not part.is_multipart())
    digest = hashlib.sha256(leaves).hexdigest()
    for number, part in enumerate(parts):
        if part.is_multipart():
            part.set_boundary(f"=_{digest[:32]}_{number}")
