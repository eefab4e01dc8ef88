"""Another version under a running lead: where it stands, what it knows, and what is a refusal."""

from __future__ import annotations

from typing import Any

import pytest

from leadflow.engine.decide import quarantine
from leadflow.engine.effects import TaskChanged
from leadflow.engine.events import ConvertFailed, Released
from leadflow.engine.migrate import migrate
from tests.support.lead import OLGA, TOP, Lead, pipeline

TASK = "create_task: {id: call, title: Call, outcomes: {ok: OK, bad: Bad}}"
PLAIN = f"""
stages:
  new:
    on_enter: [{{{TASK}}}]
    exits: [{{signal: go, goto: next}}, {{task: call, outcome: ok, goto: next}}]
  next:
    exits: [{{signal: done, goto: won}}, {{signal: lose, goto: lost}}]
  won: {{final: success}}
  lost: {{final: failure, reopen: new}}
"""


def moved(lead: Lead, body: str, top: str = TOP) -> Lead:
    """The lead under another version; the laws of a refusal hold."""
    new = pipeline(body, top)
    decision = migrate(lead.pipeline, new, lead.state, lead.now)
    lead.told = decision
    if decision.refusals:
        assert decision.state is lead.state
    else:
        lead.pipeline, lead.state = new, decision.state
        lead.effects.extend(decision.effects)
        lead.notes.extend(decision.notes)
    return lead


def reasons(lead: Lead) -> list[str]:
    return [refusal.message for refusal in lead.told.refusals]


def test_it_goes_on_where_it_stands() -> None:
    """Visit, counters, values and tasks are kept, no entry action runs again; from then on the new version counts."""
    lead = Lead(PLAIN).create(fields={"note": "x", "price": "5"})
    before, told = lead.state, len(lead.effects)
    moved(lead, PLAIN.replace("signal: go,", "signal: start,"))
    after = lead.state
    assert (after.stage, after.visit, after.visits) == (before.stage, before.visit, before.visits)
    assert (after.fields, after.tasks) == (before.fields, before.tasks)
    assert (after.version, after.hash) == (before.version + 1, lead.pipeline.hash)
    assert len(lead.effects) == told
    (note,) = lead.told.notes
    assert (note.kind, note.subject) == ("migrated", lead.pipeline.hash[:12])
    assert lead.signal("go") == ["not_expected"]
    assert lead.signal("start") == []
    assert lead.stage == "next"


def test_a_way_from_anywhere_is_the_same_way() -> None:
    """What waits on the way into an `always` stage goes on waiting; that stage may be gone, too."""
    body = PLAIN.replace(
        "{final: success}", "{final: success, always: true, convert: [{create: [deal]}]}"
    )
    lead = Lead(body).create()
    lead.move("won", by=OLGA)
    assert lead.state.converting is not None
    lead.tell(ConvertFailed(id="f", key=lead.state.converting.key, reason="no"))
    assert moved(lead, body).pending == ["always/won"]
    gone = PLAIN.replace("signal: lose, goto: lost", "signal: lose, goto: won").splitlines()[:-1]
    assert moved(lead, "\n".join(gone)).pending == []


def test_values_that_do_not_fit_are_left_behind() -> None:
    """A field that is gone, a value that is no option any more, a tick of no item: out of the card, into the timeline."""
    ticked = PLAIN.replace("  new:\n", "  new:\n    checklist: {seen: Seen, heard: Heard}\n")
    lead = Lead(ticked).create(fields={"note": "x", "client": "legal", "price": "5"})
    lead.tick("seen", "heard")
    top = TOP.replace("  note: {type: text, label: Note}\n", "").replace(", legal: Company", "")
    moved(lead, ticked.replace(", heard: Heard", ""), top)
    assert lead.state.fields == {"price": "5"}
    assert lead.state.ticks == ("seen",)
    (note,) = lead.noted("left_behind")
    assert note.detail == {"fields": {"note": "x", "client": "legal"}, "ticks": ["heard"]}


def test_a_new_field_has_its_default() -> None:
    """As a lead that begins under that version has it; a field that was there stays as it is."""
    top = TOP + "  rank: {type: text, label: Rank, default: low}\n"
    changed = top.replace("label: Note}", "label: Note, default: z}")
    lead = moved(Lead(PLAIN).create(), PLAIN, changed)
    assert lead.state.fields == {"rank": "low"}


