"""Erasing a person: after it no table tells anything about him, but that nobody writes to his address again."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from leadflow.engine.clock import iso
from leadflow.engine.decision import Note
from leadflow.engine.effects import AudienceChange, EraseLead, Frozen, MakeDocument, Pin, TaskOpened
from leadflow.engine.pipeline import Text
from leadflow.errors import NotFound
from leadflow.store.db import Store
from leadflow.store.intake import Origin
from leadflow.store.keys import Vault
from leadflow.store.leads import erased_leads
from leadflow.store.ledger import Ledger
from leadflow.store.outbox import outbox
from leadflow.store.tables import metadata
from tests.store.samples import NOW, Run, add, person

CANARY = "Kanareikin"
ADDRESS = "kanareikin@client.example"


def dump(store: Store) -> str:
    """Every value of every table, as text."""

    def everything(connection: sa.Connection) -> str:
        rows = (
            row for table in metadata.sorted_tables for row in connection.execute(sa.select(table))
        )
        return "\n".join(repr(tuple(row)) for row in rows)

    return store.read(everything).lower()


def test_nothing_in_the_database_names_an_erased_person(shop: Store, vault: Vault) -> None:
    """Planted everywhere a person's data can be; after the erasure it is nowhere, and the lead's bones are still there."""
    fields = {"name": {"last": CANARY}, "email": ADDRESS}
    named = Text(source="{{ lead.name }}", names=(("lead", "name"),))
    frozen = Frozen({"lead.name": ("person", {"last": CANARY})})
    run = Run(shop, vault, fields=fields, number=1, owner="anna")
    run.commit(
        run.mail(to=ADDRESS, frozen=frozen),
        TaskOpened(
            key=run.key("task"),
            task="call",
            assignee=person("owner"),
            title=named,
            body=named,
            frozen=frozen,
        ),
        Pin(key=run.key("pin"), text=named, frozen=frozen),
        MakeDocument(key=run.key("offer"), document="offer", frozen=frozen),
        AudienceChange(key=run.key("audience"), name="nurture", email=ADDRESS),
        notes=[Note("changed", "name", {"value": CANARY})],
        opted_out=("email",),
    )
    assert CANARY.lower() in dump(shop)
    gone = EraseLead(key=f"{run.lead}/pipeline/0/erase/1")
    run.commit(gone, fields={}, title="", pinned="", erased=iso(NOW))
    assert erased_leads(shop, NOW) == []
    assert erased_leads(shop, NOW + timedelta(days=1)) == [run.lead]
    vault.forget(run.lead)
    assert erased_leads(shop, NOW + timedelta(days=1)) == []
    assert CANARY.lower() not in dump(shop)
    rows = outbox(shop, lead=run.lead)
    assert {(row.state, row.reason) for row in rows} == {("suppressed", "erased")}
    ledger = Ledger(shop, vault)
    with pytest.raises(NotFound, match="was erased with its lead"):
        ledger.claim(run.key("send_email:offer"), "worker", NOW)
    again = Run(shop, vault, fields={"email": ADDRESS}, number=2)
    again.commit(again.mail(to=ADDRESS))
    mine = ledger.claim(again.key("send_email:offer"), "worker", NOW)
    assert ledger.hand_over(mine, NOW, NOW).reason == "opted_out"


def test_an_erased_inquiry_may_come_again(shop: Store, vault: Vault) -> None:
    """The inbox forgets the external id, which may itself be an address."""
    origin = Origin("mail", ADDRESS)
    run = Run(shop, vault)
    run.lead = add(shop, vault, origin=origin).lead
    assert ADDRESS in dump(shop)
    run.state = replace(run.state, lead=run.lead)
    run.commit(EraseLead(key=f"{run.lead}/pipeline/0/erase/1"), event="created")
    assert ADDRESS not in dump(shop)
