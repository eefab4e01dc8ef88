"""What the commit writes on the board besides the lead: tasks, the pinned comment, documents; and their texts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from leadflow.engine.clock import iso
from leadflow.engine.effects import Frozen, MakeDocument, Pin, TaskChanged, TaskOpened
from leadflow.engine.events import DocumentMade
from leadflow.engine.pipeline import Template, Text
from leadflow.engine.state import Pending
from leadflow.store import outbox as box
from leadflow.store.commit import commit
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.leads import find_lead
from leadflow.store.published import Release, publish
from leadflow.store.todo import TaskRow, find_tasks
from leadflow.text import RenderPool, render
from tests.store.samples import NOW, PIPELINE, Run, person

DUE = NOW + timedelta(hours=1)
CALL = "1" * 64
IVAN = Frozen(
    {"lead.name": ("person", {"first": "Иван", "last": "Петров"}), "lead.manager": ("user", "vera")}
)


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    return Run(shop, vault, number=1, owner="anna")


def task(run: Run, occurrence: int = 1, **more: Any) -> TaskOpened:
    values: dict[str, Any] = {"assignee": person("owner"), "title": Text(source="Позвонить")}
    key = run.key("create_task:call", occurrence)
    return TaskOpened(key=key, task="call", **(values | more))


def only(run: Run, status: Any = "") -> TaskRow:
    (row,) = find_tasks(run.store, status=status)
    return row


def test_a_task_is_shown_with_its_texts(run: Run) -> None:
    """Title and body are rendered with the frozen values, people by their names; due, assignee and lead stand beside."""
    names = (("lead", "name"), ("lead", "manager"))
    body = Text(source="Спросите {{ lead.manager }} о {{ lead.name.first }}", names=names)
    title = Text(source="Связаться с {{ lead.name }}", names=names)
    run.commit(
        task(run, title=title, body=body, due=iso(DUE), video="https://v.example/1", frozen=IVAN)
    )
    row = only(run)
    assert (row.title, row.body) == ("Связаться с Иван Петров", "Спросите Вера о Иван")
    assert (row.due, row.assignee, row.status, row.video) == (
        DUE,
        "anna",
        "open",
        "https://v.example/1",
    )
    assert (row.lead, row.number, row.opened) == (run.lead, 1, NOW + timedelta(minutes=1))


def test_a_tasks_body_comes_from_its_template(run: Run, shop: Store) -> None:
    """A template file's body is found by its hash, in the pipeline's language."""
    template = Template(name="call", kind="task", bodies={"": CALL})
    pipeline = replace(PIPELINE, hash="c" * 64, templates={"call.task": template})
    publish(
        shop,
        [Release(pipeline, blobs={CALL: "Скрипт для {{ lead.name.first }}"})],
        by="root",
        now=NOW,
    )
    run.commit(
        task(run, body=Text(template="call", names=(("lead", "name"),)), frozen=IVAN),
        hash=pipeline.hash,
    )
    assert only(run).body == "Скрипт для Иван"


def test_a_task_lives_as_its_changes_say(run: Run) -> None:
    """Overdue, postponed (and not overdue any more), another's, done with outcome, by whom and when."""
    run.commit(task(run, due=iso(DUE)))
    key = only(run).key
    run.commit(TaskChanged(key=key, overdue=True))
    assert (only(run).overdue, only(run).due) == (True, DUE)
    assert [row.key for row in find_tasks(run.store, overdue=True)] == [key]
    later = DUE + timedelta(days=1)
    run.commit(TaskChanged(key=key, due=iso(later)), TaskChanged(key=key, assignee="boris"))
    row = only(run)
    assert (row.overdue, row.due, row.assignee, row.status) == (False, later, "boris", "open")
    assert (row.done_at, row.done_by) == (None, "")
    run.commit(TaskChanged(key=key, status="done", outcome="reached", by="boris"))
    row = only(run)
    assert (row.status, row.outcome, row.done_by) == ("done", "reached", "boris")
    assert row.done_at == NOW + timedelta(minutes=4)
    assert find_tasks(run.store) == []


def test_a_due_date_can_be_taken_away(run: Run) -> None:
    """Its field was cleared: no due date."""
    run.commit(task(run, due=iso(DUE)))
    run.commit(TaskChanged(key=only(run).key, due=""))
    assert only(run).due is None


def test_the_same_task_comes_again_as_another_row(run: Run) -> None:
    """A later visit's task is a new one; the old one keeps its end."""
    run.commit(task(run))
    run.commit(TaskChanged(key=run.key("create_task:call"), status="cancelled"), task(run, 2))
    rows = find_tasks(run.store, lead=run.lead, status="")
    assert sorted((row.key[-1], row.status) for row in rows) == [("1", "cancelled"), ("2", "open")]


