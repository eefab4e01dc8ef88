"""A small shop: its people, its pipeline, and commits as a workflow would send them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from leadflow.engine.clock import iso
from leadflow.engine.decision import Note
from leadflow.engine.effects import AnyEffect, SendMessage
from leadflow.engine.events import Actor, Created
from leadflow.engine.fields import Field
from leadflow.engine.pipeline import Assignee, Document, People, Pipeline, Stage, Text
from leadflow.engine.state import State
from leadflow.ports import Commit, Committed, Happened
from leadflow.store.commit import commit
from leadflow.store.db import Store
from leadflow.store.intake import Added, Origin, add_lead
from leadflow.store.keys import Vault
from leadflow.store.published import Release, publish
from leadflow.text import render

ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize(
    "url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)

NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)

FIELDS = [
    Field("name", "person", "Имя", pii=True),
    Field("phone", "phone", "Телефон", pii=True),
    Field("email", "email", "E-mail", pii=True),
    Field("price", "money", "Стоимость", currency="RUB"),
    Field("manager", "user", "Менеджер"),
]
PIPELINE = Pipeline(
    id="shop",
    title="Магазин",
    hash="a" * 64,
    fields={field.id: field for field in FIELDS},
    stages={
        "new": Stage(id="new", title="Новый"),
        "won": Stage(id="won", title="Успех", final="success"),
    },
    documents={"offer": Document(id="offer", title="КП", number="КП-{YYYY}-{001}")},
)
DEALS = Pipeline(
    id="shop-deal",
    title="Сделки",
    hash="d" * 64,
    kind="deal",
    fields={"price": FIELDS[3]},
    stages={"made": Stage(id="made", title="Создана")},
)
STAFF: dict[str, Any] = {
    "users": {
        "anna": {"id": "anna", "name": "Анна", "email": "anna@shop.example", "supervisor": "olga"},
        "boris": {"id": "boris", "name": "Борис", "phone": "+79160000002", "supervisor": "olga"},
        "vera": {"id": "vera", "name": "Вера"},
        "olga": {"id": "olga", "name": "Ольга", "email": "olga@shop.example"},
        "root": {"id": "root", "name": "Администратор", "admin": True},
    },
    "teams": {"sales": ["anna", "boris", "vera"]},
}


BACK_TO_0004 = (
    "ALTER TABLE starts DROP COLUMN told",
    "DROP TABLE intents",
    "DROP TABLE callbacks",
    "DROP INDEX ix_effects_provider_id",
    "ALTER TABLE effects DROP COLUMN delivery",
    "ALTER TABLE effects DROP COLUMN delivered",
    "ALTER TABLE effects DROP COLUMN delivery_code",
    "ALTER TABLE audiences DROP COLUMN addresses_sealed",
    "DROP INDEX ix_leads_closed_next_deadline_quarantined_pipeline",
    "DROP INDEX ix_effects_state_planned_channel",
    "CREATE INDEX ix_effects_state_planned ON effects (state, planned)",
    "UPDATE alembic_version SET version_num = '0004'",
)
"""Undoes all that later migrations made; each of them adds its line."""


def publish_shop(store: Store) -> None:
    publish(
        store,
        [Release(PIPELINE), Release(DEALS)],
        by="root",
        now=NOW,
        installation=STAFF,
    )


def add(store: Store, vault: Vault, *, origin: Origin | None = None, **created: Any) -> Added:
    """A new lead of the shop."""
    event = Created(id="created", actor=Actor(user="anna", via="cli:op"), **created)
    return add_lead(store, vault, "shop", event, now=NOW, origin=origin)


class Run:
    """A lead's workflow, as far as the store sees it."""

    def __init__(self, store: Store, vault: Vault, **state: Any) -> None:
        self.store = store
        self.vault = vault
        self.lead = add(store, vault, fields=state.get("fields", {})).lead
        self.state = State(
            lead=self.lead,
            pipeline=PIPELINE.id,
            hash=PIPELINE.hash,
            stage="new",
            visit=1,
            created=iso(NOW),
            entered=iso(NOW),
            **state,
        )

    def batch(
        self,
        *effects: AnyEffect,
        event: str = "",
        kind: str = "Signal",
        notes: Sequence[Note] = (),
        **change: Any,
    ) -> Commit:
        """The next commit of this run."""
        version = self.state.version + 1
        self.state = replace(self.state, version=version, **change)
        happened = Happened(
            event or f"event-{version}",
            kind,
            iso(NOW + timedelta(minutes=version)),
            version,
            Actor(user="anna", via="cli:op"),
            tuple(notes),
            effects,
        )
        return Commit(self.state, (happened,))

    def commit(self, *effects: AnyEffect, **change: Any) -> Committed:
        """Commits the next step of this run."""
        return self.apply(self.batch(*effects, **change))

    def apply(self, batch: Commit) -> Committed:
        return commit(self.store, self.vault, batch, render, NOW)

    def key(self, node: str, occurrence: int = 1) -> str:
        return f"{self.lead}/stage/1/{node}/{occurrence}"

    def mail(self, node: str = "send_email:offer", **more: Any) -> SendMessage:
        """A message to the client of this run."""
        values: dict[str, Any] = {
            "channel": "email",
            "body": Text(template="offer"),
            "to": "ivan@client.example",
            "scope": "stage/1",
        }
        return SendMessage(key=self.key(node), **(values | more))


def in_turn(*names: str) -> Assignee:
    return Assignee(how="round_robin", people=People(names=names))


def least_busy(*names: str) -> Assignee:
    return Assignee(how="least_busy", people=People(names=names))


def person(*names: str) -> Assignee:
    return Assignee(people=People(names=names))


def together(jobs: Sequence[Callable[[], object]]) -> None:
    """Runs them in threads that start in the same moment; whatever one raises is raised here."""
    gate = threading.Barrier(len(jobs), timeout=10)

    def begin(job: Callable[[], object]) -> None:
        gate.wait()
        job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for started in [pool.submit(begin, job) for job in jobs]:
            started.result(60)
