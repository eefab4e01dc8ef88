"""What boards and lists read: filters, pages, counts, one lead by its number or id."""

from datetime import timedelta
from typing import Any

import pytest

from leadflow.engine.clock import iso
from leadflow.engine.effects import TaskOpened
from leadflow.errors import NotFound
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.leads import Filters, count_leads, find_lead, find_leads, history, load_state
from leadflow.store.outbox import counts, end_alert, find_alerts, outbox
from leadflow.store.todo import find_tasks
from tests.store.samples import NOW, Run, add, person


@pytest.fixture
def leads(shop: Store, vault: Vault) -> list[Run]:
    """Four leads of different kinds, in the order of their numbers."""
    changes: list[dict[str, Any]] = [
        {"owner": "anna", "title": "Пропуск для ИП Иванов", "source": "site"},
        {"owner": "boris", "title": "100% скидка", "stage": "won", "closed": "success"},
        {"owner": "anna", "closed": "failure", "source": "site"},
        {"owner": "anna", "quarantined": "EngineError"},
    ]
    runs = [Run(shop, vault) for _ in changes]
    for run, change in zip(runs, changes, strict=True):
        run.commit(**change)
    return runs


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (Filters(), [4, 3, 2, 1]),
        (Filters(owner="anna"), [4, 3, 1]),
        (Filters(owner="anna", closed="open"), [4, 1]),
        (Filters(closed="closed"), [3, 2]),
        (Filters(closed="success"), [2]),
        (Filters(closed="failure"), [3]),
        (Filters(stage="won"), [2]),
        (Filters(pipeline="shop", source="site"), [3, 1]),
        (Filters(pipeline="other"), []),
        (Filters(kind="deal"), []),
        (Filters(quarantined=True), [4]),
        (Filters(words="иванов"), [1]),
        (Filters(words="100%"), [2]),
        (Filters(words="1_0"), []),
    ],
)
def test_filters(leads: list[Run], filters: Filters, numbers: list[int]) -> None:
    """Each filter narrows, all given ones hold together; words are found in any case, in any script, as they stand."""
    assert [row.number for row in find_leads(leads[0].store, filters)] == numbers


def test_pages_go_on_where_the_last_ended(leads: list[Run]) -> None:
    """By number, so that new leads in between move nothing."""
    store = leads[0].store
    first = find_leads(store, most=2)
    add(store, leads[0].vault)
    second = find_leads(store, before=first[-1].number, most=2)
    assert [row.number for row in (*first, *second)] == [4, 3, 2, 1]


def test_counts_by_stage(leads: list[Run]) -> None:
    """For the columns of a board."""
    store = leads[0].store
    assert count_leads(store) == {("shop", "new"): 3, ("shop", "won"): 1}
    assert count_leads(store, Filters(closed="open", owner="anna")) == {("shop", "new"): 2}


def test_a_lead_is_found_by_its_number_and_by_its_id(leads: list[Run]) -> None:
    """Both names mean the same lead; anything else says where to look."""
    store = leads[0].store
    assert find_lead(store, "2") == find_lead(store, leads[1].lead)
    for name in ("99", "lead-x", "9" * 30, "²", "-1", ""):
        with pytest.raises(NotFound, match="there is no lead") as error:
            find_lead(store, name)
        assert "lead list" in error.value.hint


def test_a_lead_that_has_not_begun(shop: Store, vault: Vault) -> None:
    """Stored and not heard of: it is shown, has no history, and no state to load."""
    added = add(shop, vault, title="Новый клиент")
    row = find_lead(shop, str(added.number))
    assert (row.version, row.stage, row.title, row.created) == (0, "", "Новый клиент", NOW)
    assert history(shop, added.lead) == []
    with pytest.raises(NotFound, match="nothing is known yet"):
        load_state(shop, vault, added.lead)


def test_tasks_are_listed_by_what_is_due(leads: list[Run]) -> None:
    """Of one user, of one lead, or all: what is due first comes first, what is never due last."""
    store = leads[0].store
    for run, hours in zip(leads, (3, 1, None, 2), strict=True):
        due = iso(NOW + timedelta(hours=hours)) if hours else ""
        run.commit(TaskOpened(key=run.key("call"), task="call", assignee=person("owner"), due=due))
    assert [row.number for row in find_tasks(store)] == [2, 4, 1, 3]
    assert [row.number for row in find_tasks(store, user="anna")] == [4, 1, 3]
    assert [row.number for row in find_tasks(store, lead=leads[1].lead)] == [2]
    assert [row.number for row in find_tasks(store, most=1)] == [2]
    assert find_tasks(store, status="done") == []
    assert find_tasks(store)[2].lead_title == "Пропуск для ИП Иванов"


def test_the_outbox_is_filtered_and_accounted_for(leads: list[Run]) -> None:
    """By state, lead, pipeline, template; the accounts name every state, also where there is none."""
    store = leads[0].store
    for run in leads[:2]:
        run.commit(run.mail(), run.mail("send_sms:hello", channel="sms"))
    assert len(outbox(store)) == 4
    assert {row.lead for row in outbox(store, lead=leads[1].lead)} == {leads[1].lead}
    assert len(outbox(store, states=["planned"], template="offer", pipeline="shop")) == 4
    assert outbox(store, states=["accepted", "refused"]) == outbox(store, template="other") == []
    assert len(outbox(store, most=3)) == 3
    accounts = counts(store)
    assert (len(accounts), sum(accounts.values()), accounts["planned"]) == (9, 4, 4)


def test_an_alert_ends_when_somebody_has_seen_to_it(leads: list[Run]) -> None:
    """Once: the second time there is none."""
    store = leads[0].store
    (alert,) = find_alerts(store)
    assert end_alert(store, alert.cause)
    assert not end_alert(store, alert.cause)
    assert find_alerts(store) == []
