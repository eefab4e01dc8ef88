"""Finding a responsible in the commit: in turn, by load, by role; nobody twice, nobody who is not there."""

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from leadflow.engine.effects import FindOwner, TaskOpened
from leadflow.engine.events import OwnerFound
from leadflow.engine.expr import Ref
from leadflow.engine.pipeline import Assignee, People, Text
from leadflow.engine.state import TaskRun
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.leads import find_lead
from leadflow.store.todo import find_tasks
from tests.store.samples import Run, in_turn, least_busy, person, together


def find(run: Run, to: Assignee, **more: Any) -> OwnerFound:
    """What a commit answers that has to find an owner."""
    key = f"{run.lead}/pipeline/0/owner:routing/{run.state.version}"
    return answered(run, FindOwner(key=key, to=to, **more), finding=key)


def answered(run: Run, effect: FindOwner | TaskOpened, **change: Any) -> OwnerFound:
    (fact,) = run.commit(effect, number=1, **change).facts
    assert isinstance(fact, OwnerFound)
    assert fact.key == effect.key
    return fact


def owners(shop: Store, vault: Vault, to: Assignee, leads: int) -> list[str]:
    """Whom so many leads are given to, one after the other."""
    return [find(Run(shop, vault), to).owner for _ in range(leads)]


def test_round_robin_begins_with_the_first_listed(shop: Store, vault: Vault) -> None:
    """One after the other, in the order of the team, then from the front again (S14)."""
    assert owners(shop, vault, in_turn("sales"), 5) == ["anna", "boris", "vera", "anna", "boris"]


def test_each_list_has_a_turn_of_its_own(shop: Store, vault: Vault) -> None:
    """A list of users and a team do not disturb each other; a list keeps the order it is written in."""
    assert owners(shop, vault, in_turn("sales"), 1) == ["anna"]
    assert owners(shop, vault, in_turn("vera", "anna"), 3) == ["vera", "anna", "vera"]
    assert owners(shop, vault, in_turn("sales"), 1) == ["boris"]


def test_the_reason_names_the_list_and_the_last(shop: Store, vault: Vault) -> None:
    """Why this person (X11)."""
    reasons = [find(Run(shop, vault), in_turn("sales"), why="routing").why for _ in range(2)]
    assert reasons == [
        "routing: round robin of sales: the first",
        "routing: round robin of sales: after anna",
    ]


def test_former_owners_are_passed_over(shop: Store, vault: Vault) -> None:
    """Reassignment never gives a lead back; whoever is left out has the next turn all the same."""
    run = Run(shop, vault)
    assert find(run, in_turn("sales"), never=("anna",)).owner == "boris"
    nobody = find(run, in_turn("sales"), never=("anna", "boris", "vera"))
    assert (nobody.owner, nobody.why) == ("", "nobody of 'sales': everybody there has had it")
    assert find_lead(shop, run.lead).owner == ""
    assert find(run, in_turn("sales")).owner == "vera"


def test_users_who_are_not_there_are_skipped(shop: Store, vault: Vault) -> None:
    """A name that no user has (any more) is nobody; a list of such names finds nobody and says so."""
    assert owners(shop, vault, in_turn("gone", "boris", "vera"), 3) == ["boris", "vera", "boris"]
    nobody = find(Run(shop, vault), in_turn("gone"))
    assert (nobody.owner, nobody.why) == ("", "nobody of 'gone': there is no such user")


@pytest.mark.parametrize(
    "to", [in_turn("sales"), least_busy("sales")], ids=["in_turn", "least_busy"]
)
def test_leads_that_come_together_are_shared_out(shop: Store, vault: Vault, to: Assignee) -> None:
    """Nine leads committed in the same moments: three for each of three."""
    runs = [Run(shop, vault) for _ in range(9)]
    found: list[str] = []
    together([lambda run=run: found.append(find(run, to).owner) for run in runs])  # type: ignore[misc]  # bound now
    assert Counter(found) == {"anna": 3, "boris": 3, "vera": 3}


