"""A database put back to an earlier moment does again what it forgot: the same answers, no message a second time."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from leadflow.engine.clock import iso
from leadflow.engine.effects import FindOwner, MakeDocument, TaskOpened
from leadflow.engine.events import DocumentMade, EffectDone, OwnerFound
from leadflow.engine.pipeline import Text
from leadflow.engine.state import SendRun, TaskRun
from leadflow.errors import Behind
from leadflow.ports import Commit, Committed
from leadflow.store.commit.redo import Done, redo, skip_to, write_ends
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.leads import find_lead, history, load_state
from leadflow.store.outbox import find_alerts, outbox
from leadflow.store.resume import resume
from leadflow.store.seat import look
from leadflow.store.tables import documents, metadata
from leadflow.store.todo import find_tasks
from leadflow.text import render
from tests.store.samples import NOW, Run, in_turn, person

EARLY = ("leads", "timeline", "tasks", "effects", "documents", "rotations", "counters", "alerts")


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    """A lead with its first commit."""
    run = Run(shop, vault)
    run.commit()
    return run


def taken(store: Store) -> dict[str, list[dict[str, Any]]]:
    """The rows as they are now."""

    def work(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
        tables = metadata.tables
        return {
            name: [dict(row) for row in connection.execute(tables[name].select()).mappings()]
            for name in EARLY
        }

    return store.read(work)


def put_back(store: Store, rows: dict[str, list[dict[str, Any]]]) -> None:
    """The rows as they were."""

    def work(connection: sa.Connection) -> None:
        for name in (
            "timeline",
            "tasks",
            "effects",
            "documents",
            "rotations",
            "counters",
            "alerts",
        ):
            table = metadata.tables[name]
            connection.execute(table.delete())
            if rows[name]:
                connection.execute(table.insert(), rows[name])
        for row in rows["leads"]:
            table = metadata.tables["leads"]
            connection.execute(table.update().where(table.c.id == row["id"]).values(row))

    store.write(work)


def lived(run: Run) -> list[Done]:
    """Three commits: an owner and his task, a document, a mail; as Temporal's history has them."""
    finding = FindOwner(key=run.key("find"), to=in_turn("anna", "boris"))
    title = Text(template="Позвонить")
    call = TaskOpened(key=run.key("call"), task="call", assignee=person("owner"), title=title)
    check = TaskOpened(
        key=run.key("check"), task="check", assignee=in_turn("anna", "boris"), title=title
    )
    known = TaskRun(id="check", key=check.key, scope="stage/1")
    first = run.batch(finding, call, check, finding=run.key("find"), tasks={"check": known})
    done = [(first, run.apply(first))]
    _, found, _ = done[0][1].facts
    assert isinstance(found, OwnerFound)
    for effects in ([MakeDocument(key=run.key("offer"), document="offer")], [run.mail()]):
        batch = run.batch(*effects, owner=found.owner, finding="")
        done.append((batch, run.apply(batch)))
    return done


def test_a_commit_over_a_gap_is_refused(run: Run) -> None:
    """The store lacks the version before: nothing is written over the hole."""
    before = taken(run.store)
    lived(run)
    put_back(run.store, before)
    batch = run.batch()
    with pytest.raises(Behind, match="has come further than this database knows"):
        run.apply(batch)
    with pytest.raises(Behind):
        run.apply(Commit(batch.state))
    assert find_lead(run.store, run.lead).version == 1


