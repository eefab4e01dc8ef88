"""Verbs that add leads and decide about them, on an installation that runs."""

from __future__ import annotations

import re

import msgspec
import pytest

from commands import acting
from commands.acting import Desk
from leadflow.engine.events import Actor, AnyEvent, Moved
from leadflow.engine.state import Pending, State
from leadflow.ports import Answer
from leadflow.store.leads import LeadRow
from tests.cli.program import Done, Here
from workflows.gateway import TemporalGateway

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

NO_NUMBER = "there is no lead 999999"


def added(running: Here, *more: str) -> str:
    """The number of a new lead."""
    done = running("lead", "add", "calls", "phone=+79161234567", "--json", *more)
    assert done.status == 0, done
    return str(done.json["number"])


def stage(running: Here, number: str) -> str:
    found: str = running("lead", "show", number, "--json").json["stage"]
    return found


def numbers(running: Here) -> list[int]:
    return [each["number"] for each in running("lead", "list", "--json").json]


def refused(done: Done, *lines: str) -> None:
    """A refusal: status 1, nothing on stdout, these lines among the reasons."""
    assert (done.status, done.out) == (1, "")
    said = [line.strip() for line in done.err.splitlines()]
    assert said[0].startswith("refused: ")
    assert [line for line in lines if line not in said] == []


def test_a_lead_is_added_and_shown(running: Here) -> None:
    """It begins in the first stage with an owner; its values are made canonical; list, show and history have it."""
    told = running("lead", "add", "calls", "phone=8 (916) 123-45-67", "name=Анна Ким").out
    number = told.split()[1].rstrip(":")
    assert told.startswith(f"lead {number}: new (Новая), owner ")
    card = running("lead", "show", number).out
    assert "Телефон: +7 916 123-45-67" in card
    assert "Позвонить: +7 916 123-45-67" in card
    assert f"\n{number} " in "\n" + running("lead", "list", "--stage", "new", "--find", "Ким").out
    history = running("lead", "history", number).out
    assert "entered new" in history
    assert "[specs/calls.yaml:" in history


def test_the_same_external_id_is_the_same_lead(running: Here) -> None:
    """A second `lead add` with the same external id gives the first lead back; without one, or of another source, not."""
    first = added(running, "--external-id", "form-1", "--source", "site")
    assert added(running, "--external-id", "form-1", "--source", "site") == first
    assert added(running, "--external-id", "form-1", "--source", "fair") != first


def test_a_field_named_twice_is_told_by_its_name(running: Here) -> None:
    """Of a field that holds one value the key that stands twice is named; a list is for fields with several."""
    before = numbers(running)
    twice = running("lead", "add", "calls", "phone=+79161234567", "price=1", "price=2")
    refused(twice, "price: 2 values are given, and it holds one; give one of them")
    assert numbers(running) == before


def test_a_field_that_is_given_and_cleared_at_once(here: Here) -> None:
    """Nobody can mean both: the command line says which key it is, whichever comes first."""
    for words in (["price=1", "price="], ["price=", "price=1"]):
        done = here("lead", "set", "1", *words)
        assert done.status == 2
        assert "'price' is given twice, once with nothing; give it once" in done.err


def test_what_cannot_be_read_adds_no_lead(running: Here) -> None:
    """Each bad value is named with what to write; unknown names get their near miss; no lead is made."""
    before = numbers(running)
    bad = running("lead", "add", "calls", "phone=12", "prise=100")
    refused(bad, "phone: '12' is not a phone number; write it like +7 916 123-45-67")
    assert "did you mean 'price'?" in bad.err
    unknown = running("lead", "add", "cals", "phone=+79161234567")
    assert (unknown.status, unknown.err) == (
        3,
        "error: there is no pipeline 'cals'\nhint: did you mean 'calls'?\n",
    )
    stranger = running("lead", "add", "calls", "phone=+79161234567", "--by", "ana")
    assert (stranger.status, stranger.err) == (
        3,
        "error: unknown user 'ana'\nhint: did you mean 'anna'?\n",
    )
    assert numbers(running) == before


