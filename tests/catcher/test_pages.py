"""The catcher's pages: what they show, and what a mail in them cannot do."""

from __future__ import annotations

import uuid

import httpx2
import pytest

from leadflow.channels.messenger import MessengerChannel
from leadflow.channels.mime import Attachment, Mailbox
from leadflow.channels.sms import HttpSmsChannel
from leadflow.installation import Connection
from tests.catcher.conftest import Catcher, an_email, go_ahead

EVIL = "<script>alert(1)</script>"


@pytest.fixture(name="key")
def _key() -> str:
    return uuid.uuid4().hex


async def caught(catcher: Catcher, key: str, **changes: object) -> int:
    await catcher.mail(an_email(key, **changes))
    [message] = catcher.messages(key=key)
    return int(message["id"])


async def test_the_list_shows_newest_first_and_can_be_searched(catcher: Catcher, key: str) -> None:
    """Each message is a link with whom it is for and what about; a search and a kind narrow it down."""
    number = await caught(catcher, key, subject=f"Первое {key}")
    other = uuid.uuid4().hex
    later = await caught(catcher, other, subject=f"Второе {key}")
    page = catcher.get("/", q=key.upper()).text
    assert page.index(f"/messages/{later}") < page.index(f"/messages/{number}")
    assert "anna@example.com" in page
    assert f"/messages/{number}" not in catcher.get("/", q=key, kind="sms").text
    assert f"/messages/{number}" in catcher.get("/", q=key, kind="email").text
    assert f"/messages/{later}" not in catcher.get("/", q=key, before=str(later)).text
    assert "Nothing like that" in catcher.get("/", q=uuid.uuid4().hex).text


async def test_a_mail_in_full(catcher: Catcher, key: str) -> None:
    """Subject, people, text, HTML in its frame, files, headers."""
    file = Attachment("КП.pdf", b"%PDF", "application/pdf")
    number = await caught(catcher, key, html="<p>html</p>", attachments=(file,))
    page = catcher.get(f"/messages/{number}").text
    for shown in (
        "<h1>Предложение</h1>",
        "anna@example.com",
        "irina@example.com",
        key,
        "Здравствуйте!",
        "КП.pdf",
    ):
        assert shown in page  # fmt: skip
    assert f'<iframe sandbox title="The mail\'s HTML" src="/messages/{number}/html">' in page
    assert catcher.get(f"/messages/{number}/html").text.strip() == "<p>html</p>"
    got = catcher.get(f"/messages/{number}/files/0")
    assert got.content == b"%PDF"
    assert got.headers["content-disposition"] == "attachment"
    assert got.headers["content-type"] == "application/octet-stream"
    assert catcher.get(f"/messages/{number}/raw").headers["content-type"].startswith("text/plain")


async def test_a_mail_cannot_act_on_the_page(catcher: Catcher, key: str) -> None:
    """Script in subject, name or text is shown as text; in HTML it stays in a frame that runs nothing."""
    number = await caught(
        catcher, key, subject=EVIL, text=EVIL, html=EVIL, sender=Mailbox("a@example.com", EVIL)
    )
    for path in ("/", f"/messages/{number}"):
        answer = catcher.get(path)
        assert EVIL not in answer.text
        assert "&lt;script&gt;" in answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    frame = catcher.get(f"/messages/{number}/html")
    assert EVIL in frame.text
    assert frame.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


async def test_a_text_and_its_cost(catcher: Catcher, key: str) -> None:
    """An SMS shows its number, its text, and how many segments it costs."""
    channel = HttpSmsChannel(Connection("", "sms", f"{catcher.url}/sms"))
    await channel.send(key=key, to="+79161234567", text="я" * 71, handover=go_ahead)
    [message] = catcher.messages(key=key)
    page = catcher.get(f"/messages/{message['id']}").text
    assert "+79161234567" in page
    assert "2 segments" in page
    assert "UCS-2" in page


async def test_a_message_and_its_messenger(catcher: Catcher, key: str) -> None:
    """A message shows which messenger it was for; the same id is kept once; without one it is refused."""
    channel = MessengerChannel(Connection("whatsapp", "message", f"{catcher.url}/message"))
    for _ in range(2):
        await channel.send(key=key, to="+79161234567", text=EVIL, handover=go_ahead)
    [message] = catcher.messages(key=key)
    assert (message["kind"], message["channel"], message["text"]) == ("message", "whatsapp", EVIL)
    page = catcher.get(f"/messages/{message['id']}").text
    assert "whatsapp" in page
    assert EVIL not in page
    told = {"id": key, "to": "+79161234567", "text": "Да"}
    assert httpx2.post(f"{catcher.url}/message", json=told).status_code == 422


def test_a_webhook_and_its_body(catcher: Catcher, key: str) -> None:
    """A webhook shows its body as JSON, Cyrillic readable, and its signature."""
    headers = {"webhook-id": key, "webhook-signature": "v1,abc"}
    httpx2.post(f"{catcher.url}/hook/crm", json={"имя": EVIL}, headers=headers)
    [message] = catcher.messages(key=key)
    page = catcher.get(f"/messages/{message['id']}").text
    assert "имя" in page
    assert EVIL not in page
    assert "v1,abc" in page


@pytest.mark.parametrize(
    "path", ["/messages/0", "/messages/999999", "/messages/-1/raw", "/messages/999999/html", "/no"]
)
def test_nothing_there(catcher: Catcher, path: str) -> None:
    """An unknown message is a 404."""
    assert catcher.get(path).status_code == 404


async def test_files_that_are_not_there(catcher: Catcher, key: str) -> None:
    """A file number beyond the mail's, and the HTML of what is no mail, are 404s."""
    number = await caught(catcher, key)
    assert catcher.get(f"/messages/{number}/files/0").status_code == 404
    httpx2.post(f"{catcher.url}/hook/x", json={}, headers={"webhook-id": key + "h"})
    [hook] = catcher.messages(key=key + "h")
    assert catcher.get(f"/messages/{hook['id']}/html").status_code == 404


def test_only_under_its_own_name(catcher: Catcher) -> None:
    """A name that another site points to loopback (DNS rebinding) reads nothing."""
    answer = httpx2.get(f"{catcher.url}/api/messages", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_health_and_style(catcher: Catcher) -> None:
    """`up` can ask whether it is there; the style comes from here."""
    assert catcher.get("/healthz").json() == {"ok": True}
    assert catcher.get("/style.css").headers["content-type"].startswith("text/css")


def test_a_time_that_is_none(catcher: Catcher) -> None:
    """`since` must be a time."""
    assert catcher.get("/api/messages", since="yesterday").status_code == 422