def test_a_task_that_is_gone_is_cancelled() -> None:
    """Also on the board; a sequence that waited for it goes on."""
    body = PLAIN.replace(
        "    exits: [{signal: go",
        "    sequence:\n      steps:\n"
        "        - {after: 1 hour, create_task: {id: form, title: Form}, wait: true}\n"
        "        - {after: 1 hour, send_email: offer}\n"
        "    exits: [{signal: go",
    )
    lead = Lead(body).create(fields={"email": "a@example.com"}).until("11:00")
    assert lead.open == ["call", "form"]
    keys = [lead.state.tasks[name].key for name in lead.open]
    other = body.replace(TASK, "create_task: {id: ring, title: Ring}")
    other = other.replace("task: call, outcome: ok,", "task: ring,").replace(
        "id: form", "id: sheet"
    )
    moved(lead, other)
    assert lead.open == []
    changes = [e for e in lead.told.effects if isinstance(e, TaskChanged)]
    assert [(e.status, e.key) for e in changes] == [("cancelled", key) for key in keys]
    assert lead.until("12:00").sent == ["send_email:offer"]


def test_what_the_new_version_frees_goes_at_once() -> None:
    """An exit that hung on a gate goes if the gate is no more, an exit without trigger if its `if` holds."""
    gate = PLAIN.replace(
        "{task: call, outcome: ok, goto: next}", "{sent: offer, goto: next, requires: [price]}"
    )
    gate = gate.replace(TASK, "send_email: offer")
    lead = Lead(gate).create(fields={"email": "a@example.com"})
    lead.arrive()
    assert (lead.stage, len(lead.pending)) == ("new", 1)
    moved(lead, gate.replace(", requires: [price]", ""))
    assert (lead.stage, lead.pending) == ("next", [])
    moved(lead, gate.replace("{signal: done, goto: won}", "{if: lead.email is set, goto: won}"))
    assert lead.state.closed == "success"


def test_an_exit_that_hung_and_is_gone_hangs_no_more() -> None:
    """Neither does one whose `if` is another now and does not hold."""
    gate = PLAIN.replace(TASK, "send_email: offer").replace(
        "{task: call, outcome: ok, goto: next}", "{sent: offer, goto: next, requires: [price]}"
    )
    for other in ("{signal: ok, goto: next}", '{sent: offer, goto: next, if: lead.note == "x"}'):
        lead = Lead(gate).create(fields={"email": "a@example.com"})
        lead.arrive()
        moved(lead, gate.replace("{sent: offer, goto: next, requires: [price]}", other))
        assert (lead.stage, lead.pending) == ("new", [])
        assert [note.detail for note in lead.noted("stopped")] == [{"reason": "migrated"}]


def test_a_reaction_has_not_turned_true_by_being_written() -> None:
    """A new one whose `if` holds waits until it does again; one that held does not run a second time elsewhere."""
    when = "\n    when: [{if: lead.note is set, do: [{add: {count: 1}}]}]\n    exits: [{signal: go"
    body = PLAIN.replace("\n    exits: [{signal: go", when)
    other = body.replace("when: [", "when: [{if: lead.price is set, do: [{add: {count: 10}}]}, ")
    lead = Lead(PLAIN).create(fields={"note": "x", "price": "1"})
    moved(lead, body)
    lead.set(price="2")
    assert "count" not in lead.state.fields
    lead.set(note=None)
    lead.set(note="y")
    assert lead.state.fields["count"] == "1"
    moved(lead, other)
    lead.set(price="3")
    assert lead.state.fields["count"] == "1"
    lead.set(note=None)
    moved(lead, body)
    lead.set(note="z")
    assert lead.state.fields["count"] == "2"


def test_a_failed_conversion_waits_on_or_is_over() -> None:
    """Its exit and its task stay while the new version has them, else both end; while it is made nothing moves."""
    body = PLAIN.replace("{final: success}", "{final: success, convert: [{create: [deal]}]}")
    body = body.replace("signal: go, goto: next", "signal: go, goto: won")
    lead = Lead(body).create()
    lead.signal("go")
    assert lead.state.converting is not None
    assert reasons(moved(lead, body)) == ["the lead is just being converted"]
    lead.tell(ConvertFailed(id="f", key=lead.state.converting.key, reason="no"))
    moved(lead, body.replace("OK", "Fine"))
    assert (lead.open, len(lead.pending)) == (["call", "convert_failed"], 1)
    moved(lead, body.replace("signal: go,", "signal: start,"))
    assert (lead.open, lead.pending) == (["call"], [])