@pytest.mark.parametrize(
    "verb",
    [["lead", "show"], ["lead", "why"], ["lead", "history"], ["lead", "wake"], ["lead", "reopen"]],
    ids=" ".join,
)
def test_a_lead_that_does_not_exist(running: Here, verb: list[str]) -> None:
    """Status 3, and where the numbers are found."""
    done = running(*verb, "999999")
    assert (done.status, done.out) == (3, "")
    assert done.err == f"error: {NO_NUMBER}\nhint: `leadflow lead list` shows the numbers\n"


def test_a_refusal_names_everything_and_changes_nothing(running: Here) -> None:
    """What blocks a decision is told, each with its command; typed as told, they let it pass."""
    number = added(running)
    before = running("lead", "show", number, "--json").json
    done = running("task", "done", number, "contact", "--outcome", "reached")
    refused(
        done,
        f"not ticked heard (Клиент выслушан): leadflow lead tick {number} heard",
        f"missing price (Стоимость): leadflow lead set {number} price=…",
        f"missing email (E-mail): leadflow lead set {number} email=…",
    )
    assert running("lead", "show", number, "--json").json == before
    refused(running("lead", "set", number, "price=dear"))
    assert running("lead", "tick", number, "heard", "--by", "anna").status == 0
    assert running("lead", "set", number, "price=12 500", "email=a@example.com").status == 0
    assert running("task", "done", number, "contact", "--outcome", "reached").status == 0
    assert stage(running, number) == "offered"
    history = running("lead", "history", number, "--json").json
    (ticked,) = [each for each in history if each["kind"] == "Ticked"]
    assert ticked["actor"] == "anna"
    assert ticked["via"].startswith("cli:")


def test_a_refusal_as_data(running: Here) -> None:
    """With --json the reasons come as data, and the status is 1 all the same."""
    number = added(running)
    done = running("lead", "move", number, "won", "--json")
    assert done.status == 1
    assert [each["id"] for each in done.json["refusals"]] == ["not_expected"]
    assert (done.json["number"], done.json["stage"]) == (int(number), "new")


def test_what_nobody_declared_gets_a_near_miss(running: Here) -> None:
    """A signal, task, stage or outcome that is unknown: what was meant, or what is open now."""
    number = added(running)
    assert "did you mean 'agreed'?" in running("lead", "signal", number, "agred").err
    assert "did you mean 'contact'?" in running("task", "done", number, "contakt").err
    moved = running("lead", "move", number, "offred")
    assert (moved.status, "did you mean 'offered'?" in moved.err) == (3, True)
    refused(
        running("lead", "signal", number, "agreed"),
        "open now:",
        f"leadflow task done {number} contact --outcome no_answer",
        f"leadflow lead move {number} lost",
    )


def test_sleeping_and_waking(running: Here) -> None:
    """A snoozed lead says until when; waking one that is awake is refused."""
    number = added(running)
    assert running("lead", "snooze", number, "2 weeks").status == 0
    assert "snoozed until" in running("lead", "show", number).out
    assert running("lead", "wake", number).status == 0
    assert running("lead", "wake", number).status == 1
    assert running("lead", "snooze", number, "sometime soon").status == 2


def test_owners_and_due_dates(running: Here) -> None:
    """A lead and its task change hands; a task is postponed; tasks are listed by user."""
    number = added(running, "--owner", "anna")
    assert running("lead", "assign", number, "boris").out == (
        f"lead {number}: new (Новая), owner boris\n"
    )
    assert "did you mean 'boris'?" in running("lead", "assign", number, "borys").err
    assert running("task", "postpone", number, "contact", "3 hours").status == 0
    tasks = running("task", "list", "--user", "boris", "--lead", number, "--json").json
    assert [(each["task"], each["due"] is not None) for each in tasks] == [("contact", True)]
    assert running("task", "list", "--user", "anna", "--lead", number).out == "No tasks.\n"
    pressed = running("task", "press", number, "contact", "Отправить")
    refused(pressed, "the task 'contact' has no button 'Отправить'")


