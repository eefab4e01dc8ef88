"""Conversion: contact, company and deal, all or nothing, once."""

from typing import Any

import pytest
import sqlalchemy as sa

from leadflow.engine.effects import ConvertLead
from leadflow.engine.events import ConvertDone, ConvertFailed, Created
from leadflow.store.db import Store
from leadflow.store.intake import waiting
from leadflow.store.keys import Vault
from leadflow.store.leads import Filters, find_leads
from leadflow.store.tables import companies, contacts, deals
from tests.store.samples import DEALS, Run, together

ALL = ("contact", "company", "deal")
FIELDS: dict[str, Any] = {
    "contact": {"name": {"first": "Иван", "last": "Петров"}, "phone": {"number": "+79161234567"}},
    "company": {"phone": {"number": "+79161234567"}},
    "deal": {"price": "12500", "unknown": "x"},
}
TABLES = {"contact": contacts, "company": companies, "deal": deals}


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    return Run(shop, vault, number=1, owner="anna", source="site", title="Пропуска")


def conversion(run: Run, *create: str, number: int = 1, pipeline: str = DEALS.id) -> ConvertLead:
    key = f"{run.lead}/pipeline/0/convert/{number}"
    fields = {record: FIELDS.get(record, {}) for record in create}
    return ConvertLead(key=key, create=create, pipeline=pipeline, fields=fields, conversion=number)


def records(store: Store) -> dict[str, list[Any]]:
    def all_rows(connection: sa.Connection) -> dict[str, list[Any]]:
        return {name: list(connection.execute(sa.select(table))) for name, table in TABLES.items()}

    return store.read(all_rows)


def done(run: Run, effect: ConvertLead) -> dict[str, str]:
    (fact,) = run.commit(effect).facts
    assert isinstance(fact, ConvertDone)
    assert fact.key == effect.key
    return fact.created


def test_a_person_and_his_company_become_three_linked_records(run: Run) -> None:
    """Each record gets its fields, owner and source; the deal links to both, the contact to the company."""
    created = done(run, conversion(run, *ALL))
    rows = records(run.store)
    (contact,), (company,), (deal,) = rows["contact"], rows["company"], rows["deal"]
    assert created == {"contact": contact.id, "company": company.id, "deal": deal.id}
    assert (contact.title, contact.fields) == ("Иван Петров", FIELDS["contact"])
    assert (company.title, company.fields) == ("+7 916 123-45-67", FIELDS["company"])
    assert (contact.company, deal.contact, deal.company) == (company.id, contact.id, company.id)
    assert (deal.title, deal.fields, deal.source, deal.owner) == (
        "Пропуска",
        FIELDS["deal"],
        "site",
        "anna",
    )
    assert {row.lead for row in (contact, company, deal)} == {run.lead}


@pytest.mark.parametrize("create", [("deal",), ("contact", "deal"), ("contact",)])
def test_only_what_is_wanted_is_made(run: Run, create: tuple[str, ...]) -> None:
    """A known client gets a deal only, a person no company (S42)."""
    created = done(run, conversion(run, *create, pipeline=DEALS.id if "deal" in create else ""))
    assert set(created) == set(create)
    assert {name: len(rows) for name, rows in records(run.store).items()} == {
        name: int(name in create) for name in TABLES
    }


def test_a_deal_begins_its_own_life(run: Run) -> None:
    """It is stored as a run of kind deal in its pipeline, with the fields that pipeline knows, and waits to begin."""
    done(run, conversion(run, *ALL))
    (life,) = find_leads(run.store, Filters(kind="deal"))
    (deal,) = records(run.store)["deal"]
    assert (deal.run, deal.pipeline) == (life.id, DEALS.id)
    assert (life.title, life.source, life.fields) == ("Пропуска", "site", {"price": "12500"})
    (begun,) = waiting(run.store, run.vault, life.id)
    assert isinstance(begun.events[0], Created)
    assert begun.events[0].actor.user == "anna"


def test_without_a_pipeline_a_deal_is_a_record_only(run: Run) -> None:
    """No pipeline named: the row is there, nothing is begun."""
    done(run, conversion(run, "deal", pipeline=""))
    assert records(run.store)["deal"][0].run == ""
    assert find_leads(run.store, Filters(kind="deal")) == []


def test_a_conversion_counts_once(run: Run) -> None:
    """The same commit again, and the same conversion under another version: the rows that are there, no others."""
    batch = run.batch(conversion(run, *ALL))
    together([lambda: run.apply(batch)] * 4)
    first = records(run.store)
    assert done(run, conversion(run, *ALL)) == {name: rows[0].id for name, rows in first.items()}
    assert records(run.store) == first
    assert len(find_leads(run.store, Filters(kind="deal"))) == 1


def test_a_reopened_lead_may_convert_again(run: Run) -> None:
    """A second conversion makes rows of its own."""
    done(run, conversion(run, *ALL))
    done(run, conversion(run, "deal", number=2))
    assert {name: len(rows) for name, rows in records(run.store).items()} == {
        "contact": 1,
        "company": 1,
        "deal": 2,
    }


@pytest.mark.parametrize(
    ("create", "pipeline", "reason"),
    [
        ((), "", "nothing can be made of: nothing"),
        (("contact", "robot"), "", "nothing can be made of: robot"),
        (("contact",), DEALS.id, "pipeline 'shop-deal' is for a deal, and none is to be made"),
        (ALL, "nowhere", "there is no pipeline 'nowhere': publish it"),
        (ALL, "shop", "pipeline 'shop' is for leads, not for deals"),
    ],
)
def test_a_contradiction_makes_nothing(
    run: Run, create: tuple[str, ...], pipeline: str, reason: str
) -> None:
    """Not one row is there, and the lead hears why."""
    (fact,) = run.commit(conversion(run, *create, pipeline=pipeline)).facts
    assert isinstance(fact, ConvertFailed)
    assert fact.reason == reason
    assert records(run.store) == {"contact": [], "company": [], "deal": []}
