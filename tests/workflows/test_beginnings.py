"""A lead begins once, whoever begins it: the relay and a door may both, and a decision waits until it is stored who has."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from leadflow.engine.events import Created, FieldsSet
from leadflow.store.intake import add_lead
from leadflow.store.leads import history
from leadflow.text import render
from tests.support.running import OLGA, Home, home, until, working
from tests.support.tiny import tiny
from workflows.delivery import Delivery
from workflows.door import Door

CREATED = Created(id="c", fields={"phone": {"number": "+79161234567"}})


async def test_a_decision_waits_until_the_beginning_is_stored(
    tmp_path: Path, temporal_server: str, answering: threading.Event
) -> None:
    """The relay begins a lead, a door stores its beginning and finds an owner, somebody decides: what he decided stays.

    Before, it was decided on a lead without an owner, and not done again on the one that the door had stored.
    """
    answering.clear()
    async with home(tmp_path, temporal_server, tiny()) as one, working(one.settings):
        lead = await begun_by_the_relay(one)
        door = Door(one.store, one.vault, render, one.clock)
        published = tiny().pipeline
        assert await door.begin(published, lead, CREATED)
        edit = FieldsSet(id="edit", actor=OLGA, fields={"price": "5"})
        deciding = asyncio.create_task(one.gateway.act(lead, edit))
        await asyncio.wait([deciding], timeout=1)
        assert not deciding.done()
        answering.set()
        answer = await deciding
        assert answer.refusals == ()
        await one.until(lead, lambda row: row.version >= answer.version)
        told = [(moment.version, moment.kind) for moment in history(one.store, lead)]
        assert [version for version, _ in told] == list(range(1, len(told) + 1))
        kinds = [kind for _, kind in told]
        assert sorted(kinds) == ["Created", "FieldsSet", "Numbered", "OwnerFound"]
        assert (kinds[0], kinds[-1]) == ("Created", "FieldsSet")


async def begun_by_the_relay(one: Home) -> str:
    """Its workflow runs, and nothing of it is stored."""
    now = await one.clock.now()
    lead = add_lead(one.store, one.vault, "tiny", CREATED, now=now).lead
    await Delivery(one.client, one.store, one.vault).deliver(lead)
    await until(lambda: one.client.get_workflow_handle(lead).describe(), lambda found: found.status)
    return lead