def test_what_is_done_again_is_what_it_was(run: Run, vault: Vault, shop: Store) -> None:
    """Owner, task, document number, ledger, timeline: the same rows, though another lead has had its turn meanwhile."""
    before = taken(shop)
    done = lived(run)
    wanted = taken(shop)
    put_back(shop, before)
    other = Run(shop, vault)
    finding = FindOwner(key=other.key("find"), to=in_turn("anna", "boris"))
    check = TaskOpened(key=other.key("check"), task="check", assignee=finding.to)
    other.commit(finding, check, finding=other.key("find"))
    other.commit(MakeDocument(key=other.key("offer"), document="offer"))
    assert redo(shop, vault, done, render, NOW) == 3
    now = taken(shop)
    for name in ("timeline", "tasks", "effects"):
        own = [row for row in now[name] if row["lead"] == run.lead]
        plain = [{k: v for k, v in row.items() if not k.endswith("_sealed")} for row in own]
        assert plain == [
            {k: v for k, v in row.items() if not k.endswith("_sealed")} for row in wanted[name]
        ]
    assert {task.assignee for task in find_tasks(shop, lead=run.lead)} == {"anna"}
    assert find_lead(shop, run.lead).owner == "anna"
    assert load_state(shop, vault, run.lead) == run.state
    query = sa.select(documents.c.number).where(documents.c.lead == run.lead)
    told = [fact.number for _, a in done for fact in a.facts if isinstance(fact, DocumentMade)]
    assert shop.read(lambda c: c.execute(query).scalars().all()) == told
    copy = look(shop)
    assert copy is not None
    assert copy.cause == "older"
    assert redo(shop, vault, done, render, NOW) == 0


def test_what_is_lost_for_good_is_said(run: Run, vault: Vault, shop: Store) -> None:
    """Temporal keeps only the last commit: the timeline has a line at the gap, an alert names it, the lead goes on."""
    before = taken(shop)
    done = lived(run)
    put_back(shop, before)
    assert redo(shop, vault, done[-1:], render, NOW) == 1
    assert [each.kind for each in history(shop, run.lead)] == ["Signal", "Lost", "Signal"]
    (alert,) = find_alerts(shop)
    assert "from version 2 to 3 is lost" in alert.text
    assert not skip_to(shop, run.lead, 2, NOW)
    run.commit()


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ("accepted", "accepted"),
        ("refused", "refused"),
        ("skipped", "suppressed"),
        ("dropped", "dropped"),
        ("ambiguous", "ambiguous"),
        ("postponed", "planned"),
    ],
)
def test_a_message_that_ended_is_ended(run: Run, shop: Store, result: Any, state: str) -> None:
    """Each result the lead was told of is the row's end; one put off only waits on."""
    run.commit(run.mail())
    key = run.key("send_email:offer")
    told = EffectDone(id="x", key=key, result=result, at=iso(NOW), reason="said")
    changed = write_ends(shop, run.lead, {key: told}, [], NOW)
    (row,) = outbox(shop)
    assert (row.state, changed) == (state, state != "planned")
    assert write_ends(shop, run.lead, {key: told}, [], NOW) == 0


def test_a_message_under_way_is_asked_about(run: Run, shop: Store) -> None:
    """It may have left after the moment the database was put back to: never a second time without a person."""
    run.commit(run.mail(), run.mail("send_email:other"))
    assert write_ends(shop, run.lead, {}, [run.key("send_email:offer")], NOW) == 1
    states = {row.key.split(":")[1]: (row.state, row.reason) for row in outbox(shop)}
    reason = "the database was put back while this message was under way"
    assert states == {"offer/1": ("ambiguous", reason), "other/1": ("planned", "")}


def test_a_lead_goes_on_from_its_last_commit(run: Run, vault: Vault, shop: Store) -> None:
    """State, the answer it may not have heard, the events it knows, the messages that nobody sees to."""
    sends = {
        run.key("send_email:out"): SendRun(ref="r", scope="stage/1", status="out"),
        run.key("send_email:waits"): SendRun(ref="r", scope="stage/1", status="waiting"),
    }
    finding = FindOwner(key=run.key("find"), to=in_turn("anna"))
    mails = [run.mail(f"send_email:{name}") for name in ("out", "waits", "other")]
    answer: Committed = run.commit(finding, *mails, finding=run.key("find"), sends=sends)
    found = resume(shop, vault, run.lead, 10)
    assert found.state == run.state
    assert found.facts == answer.facts
    assert found.seen == {"event-1": 1, "event-2": 2}
    assert [each.key.split(":")[1] for each in found.sends] == ["other/1", "out/1"]
    run.commit(event=answer.facts[0].id, finding="", owner="anna")
    again = resume(shop, vault, run.lead, 2)
    assert (again.facts, list(again.seen)) == ((), ["event-2", answer.facts[0].id])
