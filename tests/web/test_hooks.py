"""The door for providers: what is stored before it is acknowledged, and what leaves no trace."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from leadflow.installation import Callbacks, Connection, Installation, Telling
from leadflow.store.callbacks import opened, unread
from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault, open_vault
from leadflow.store.migrate import migrate
from leadflow.store.published import publish
from leadflow.web.hooks import MOST_BYTES, create_hooks

NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
SECRET = "0123456789-0123456789-ъ"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def connection(name: str, variable: str) -> Connection:
    rules = Callbacks(f"${{{variable}}}", (Telling("delivered"),), key="id")
    return Connection(name, "sms", "https://sms.example", callbacks=rules)


COMPANY = Installation(
    connections={
        "sms": connection("sms", "SMS_HOOK"),
        "short": connection("short", "SHORT_HOOK"),
        "unset": connection("unset", "UNSET_HOOK"),
        "empty": connection("empty", "EMPTY_HOOK"),
        "silent": Connection("silent", "sms", "https://sms.example"),
    }
)
ENVIRON = {"SMS_HOOK": SECRET, "SHORT_HOOK": "short", "EMPTY_HOOK": ""}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'hooks.db'}")
    migrate(store)
    publish(store, [], by="olga", now=NOW, installation=COMPANY)
    yield store
    store.close()


@pytest.fixture
def vault(store: Store, tmp_path: Path) -> Vault:
    return open_vault(store, tmp_path / "master.key")


@pytest.fixture
def client(store: Store, vault: Vault) -> TestClient:
    hooks = create_hooks(store, vault, ENVIRON, lambda: NOW)
    return TestClient(hooks, raise_server_exceptions=False)


def post(client: TestClient, body: bytes, kind: str = JSON, path: str = f"/sms/{SECRET}") -> int:
    return client.post(path, content=body, headers={"Content-Type": kind}).status_code


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"id": "7"}', JSON),
        (b'{"id": "7"}', "Application/JSON; charset=utf-8"),
        (b"[1, 2]", JSON),
        (b"id=7&status=1", FORM),
        (b'"' + b"a" * (MOST_BYTES - 2) + b'"', JSON),
    ],
)
def test_a_callback_is_kept_as_it_came(
    store: Store, vault: Vault, client: TestClient, body: bytes, kind: str
) -> None:
    """Byte for byte, sealed, and once, however often the provider calls."""
    assert [post(client, body, kind) for _ in range(3)] == [200] * 3
    (one,) = unread(store, NOW)
    assert (one.source, opened(vault, one), one.since) == ("sms", body, NOW)
    assert body not in one.body
    assert one.kind == ("form" if kind == FORM else "json")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", JSON, 400),
        (b"", JSON, 400),
        (b"[" * 60_000, JSON, 400),
        (b"\xff=1", FORM, 400),
        (b"id=7", JSON, 400),
        (b'{"id": "7"}', "text/plain", 415),
        (b'{"id": "7"}', "multipart/form-data; boundary=x", 415),
        (b'{"id": "7"}', "", 415),
        (b'"' + b"a" * (MOST_BYTES - 1) + b'"', JSON, 413),
        (b"a=" + b"a" * 5_000_000, FORM, 413),
    ],
)
def test_what_is_not_well_formed_leaves_no_trace(
    store: Store, client: TestClient, body: bytes, kind: str, status: int
) -> None:
    """Broken, nested without end, of another type, too large: refused, nothing stored."""
    assert post(client, body, kind) == status
    assert unread(store, NOW) == []


@pytest.mark.parametrize(
    "path",
    [
        "/sms/wrong",
        f"/sms/{SECRET}x",
        f"/sms/{SECRET[:-1]}",
        f"/none/{SECRET}",
        f"/silent/{SECRET}",
        "/short/short",
        "/unset/x",
        "/empty/%00",
        "/empty/",
        "/sms",
        f"/sms/{SECRET}/more",
    ],
)
def test_without_the_secret_there_is_nothing_here(
    store: Store, client: TestClient, path: str
) -> None:
    """A wrong secret, one too short to be one, an unknown connection, one whose variable is not set: all look the same."""
    answer = client.post(path, content=b"{}", headers={"Content-Type": JSON})
    assert answer.status_code == 404
    assert unread(store, NOW) == []


def test_the_secret_is_compared_in_constant_time(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time, for unknown connections too; and before anything of the body is looked at."""
    compared: list[tuple[bytes, bytes]] = []
    really = hmac.compare_digest

    def compare(given: bytes, wanted: bytes) -> bool:
        compared.append((given, wanted))
        return really(given, wanted)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert [post(client, b"{", path=path) for path in ("/sms/x", "/none/x")] == [404, 404]
    assert compared == [(b"x", SECRET.encode()), (b"x", b"")]


def test_only_posts(client: TestClient) -> None:
    """Looking at the address tells nothing."""
    assert client.get(f"/sms/{SECRET}").status_code == 405


def test_what_cannot_be_stored_is_not_acknowledged(store: Store, client: TestClient) -> None:
    """The provider is told to come again; it did not get a 2xx."""
    store.write(lambda c: c.execute(sa.text("DROP TABLE callbacks")))
    answer = client.post(f"/sms/{SECRET}", content=b"{}", headers={"Content-Type": JSON})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