TRACKS = """
stages:
  new:
    tracks:
      papers: {title: Papers, stages: {one: {exits: [{signal: a, goto: two}]}, two: {exits: [{signal: b, goto: end}]}, end: {final: success}}}
      money: {title: Money, stages: {wait: {exits: [{signal: c, goto: paid}]}, paid: {final: success}}}
    exits: [{signal: go, goto: won}]
  won: {final: success}
"""


def test_tracks_go_on() -> None:
    """Each in its stage, with its visit."""
    lead = Lead(TRACKS).create()
    lead.signal("a")
    before = lead.state.tracks
    moved(lead, TRACKS.replace("signal: b", "signal: d"))
    assert lead.state.tracks == before
    assert lead.signal("d") == []
    assert lead.state.tracks["papers"].done == "success"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("one:", "first:"), "the new version has no stage 'papers.one'"),
        (("money:", "cash:"), "the new version has no track 'money' in this stage"),
        (("money:", "cash:"), "the new version has a track 'cash' here that has not begun"),
        (("{exits: [{signal: c, goto: paid}]}, paid: {final: success}", "{final: success}"),
         "in the new version the stage 'money.wait' is final"),
    ],
)  # fmt: skip
def test_a_track_that_is_not_as_it_was_is_refused(change: tuple[str, str], message: str) -> None:
    """Nobody can say where the lead stands in it."""
    lead = moved(Lead(TRACKS).create(), TRACKS.replace(*change))
    assert message in reasons(lead)


def test_stages_that_are_not_as_they_were_are_refused() -> None:
    """The stage is gone, belongs to a track, is final; the pipeline is another; deals are no leads."""
    lead = Lead(PLAIN).create()
    moved(lead, PLAIN.replace("  new:", "  fresh:").replace("reopen: new", "reopen: fresh"))
    assert reasons(lead) == ["the new version has no stage 'new'"]
    final = "\nstages:\n  a: {exits: [{signal: x, goto: new}]}\n  new: {final: failure}\n"
    assert reasons(moved(lead, final)) == ["in the new version the stage 'new' is final"]
    other = TOP.replace("pipeline: test", "pipeline: other")
    assert reasons(moved(lead, PLAIN, other)) == ["'other' is another pipeline"]
    deals = TOP.replace("pipeline: test", "pipeline: test\nkind: deal")
    assert reasons(moved(lead, PLAIN, deals)) == ["'test' is another pipeline"]


def test_only_open_leads_move() -> None:
    """One that has not begun and one that is closed keep their version."""
    lead = Lead(PLAIN)
    assert reasons(moved(lead, PLAIN)) == ["the lead has not begun yet"]
    lead.create()
    lead.signal("go")
    lead.signal("lose")
    assert moved(lead, PLAIN).refused == ["closed"]
    lead.reopen(by=OLGA)
    assert moved(lead, PLAIN).refused == []


def test_a_quarantined_lead_moves_and_is_released_under_the_new_version() -> None:
    """The way out of a loop: mend it, publish, migrate, release."""
    loop = PLAIN.replace("{signal: done, goto: won}", "{if: lead.note is set, goto: new}").replace(
        "{signal: go, goto: next}", "{if: lead.note is set, goto: next}"
    )
    lead = Lead(loop).create()
    fact: Any = lead.fact
    lead.state = quarantine(lead.state, "a loop without a wait")
    fact("replied")
    assert len(lead.state.held) == 1
    moved(lead, PLAIN)
    assert (lead.refused, bool(lead.state.quarantined), len(lead.state.held)) == ([], True, 1)
    lead.tell(Released(id="r"))
    assert not lead.state.quarantined
    assert not lead.state.held


def test_a_version_that_cannot_go_on_is_refused() -> None:
    """A loop without a wait would park every lead: they stay where they are."""
    loop = PLAIN.replace("{signal: go, goto: next}", "{if: lead.note is set, goto: next}").replace(
        "{signal: done, goto: won}", "{if: lead.note is set, goto: new}"
    )
    lead = moved(Lead(PLAIN).create(fields={"note": "x"}), loop)
    (reason,) = reasons(lead)
    assert reason.startswith("the new version cannot go on from here: more than 50 exits")