def test_least_busy_is_who_has_the_fewest_open_leads(shop: Store, vault: Vault) -> None:
    """Closed leads do not count; of equals the first listed; an owner found counts at once."""
    for owner, closed in (
        ("anna", ""),
        ("boris", ""),
        ("boris", ""),
        ("vera", "success"),
        ("vera", "failure"),
    ):
        Run(shop, vault).commit(owner=owner, closed=closed)
    found = find(Run(shop, vault), least_busy("sales"))
    assert (found.owner, found.why) == ("vera", "least busy of sales: 0 open")
    assert owners(shop, vault, least_busy("sales"), 3) == ["anna", "vera", "anna"]


@pytest.mark.parametrize(
    ("to", "owner"),
    [
        (person("supervisor"), "olga"),
        (person("admin"), "root"),
        (person("gone", "creator"), "boris"),
        (Assignee(people=People(exprs=(Ref(("lead", "manager")),))), "vera"),
        (Assignee(people=People(names=("gone",), exprs=(Ref(("owner",)),))), "anna"),
        (Assignee(how="nobody"), ""),
    ],
)
def test_roles_and_fields_mean_people(shop: Store, vault: Vault, to: Assignee, owner: str) -> None:
    """The owner's supervisor, an admin, who entered the lead, who stands in a field."""
    run = Run(shop, vault, owner="anna", creator="boris", fields={"manager": "vera"})
    assert find(run, to).owner == owner


def test_where_there_is_no_supervisor(shop: Store, vault: Vault) -> None:
    """Of a lead without owner everybody who supervises; of an owner without one, the admins (S31)."""
    assert find(Run(shop, vault), person("supervisor")).owner == "olga"
    assert find(Run(shop, vault, owner="vera"), person("supervisor")).owner == "root"


def test_nobody_is_sought_for_a_lead_that_was_given_away_meanwhile(
    shop: Store, vault: Vault
) -> None:
    """The engine does not wait for this answer any more: no fact, and nobody's turn is used up."""
    run = Run(shop, vault, number=1, owner="vera")
    effect = FindOwner(key=f"{run.lead}/pipeline/0/owner:routing/1", to=in_turn("sales"))
    assert run.commit(effect, finding="").facts == ()
    assert find_lead(shop, run.lead).owner == "vera"
    assert owners(shop, vault, in_turn("sales"), 1) == ["anna"]


def test_everything_in_the_commit_knows_the_owner_it_found(shop: Store, vault: Vault) -> None:
    """The board shows the owner at once; a task of the owner is his, and its title may name him, before the search too."""
    run = Run(shop, vault, number=1)
    named = Text(
        source="{{ owner.name }} звонит клиенту №{{ lead.number }}",
        names=(("owner", "name"), ("lead", "number")),
    )
    task = TaskOpened(
        key=run.key("create_task:call"), task="call", assignee=person("owner"), title=named
    )
    key = f"{run.lead}/pipeline/0/owner:routing/1"
    run.commit(task, FindOwner(key=key, to=in_turn("sales")), finding=key)
    assert find_lead(shop, run.lead).owner == "anna"
    (row,) = find_tasks(shop, user="anna")
    assert row.title == "Анна звонит клиенту №1"


def open_papers(run: Run, to: Assignee, *, known: str = "", occurrence: int = 1) -> TaskOpened:
    """A task for somebody, as the engine has opened it; ``known``: the assignee it knows."""
    key = run.key("create_task:papers", occurrence)
    state = TaskRun(id="papers", key=key, scope="stage/1", assignee=known)
    run.state = replace(run.state, tasks={"papers": state}, number=1)
    return TaskOpened(key=key, task="papers", assignee=to)


def test_a_task_for_somebody_of_a_team(shop: Store, vault: Vault) -> None:
    """The assignee that only the database knows is told to the lead; tasks have turns of their own."""
    runs = [Run(shop, vault) for _ in range(2)]
    opened = [open_papers(run, in_turn("sales")) for run in runs]
    found = [answered(run, task).owner for run, task in zip(runs, opened, strict=True)]
    assert found == ["anna", "boris"]
    assert owners(shop, vault, in_turn("sales"), 1) == ["anna"]


def test_an_assignee_that_the_lead_knows_is_not_told_again(shop: Store, vault: Vault) -> None:
    """A person named: the row shows him, and there is nothing to answer."""
    run = Run(shop, vault)
    assert run.commit(open_papers(run, person("vera"), known="vera")).facts == ()
    assert [row.assignee for row in find_tasks(shop, lead=run.lead)] == ["vera"]
