"""What `leadflow chaos` does with every history at its end: replays it."""

from __future__ import annotations

from leadflow.engine.events import Created, FieldsSet
from proving.replays import replay_all
from tests.support.hasty import HastyWorkflow
from tests.support.running import ANNA, Home


async def test_every_history_is_replayed(one: Home) -> None:
    """By the program that wrote them they all are; by one that would have asked for something else each is complained of."""
    leads = []
    for number in range(3):
        created = Created(id=f"c{number}", fields={"phone": f"+7916123456{number}"})
        leads.append((await one.gateway.add("tiny", created, source="t", external_id="")).lead)
    for lead in leads:
        await one.until(lead, lambda row: bool(row.owner))
        await one.gateway.act(lead, FieldsSet(id="e", actor=ANNA, fields={"price": "5"}))
        await one.calm(lead)
    found = await replay_all(one.client, one.vault)
    assert (found.histories, found.complaints) == (3, ())
    others = await replay_all(one.client, one.vault, [HastyWorkflow])
    assert others.histories == 3
    assert {(each.kind, each.about) for each in others.complaints} == {
        ("replay", lead) for lead in leads
    }
