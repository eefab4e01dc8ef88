"""An e-mail's bytes: readable by the standard parser, the same every time, safe whatever was typed in."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from hypothesis import given, strategies as st

from leadflow.channels.mime import (
    Attachment,
    Email,
    Mailbox,
    ascii_address,
    build_email,
    message_id,
)

KEY = "0123456789abcdef0123456789abcdef"


def an_email(**changes: Any) -> Email:
    given_anyway: dict[str, Any] = {
        "key": KEY,
        "message_id": message_id(KEY, "leads.example.com"),
        "date": datetime(2026, 11, 25, 11, 0, tzinfo=UTC),
        "sender": Mailbox("us@example.com", "Разрешения, ООО"),
        "recipient": Mailbox("anna@example.com", "Анна"),
        "subject": "Коммерческое предложение",
        "text": "Здравствуйте, Анна!\n\nЖдём ответа.\n",
    }
    return Email(**{**given_anyway, **changes})


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_what_a_reader_sees() -> None:
    """Sender, recipient, subject, date, ids and text come out as they went in."""
    message = parsed(build_email(an_email(reply_to=Mailbox("r+7@example.com"))))
    assert message["Reply-To"] == "r+7@example.com"
    assert message["From"].addresses == (Address("Разрешения, ООО", addr_spec="us@example.com"),)
    assert message["To"].addresses == (Address("Анна", addr_spec="anna@example.com"),)
    assert message["Subject"] == "Коммерческое предложение"
    assert message["Date"].datetime == datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
    assert message["Message-ID"] == f"<{KEY}@leads.example.com>"
    assert message["X-Effect-Key"] == KEY
    assert message["Auto-Submitted"] == "auto-generated"
    assert text_of(message, "plain") == "Здравствуйте, Анна!\n\nЖдём ответа.\n"
    assert message.get_content_type() == "text/plain"
    assert "List-Unsubscribe" not in message
    assert "In-Reply-To" not in message


def test_html_beside_text_with_styles_inlined() -> None:
    """With HTML there are both forms; a style sheet lands on the elements, where mail clients read it."""
    page = "<style>p {color: #123456}</style><p>Здравствуйте!</p>"
    message = parsed(build_email(an_email(html=page)))
    assert message.get_content_type() == "multipart/alternative"
    assert text_of(message, "plain").startswith("Здравствуйте")
    assert '<p style="color: #123456;">Здравствуйте!</p>' in text_of(message, "html")


def test_attachments() -> None:
    """Files go along with their names, in Russian too, and cannot name a path."""
    files = (
        Attachment("КП №7.pdf", b"%PDF\x00\xff", "application/pdf"),
        Attachment("../../etc/passwd", b"x"),
    )
    message = parsed(build_email(an_email(html="<p>x</p>", attachments=files)))
    assert message.get_content_type() == "multipart/mixed"
    first, second = message.iter_attachments()
    assert (first.get_filename(), first.get_content()) == ("КП №7.pdf", b"%PDF\x00\xff")
    assert first.get_content_type() == "application/pdf"
    assert second.get_filename() == ".._.._etc_passwd"
    assert text_of(message, "html").strip() == "<p>x</p>"


def test_a_thread() -> None:
    """Replies name what they answer; the chain keeps its first and newest ids, malformed ones fall out."""
    chain = tuple(f"<{number}.{'long' * 30}@mail.example>" for number in range(20))
    changes = {"in_reply_to": chain[-1], "references": (*chain, "<not an id>", "x\r\nBcc: a@b.c")}
    message = parsed(build_email(an_email(**changes)))
    assert message["In-Reply-To"] == chain[-1]
    assert message["References"].split() == [chain[0], *chain[-9:]]


def test_unsubscribing_in_one_click() -> None:
    """RFC 8058: both headers, the first on one line."""
    url, mailto = "https://example.com/u/" + "x" * 90, "mailto:stop@example.com"
    data = build_email(an_email(unsubscribe_url=url, unsubscribe_mailto=mailto, automatic=False))
    assert f"\r\nList-Unsubscribe: <{url}>, <{mailto}>\r\n".encode() in data
    message = parsed(data)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Auto-Submitted" not in message
    only_mailto = parsed(build_email(an_email(unsubscribe_mailto=mailto)))
    assert only_mailto["List-Unsubscribe"] == f"<{mailto}>"
    assert "List-Unsubscribe-Post" not in only_mailto


def test_the_same_input_gives_the_same_bytes() -> None:
    """Frozen means frozen: no clock, no random boundary; another text, another boundary."""
    one = an_email(html="<p>x</p>", attachments=(Attachment("a.txt", b"a"),))
    again = an_email(html="<p>x</p>", attachments=(Attachment("a.txt", b"a"),))
    assert build_email(one) == build_email(again)
    other = an_email(html="<p>y</p>", attachments=(Attachment("a.txt", b"a"),))
    boundary = parsed(build_email(one)).get_boundary()
    assert boundary is not None
    assert parsed(build_email(other)).get_boundary() != boundary


@pytest.mark.parametrize(
    "address",
    ["", "anna", "@example.com", "a@b@example.com", "alice@example.org)bob@example.com", "a b@example.com",
     "a@example.com\r\nBcc: b@example.com", "a\x00@example.com", "<a@example.com>", "анна@example.com", "a@-x.ru",
     "a@x..ru", "a" * 65 + "@example.com", "a@" + "x." * 130 + "ru"],
)  # fmt: skip
def test_addresses_that_are_none(address: str) -> None:
    """CVE-2023-27043 and its like: what is not plainly one address is refused."""
    with pytest.raises(ValueError, match="not an e-mail address"):
        build_email(an_email(recipient=Mailbox(address)))


def test_addresses_become_ascii() -> None:
    """A Cyrillic domain is written in IDNA; others stay as they are, intranet names too."""
    assert ascii_address("anna@пример.рф") == "anna@xn--e1afmkfd.xn--p1ai"
    assert ascii_address("Anna.O'Hara+x@Mail.Example.com") == "Anna.O'Hara+x@Mail.Example.com"
    assert ascii_address("boss@corp.local") == "boss@corp.local"


@pytest.mark.parametrize("bad", ["", "<a b@c>", "a@b", "<a@b>\r\nX: y", "<ы@b>"])
def test_message_ids_that_are_none(bad: str) -> None:
    """Our own id is refused when malformed."""
    with pytest.raises(ValueError, match="Message-ID"):
        build_email(an_email(message_id=bad))


NASTY = st.text(
    st.characters() | st.sampled_from("\r\n\x00\x0b\x85\u2028\u202e\ud800=_<>@:;,\"'\\.") , max_size=300
)  # fmt: skip


@given(subject=NASTY, name=NASTY, text=NASTY, html=NASTY, file=NASTY)
def test_nothing_typed_in_can_break_out(
    subject: str, name: str, text: str, html: str, file: str
) -> None:
    """Whatever a lead typed, the headers are ours alone, the lines short and 7-bit, no control character left."""
    data = build_email(
        an_email(
            subject=subject,
            recipient=Mailbox("anna@example.com", name),
            text=text,
            html=html,
            attachments=(Attachment(file, b"x"),),
        )
    )
    head = data.partition(b"\r\n\r\n")[0]
    names = {line.split(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"}
    assert names <= {b"From", b"To", b"Subject", b"Date", b"Message-ID", b"X-Effect-Key", b"Auto-Submitted",
                     b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding"}  # fmt: skip
    assert data.isascii()
    assert b"\x00" not in data
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    message = parsed(data)
    assert [address.addr_spec for address in message["To"].addresses] == ["anna@example.com"]
    assert len(message["Subject"]) <= 200
    assert len(list(message.iter_attachments())) == 1


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_texts_come_back_whole(text: str) -> None:
    """A text without control characters is read back as it was written."""
    body = text_of(parsed(build_email(an_email(text=text))), "plain")
    assert body.rstrip("\n") == text.rstrip("\n")
