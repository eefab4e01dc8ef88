"""T4, the reverse: the database is put back to an earlier moment, and Temporal is not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from temporalio.exceptions import WorkflowAlreadyStartedError

from leadflow.engine.events import FieldsSet, Signal
from leadflow.store.backup import write_backup
from leadflow.store.leads import history
from leadflow.store.outbox import outbox
from leadflow.store.seat import confirm
from leadflow.store.todo import find_tasks
from leadflow.text import render
from proving.sinks.process import Sink
from tests.e2e.copies import QUICK, begun, call, offered, recovery, restored, sent
from tests.support.running import ANNA, Home, home, working
from tests.support.tiny import tiny
from workflows.gateway import TemporalGateway
from workflows.reconcile import Reconciliation

pytestmark = pytest.mark.usefixtures("impatient")


def memory(one: Home, lead: str) -> dict[str, Any]:
    """What an installation knows of a lead."""
    row = one.row(lead)
    return {
        "row": (row.stage, row.owner, row.fields, row.closed),
        "timeline": [(each.version, each.event, each.kind) for each in history(one.store, lead)],
        "tasks": sorted(
            (each.key, each.title, each.assignee, each.status)
            for each in find_tasks(one.store, lead=lead, status="")
        ),
        "outbox": sorted((each.key, each.state) for each in outbox(one.store, lead=lead)),
    }


class Leads(NamedTuple):
    """What became of each since the backup."""

    acting: str
    """Called, and acts again."""
    quiet: str
    """Called."""
    ending: str
    """Called and lost."""
    unknown: str
    """Came in since."""


async def lived(one: Home, file: Path) -> Leads:
    """A backup, and what happened after it."""
    async with working(one.settings):
        quiet, acting, ending = [await begun(one, number) for number in range(3)]
        await offered(one, 3)
        await sent(one)
        now = await one.clock.now()
        await asyncio.to_thread(write_backup, one.store, file, one.vault.key, now)
        # A door stores this itself: it is in no commit of the workflow's own.
        door = TemporalGateway(one.client, one.store, one.vault, one.clock, render)
        fields = FieldsSet(id="f", actor=ANNA, fields={"price": "77"})
        for lead in (quiet, acting, ending):
            assert not (await door.act(lead, fields)).refusals
            await call(one, lead)
        unknown = await begun(one, 4)
        await sent(one)
        lost = Signal(id="s", actor=ANNA, name="refused")
        assert (await one.gateway.act(ending, lost)).closed == "failure"
        await one.client.get_workflow_handle(ending).result()
    return Leads(acting, quiet, ending, unknown)


def is_what_it_was(one: Home, copy: Home, lead: str) -> None:
    """The timeline may have gone on since."""
    known, again = memory(one, lead), memory(copy, lead)
    assert again["timeline"][: len(known["timeline"])] == known["timeline"]
    assert (again["tasks"], again["outbox"]) == (known["tasks"], known["outbox"])


async def test_a_database_put_back_learns_what_it_forgot(
    tmp_path: Path, temporal_server: str, database_url: str, elsewhere: str
) -> None:
    """Rows, timeline, tasks and ledger are again what they were; a message that went does not go a second time.

    One lead heals by its own next commit, one when the two are reconciled, one has ended since and stays so; one that the
    database never knew is an orphan.
    """
    file = tmp_path / "b.backup"
    with Sink("smtp", tmp_path) as smtp:
        async with home(
            tmp_path, temporal_server, tiny(), database=database_url, smtp_url=smtp.url
        ) as one:
            leads = await lived(one, file)
            namespace = one.settings.temporal_namespace
            place = tmp_path / "copy"
            async with (
                restored(one, file, place, elsewhere, namespace=namespace, smtp=smtp.url) as copy,
                working(copy.settings),
            ):
                more = FieldsSet(id="g", actor=ANNA, fields={"price": "78"})
                assert not (await copy.gateway.act(leads.acting, more)).refusals
                await copy.until(leads.acting, lambda row: row.fields["price"] == "78")
                is_what_it_was(one, copy, leads.acting)

                assert copy.row(leads.ending).closed == ""
                with pytest.raises(WorkflowAlreadyStartedError):  # never from its old state
                    await recovery(copy).delivery.act_with_start(leads.ending, more)

                comparing = Reconciliation(recovery(copy), await copy.clock.now())
                found = await comparing.reconcile(repair=True, end_orphans=True, pace=QUICK)
                assert {(each.kind, each.lead, bool(each.done)) for each in found} == {
                    ("store_behind", leads.quiet, True),
                    ("no_workflow", leads.ending, True),
                    ("orphan", leads.unknown, True),
                }
                is_what_it_was(one, copy, leads.quiet)
                assert memory(copy, leads.quiet)["row"] == memory(one, leads.quiet)["row"]
                assert memory(copy, leads.ending) == memory(one, leads.ending)
                confirm(copy.store, await copy.clock.now(), ask=False)
                await offered(copy, 5)
                await sent(copy)
                assert await comparing.reconcile(repair=False, end_orphans=False, pace=QUICK) == []
        keys = [message["key"] for message in smtp.messages()]
        assert len(keys) == len({*keys}) == 5