def test_built_in_tasks_speak_the_pipelines_language(run: Run) -> None:
    """What became of this message; why the conversion failed: in Russian here, with the reason in the body."""
    mail = run.mail()
    run.commit(mail)
    settle = TaskOpened(
        key=run.key("settle"),
        task="settle",
        assignee=person("owner"),
        about="settle",
        settles=mail.key,
    )
    failed = TaskOpened(
        key=run.key("failed"),
        task="convert_failed",
        assignee=person("owner"),
        about="convert_failed",
    )
    pending = Pending(ref="x", scope="stage/1", failed="there is no pipeline 'x': publish it")
    run.commit(settle, failed, pending=(pending,))
    rows = {row.task: row for row in find_tasks(run.store)}
    assert rows["settle"].title == "Дошло ли сообщение? Проверьте и отметьте"
    assert (rows["settle"].settles, rows["settle"].body) == (mail.key, "offer: ")
    assert rows["convert_failed"].title.startswith("Конвертация не удалась")
    assert rows["convert_failed"].body == "there is no pipeline 'x': publish it"


@pytest.mark.parametrize(
    "title",
    [Text(source="{{ lead.price | date }}"), Text(template="gone")],
    ids=["broken", "missing"],
)
def test_a_text_that_cannot_be_rendered_stops_nobody(run: Run, title: Text) -> None:
    """The task is there with the template as it stands, and an administrator hears of the line."""
    frozen = Frozen({"lead.price": ("money", "abc")})
    run.commit(
        task(
            run,
            title=replace(title, names=(("lead", "price"),)),
            pos="shop.yaml:5:7",
            frozen=frozen,
        )
    )
    assert only(run).title == (title.source or title.template)
    (alert,) = box.find_alerts(run.store)
    assert alert.cause == "text/shop/shop.yaml:5:7"
    assert alert.text.startswith("a text could not be rendered: ")


def test_the_pinned_comment_is_replaced(run: Run) -> None:
    """The last one pinned is on the card; a commit without one leaves it there."""
    run.commit(Pin(key=run.key("pin"), text=Text(source="Первый"), frozen=IVAN))
    text = Text(source="Клиент: {{ lead.name }}", names=(("lead", "name"),))
    run.commit(Pin(key=run.key("pin", 2), text=text, frozen=IVAN))
    run.commit()
    assert find_lead(run.store, run.lead).pinned == "Клиент: Иван Петров"


@pytest.fixture(scope="module")
def pool() -> Iterator[RenderPool]:
    with RenderPool(1) as pool:
        yield pool


def test_texts_are_rendered_before_the_transaction_where_they_can_be(
    run: Run, pool: RenderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real, bounded renderer serves as well; while the database is locked nobody waits for it."""
    rendered: list[bool] = []
    inside: list[bool] = []
    real = run.store._write

    def watching(work: Any) -> Any:
        inside.append(True)
        try:
            return real(work)
        finally:
            inside.pop()

    def watched(*args: Any, **kwargs: Any) -> str:
        rendered.append(bool(inside))
        return pool.render(*args, **kwargs)

    monkeypatch.setattr(run.store, "_write", watching)
    owned = Text(source="{{ owner.name }}", names=(("owner", "name"),))
    batch = run.batch(task(run, title=Text(source="Раз"), body=owned))
    commit(run.store, run.vault, batch, watched, NOW)
    assert (only(run).title, only(run).body) == ("Раз", "Анна")
    assert rendered == [False, True]


def number(run: Run, when: datetime, document: str = "offer") -> str:
    """The number a document gets in a commit of this instant."""
    effect = MakeDocument(key=run.key(f"make:{when}:{document}"), document=document, frozen=IVAN)
    (fact,) = commit(run.store, run.vault, run.batch(effect), render, when).facts
    assert isinstance(fact, DocumentMade)
    assert (fact.key, fact.document) == (effect.key, document)
    return fact.number


def test_documents_are_numbered_a_year(shop: Store, vault: Vault) -> None:
    """One counter for all leads of the pipeline, begun anew each year of the pipeline's own clock (Moscow)."""
    first, second = (Run(shop, vault, number=n) for n in (1, 2))
    new_year = datetime(2026, 12, 31, 21, 0, tzinfo=UTC)
    numbers = [
        number(first, NOW),
        number(second, NOW),
        number(first, new_year - timedelta(seconds=1)),
        number(second, new_year),
    ]
    assert numbers == ["КП-2026-001", "КП-2026-002", "КП-2026-003", "КП-2027-001"]
    assert number(first, NOW, "unknown") == "0001"
    sealed = shop.read(
        lambda c: c.exec_driver_sql("SELECT values_sealed FROM documents").scalars().all()
    )
    assert all("Петров".encode() not in bytes(one) for one in sealed)
