"""How leads come in: stored before they are acknowledged, once for each inquiry."""

from datetime import timedelta
from functools import partial

import pytest

from leadflow.engine.clock import iso
from leadflow.engine.events import Actor, Created, Signal
from leadflow.engine.state import Deadline
from leadflow.errors import NotFound
from leadflow.store.db import Store
from leadflow.store.intake import Added, Origin, add_lead, keep_event, told, waiting
from leadflow.store.keys import Vault
from leadflow.store.leads import due_while_closed, find_lead, find_leads, load_state
from tests.store.samples import NOW, PIPELINE, Run, add, together

LETTER = Origin("mail:info", "<1@client.example>")
FIELDS = {"name": {"first": "Иван", "last": "Петров"}, "phone": {"number": "+79161234567"}}


def test_a_new_lead_is_stored_with_all_it_needs_to_begin(shop: Store, vault: Vault) -> None:
    """A lead acknowledged is never lost (P1): row, number, key and first event are there before its workflow is."""
    added = add(shop, vault, fields=FIELDS, source="site", channel="form")
    assert (added.number, added.version, added.repeated) == (1, 0, False)
    row = find_lead(shop, "1")
    assert (row.id, row.pipeline, row.hash, row.stage) == (added.lead, "shop", PIPELINE.hash, "")
    assert (row.title, row.source, row.channel, row.creator) == (
        "Иван Петров",
        "site",
        "form",
        "anna",
    )
    (begun,) = waiting(shop, vault)
    assert (begun.lead, begun.pipeline, begun.hash) == (added.lead, "shop", PIPELINE.hash)
    assert begun.state is None
    (event,) = begun.events
    assert isinstance(event, Created)
    assert (event.number, event.fields) == (1, FIELDS)


def test_what_a_lead_said_first_is_sealed(shop: Store, vault: Vault) -> None:
    """The event that waits is not readable in the database."""
    add(shop, vault, fields=FIELDS)
    rows = shop.read(lambda c: c.exec_driver_sql("SELECT event_sealed FROM starts").scalars().all())
    assert len(rows) == 1
    assert b"+79161234567" not in bytes(rows[0])


def test_the_same_inquiry_gives_the_same_lead(shop: Store, vault: Vault) -> None:
    """The same external id from the same source: the lead there is, as it stands; from another source, a new one."""
    run = Run(shop, vault)
    first = add(shop, vault, origin=LETTER)
    again = add(shop, vault, origin=LETTER, fields=FIELDS)
    assert again == Added(first.lead, first.number, repeated=True)
    other = add(shop, vault, origin=Origin("csv", LETTER.external_id))
    assert other.lead not in {first.lead, run.lead}
    assert len(find_leads(shop)) == 3


def test_external_ids_of_any_length_are_told_apart(shop: Store, vault: Vault) -> None:
    """Ids longer than a database's index takes are kept by their hash."""
    long = "x" * 10_000
    first = add(shop, vault, origin=Origin("csv", long))
    assert add(shop, vault, origin=Origin("csv", long)).lead == first.lead
    assert add(shop, vault, origin=Origin("csv", long + "y")).lead != first.lead


def test_the_same_inquiry_at_two_doors_at_once_makes_one_lead(shop: Store, vault: Vault) -> None:
    """Eight copies in the same moment: one lead, everybody is told which."""
    answers: list[Added] = []
    together([lambda: answers.append(add(shop, vault, origin=LETTER))] * 8)
    assert len({answer.lead for answer in answers}) == 1
    assert sum(not answer.repeated for answer in answers) == 1
    assert len(find_leads(shop)) == 1
    assert len(waiting(shop, vault)) == 1


def test_numbers_have_neither_gaps_nor_twins(shop: Store, vault: Vault) -> None:
    """Leads that come at the same moment get the next numbers, one each."""
    together([partial(add, shop, vault)] * 8)
    assert sorted(row.number for row in find_leads(shop)) == list(range(1, 9))


def test_an_unknown_pipeline_stores_nothing(shop: Store, vault: Vault) -> None:
    """The error names the near miss; no lead, no number, no key is left behind."""
    with pytest.raises(NotFound) as error:
        add_lead(shop, vault, "shpo", Created(id="c"), now=NOW, origin=LETTER)
    assert error.value.hint == "did you mean 'shop'?"
    assert find_leads(shop) == []
    assert add(shop, vault, origin=LETTER).number == 1


def test_what_a_workflow_has_heard_waits_no_more(shop: Store, vault: Vault) -> None:
    """`told` ends the waiting of these events only; the oldest lead comes first."""
    leads = [add(shop, vault).lead for _ in range(3)]
    assert {one.lead for one in waiting(shop, vault)} == set(leads)
    told(shop, leads[0], ["created"])
    told(shop, leads[1], ["another"])
    assert {one.lead for one in waiting(shop, vault)} == set(leads[1:])
    assert [one.lead for one in waiting(shop, vault, leads[2])] == [leads[2]]
    assert len(waiting(shop, vault, most=1)) == 1


def test_the_first_commit_ends_the_waiting(shop: Store, vault: Vault) -> None:
    """A commit proves that the workflow runs: the event it was begun with waits no more."""
    run = Run(shop, vault)
    run.commit(event="created")
    assert waiting(shop, vault) == []


def test_a_late_fact_waits_with_the_state_to_go_on_from(shop: Store, vault: Vault) -> None:
    """A closed lead's fact is kept, once, in order, with the stored state; the reopened run's commit ends its waiting."""
    run = Run(shop, vault)
    run.commit(event="created")
    run.commit(stage="won", closed="success", closed_at=iso(NOW))
    for minute, name in enumerate(("replied", "paid", "replied")):
        event = Signal(id=f"mail-{name}", name=name, actor=Actor(via="mail"))
        keep_event(shop, vault, run.lead, event, NOW + timedelta(minutes=minute))
    (begun,) = waiting(shop, vault)
    assert [event.id for event in begun.events] == ["mail-replied", "mail-paid"]
    assert begun.state == run.state == load_state(shop, vault, run.lead)
    run.commit(event="mail-replied", stage="new", closed="", closed_at="")
    assert [event.id for event in waiting(shop, vault)[0].events] == ["mail-paid"]


def test_a_closed_lead_of_which_something_is_due_is_listed(shop: Store, vault: Vault) -> None:
    """``erase_after`` comes due when no run is there to see it: the sweep finds such leads, and no others."""
    due = Deadline(due=iso(NOW), kind="erase", ref="erase", scope="pipeline/0")
    closed, still_open, later = (Run(shop, vault) for _ in range(3))
    closed.commit(closed="failure", deadlines={"erase": due})
    still_open.commit(deadlines={"erase": due})
    later.commit(
        closed="success",
        deadlines={
            "erase": Deadline(due=iso(NOW + timedelta(days=1)), kind="erase", ref="", scope="")
        },
    )
    assert due_while_closed(shop, NOW) == [closed.lead]
    assert due_while_closed(shop, NOW - timedelta(seconds=1)) == []