def test_closing_reopening_converting(running: Here) -> None:
    """Closed leads refuse decisions but reopening; a conversion makes its records once."""
    number = added(running, "name=Анна Ким")
    assert running("lead", "move", number, "lost").out.startswith(
        f"lead {number}: lost (Отказ), closed"
    )
    refused(
        running("lead", "signal", number, "agreed"),
        f"the lead is closed; reopen it first: leadflow lead reopen {number}",
    )
    assert running("lead", "reopen", number).out.startswith(f"lead {number}: new (Новая)")
    running("lead", "tick", number, "heard")
    running("lead", "set", number, "price=1", "email=b@example.com")
    assert running("task", "done", number, "contact", "--outcome", "reached").status == 0
    converted = running("lead", "convert", number)
    assert converted.out.startswith(f"lead {number}: won (Продано), closed: success"), converted
    told = running("lead", "history", number).out
    assert re.search(r"^ +converted \(created contact\)", told, re.MULTILINE)
    again = running("lead", "signal", number, "agreed")
    refused(again, "the lead is closed, and 'won' is not a stage to reopen from")
    assert "lead reopen" not in again.err


def test_a_conversion_under_way_is_told(running: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a conversion takes longer than one waits, that is said, with where to look, and no old stage."""
    number = added(running)
    real = Desk.state

    def state(open_desk: Desk, lead: LeadRow) -> State:
        found = real(open_desk, lead)
        return msgspec.structs.replace(found, converting=Pending(ref="x", scope="x"))

    monkeypatch.setattr(acting, "SHOWN_SECONDS", 0.1)
    monkeypatch.setattr(Desk, "state", state)
    assert running("lead", "tick", number, "heard").out == (
        f"lead {number}: converting …; `leadflow lead show {number}`\n"
    )


def test_a_refusal_after_a_race_names_one_stage(
    running: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else was quicker: the stage where the lead is now is named, not that where it was looked up."""
    number = added(running)
    real = TemporalGateway.act

    async def late(gateway: TemporalGateway, lead: str, event: AnyEvent) -> Answer:
        quicker = Moved(id=f"{event.id}/quicker", actor=Actor(admin=True), stage="lost")
        await gateway.settled(lead, (await real(gateway, lead, quicker)).version)
        return await real(gateway, lead, event)

    monkeypatch.setattr(TemporalGateway, "act", late)
    done = running("task", "done", number, "contact", "--outcome", "no_answer")
    refused(done, f"refused: lead {number} stays in lost (Отказ)")
    assert "new" not in done.err


def test_a_list_says_that_it_is_cut_off(running: Here) -> None:
    """Beside a list that is not whole: how many there are, and the option that shows them; JSON has no such line."""
    added(running, "name=Листов")
    added(running, "name=Листов")
    cut = running("lead", "list", "--find", "Листов", "--limit", "1")
    assert cut.err == "1 of 2; --limit 2 shows all\n"
    assert len(cut.out.splitlines()) == 2
    assert running("lead", "list", "--find", "Листов").err == ""
    assert running("lead", "list", "--find", "Листов", "--limit", "1", "--json").err == ""


def test_why_gives_commands_that_work(running: Here) -> None:
    """`lead why` names the line and the least that moves the lead; the commands it gives move it."""
    number = added(running)
    told = running("lead", "why", number).out
    assert told.startswith(f"lead {number} waits in new (Новая)\n")
    assert "[specs/calls.yaml:" in told
    assert "not yet: fill in 'Стоимость'" in told
    assert "the shortest way on:" in told
    data = running("lead", "why", number, "--json").json
    assert data["closest"] == [{"do": "task", "id": "contact", "outcome": "no_answer"}]
    last = told.splitlines()[-1].split()
    assert running(*last[1:]).status == 0
    assert stage(running, number) == "lost"


def test_a_fact_picks_no_conversion(here: Here) -> None:
    """Nobody stands behind it who could: the command line says so before anything happens."""
    done = here("lead", "signal", "1", "paid", "--into", "contact")
    assert done.status == 2
    assert "'paid' is a fact" in done.err
    assert "--into" in done.err


def test_a_fact_is_never_refused(running: Here) -> None:
    """A reply is recorded and stops the sequence, whatever the stage expects."""
    number = added(running)
    done = running("lead", "signal", number, "replied")
    assert (done.status, done.out.startswith(f"lead {number}: new")) == (0, True)
    assert "signal replied" in running("lead", "history", number).out
