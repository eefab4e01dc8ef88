"""Which exit goes (language.md, Meaning 2): the first that is meant and whose `if` holds, level by level."""

from tests.support.lead import ADMIN, OLGA, STRANGER, Lead

STAGES = """
stages:
  one:
    exits:
      - {signal: go, if: lead.price > 100, goto: dear}
      - {signal: go, goto: cheap, requires: [email]}
      - {signal: go, goto: never}
  dear: {final: success}
  cheap: {final: success}
  never: {final: success}
"""


def test_the_first_in_the_file_whose_condition_holds() -> None:
    """Meaning 2: `if` chooses."""
    lead = Lead(STAGES).create(fields={"price": "200"})
    lead.signal("go")
    assert lead.stage == "dear"


def test_a_blocked_exit_does_not_fall_through() -> None:
    """Meaning 2: gates block: the third exit is not taken because the second, chosen, lacks an address."""
    lead = Lead(STAGES).create()
    assert lead.signal("go") == ["email"]
    assert lead.stage == "one"
    lead.signal("go", fields={"email": "a@example.com"})
    assert lead.stage == "cheap"


def test_a_signal_no_way_here_takes_is_not_expected() -> None:
    """Refusals: ``not_expected`` (no such way here), ``not_now`` (its `if` does not hold)."""
    lead = Lead("""
stages:
  one: {exits: [{signal: go, if: lead.price > 100, goto: two}]}
  two: {final: success}
""").create()
    assert lead.signal("other") == ["not_expected"]
    assert lead.signal("go") == ["not_now"]


def test_by_blocks_and_does_not_choose() -> None:
    """Meaning 2: ``by`` blocks; the default is owner, supervisor, admin."""
    lead = Lead("""
stages:
  one:
    exits:
      - {signal: go, by: [admin], goto: two}
      - {signal: go, goto: three}
      - {signal: end, label: End, goto: three}
  two: {final: success}
  three: {final: success}
""").create()
    assert lead.signal("go") == ["not_allowed"]
    assert lead.signal("end", by=STRANGER) == ["not_allowed"]
    assert lead.signal("end", by=OLGA) == []
    other = Lead(lead.pipeline).create()
    assert other.signal("go", by=ADMIN) == []
    assert other.stage == "two"


def test_by_holds_for_reactions_too() -> None:
    """Meaning 2: a reaction to a decision is for those it names."""
    lead = Lead("""
stages:
  one:
    when: [{signal: flag, label: Flag, by: [supervisor], do: [{set: {note: seen}}]}]
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create()
    assert lead.signal("flag") == ["not_allowed"]
    assert lead.signal("flag", by=OLGA) == []
    assert lead.state.fields["note"] == "seen"


def test_a_fact_needs_nobodys_permission() -> None:
    """Meaning 3: ``by`` is for decisions; a fact has happened."""
    lead = Lead("""
stages:
  one: {exits: [{signal: replied, goto: two}]}
  two: {final: success}
""").create()
    assert lead.fact("replied", channel="email") == []
    assert lead.stage == "two"


def test_a_fact_no_exit_expects_is_only_recorded() -> None:
    """Meaning 3: accepted, noted, nothing else."""
    lead = Lead("""
stages:
  one: {exits: [{signal: end, goto: two}]}
  two: {final: success}
""").create()
    assert lead.fact("signed") == []
    assert (lead.stage, lead.told.effects) == ("one", ())
    assert [note.subject for note in lead.told.notes] == ["signed"]


def test_the_pipeline_is_asked_last() -> None:
    """Meaning 1 (c): one exit in each track; if none, in the stage; if none, in the pipeline, if it stands here."""
    lead = Lead("""
exits:
  - {signal: go, goto: whole, stages: [one]}
  - {signal: stop, goto: whole, stages: [one]}
stages:
  one: {exits: [{signal: go, goto: two}]}
  two: {exits: [{signal: end, goto: whole}]}
  whole: {final: success}
""").create()
    assert lead.signal("go") == []
    assert lead.stage == "two"
    assert lead.signal("stop") == ["not_expected"]
    other = Lead(lead.pipeline).create()
    other.signal("stop")
    assert other.stage == "whole"


def test_a_changed_field_chooses_an_exit() -> None:
    """**Trigger** ``changed``: each of a list; a chosen but blocked one stays pending, the edit stays (Meaning 3)."""
    lead = Lead("""
stages:
  one:
    exits: [{changed: [note, client], if: lead.client == "legal", goto: two, requires: [email]}]
  two: {final: success}
""").create()
    lead.set(note="x")
    assert lead.pending == []
    assert lead.set(client="legal") == []
    assert lead.state.fields["client"] == "legal"
    assert lead.pending == ["one/exits/0"]
    lead.set(email="a@example.com")
    assert lead.stage == "two"


def test_a_task_chooses_by_its_outcome() -> None:
    """**Trigger** ``task`` + ``outcome``; the exit's `if` sees the outcome too."""
    lead = Lead("""
stages:
  one:
    on_enter: [{create_task: {id: ask, title: Ask, outcomes: {yes_: 'Yes', no_: 'No'}}}]
    exits:
      - {task: ask, outcome: no_, goto: lost}
      - {task: ask, if: task.ask.outcome == "yes_", goto: won}
  won: {final: success}
  lost: {final: failure}
""")
    assert lead.create().task("ask", "yes_") == []
    assert (lead.stage, lead.state.closed) == ("won", "success")
    other = Lead(lead.pipeline).create()
    other.task("ask", "no_")
    assert (other.stage, other.state.closed) == ("lost", "failure")
