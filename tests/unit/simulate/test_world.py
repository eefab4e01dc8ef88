"""The made-up commit and outside: what they find, what they answer, and what the engine's errors do."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from leadflow.engine import events
from leadflow.engine.decision import Decision
from leadflow.errors import EngineError
from leadflow.installation import Installation
from leadflow.rules.staff import Staff
from leadflow.simulate import runner, world as worlds
from leadflow.simulate.story import Story
from leadflow.simulate.world import Life, Spec, World
from leadflow.spec.compile.pipeline import compile_text
from tests.unit.simulate.playing import played, wrong

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
SIMPLE = "pipeline: p\ntitle: P\nstages: {new: {exits: [{after: 1 hour, goto: done}]}, done: {final: success}}\n"


def begun() -> tuple[World, Life, Story]:
    made, story = compile_text(SIMPLE), Story()
    world = World({"p": Spec(made.pipeline, made.blobs)}, Staff(Installation()), NOW, story)
    return world, world.begin("p", events.Created(id="created")), story


def test_an_engine_error_parks_the_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the shell: the state before stays, the lead is quarantined, nothing is due any more."""
    world, life, story = begun()

    def broken(*_: object) -> Decision:
        raise EngineError("broken")

    monkeypatch.setattr(worlds, "decide", broken)
    world.advance(datetime(2026, 11, 24, tzinfo=UTC))
    assert (life.state.quarantined, life.state.stage, life.armed) == ("broken", "new", None)
    assert story.broken == "broken"


def test_a_tick_that_leaves_its_deadline_is_an_engine_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else the timer would spin: the lead is parked."""
    world, life, story = begun()

    def nothing(pipeline: object, state: object, *_: object) -> Decision:
        return Decision(state)  # type: ignore[arg-type]  # the state it was given

    monkeypatch.setattr(worlds, "decide", nothing)
    world.advance(datetime(2026, 11, 24, tzinfo=UTC))
    assert story.broken == "the deadline of 2026-11-23T08:00:00Z stays where it is"
    assert life.state.quarantined


def test_an_engine_error_fails_the_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told as the program's own, with the timeline until then."""

    def broken(*_: object) -> Decision:
        raise EngineError("broken")

    monkeypatch.setattr(worlds, "decide", broken)
    scenario = '  - {name: x, start: {at: "2026-11-23 10:00"}, steps: [{expect: {stage: new}}]}\n'
    report = played(tmp_path, SIMPLE.partition("\n")[2], scenario)
    assert wrong(report) == ["the program's own error, please report it: broken"]
    assert report.failures[0].timeline[-1].text == "Created: the program's own error: broken"


OUTSIDE = """
title: P
calendar: {timezone: Europe/Moscow, days: mon-fri, hours: "10:00-19:00"}
fields: {email: email, reason: text, lost: flag}
routing: [{assign: anna}]
stages:
  new:
    on_enter:
      - {send_email: {template: one, if_unsure: resend}}
      - {call_webhook: erp, else: [{set: {lost: true}}]}
      - {add_to_audience: warm}
    when:
      - {signal: send_failed, do: [{set: {reason: "{{ signal.reason }}"}}]}
    exits: [{sent: one, goto: done}]
  done: {final: success}
"""
ONE = """
  - name: one
    start: {at: "2026-11-23 12:00", fields: {email: a@example.com}}
    steps:
"""


def lines(*steps: str) -> str:
    return ONE + "".join(f"      - {step}\n" for step in steps)


def test_what_the_outside_answers_comes_back(tmp_path: Path) -> None:
    """Accepted, the exit on ``sent`` goes; held, it waits; refused, the fact ``send_failed`` and ``else`` follow."""
    start = "{start: {fields: {email: b@example.com}}, as: second}"
    report = played(
        tmp_path,
        OUTSIDE,
        lines("expect: {stage: done, sent: [one], audiences: [warm]}")
        + lines(
            "{effects: held}",
            start,
            "{lead: second, expect: {stage: new, sent: []}}",
            "{effects: refused}",
            "{lead: second, expect: {stage: new, fields: {lost: true, reason: the other side refuses it}}}",
        ).replace("name: one", "name: refused")
        + lines(
            "{effects: ambiguous}",
            start,
            "{lead: second, expect: {stage: new, sent: [], open_tasks: [settle]}}",  # the webhook asks
            "{effects: released}",
            "{lead: second, expect: {stage: done, sent: [one]}}",  # the message is resent
        ).replace("name: one", "name: ambiguous"),
        one_email_md="Subject: Раз\n\nРаз\n",
    )
    assert wrong(report) == []


def test_a_template_that_cannot_be_rendered_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at the real hand-over, where the checks have not seen it: not sent, and the reason is the template's."""
    monkeypatch.setattr(runner, "check_pipeline", lambda *_: ())
    report = played(
        tmp_path,
        OUTSIDE,
        lines("expect: {stage: new, sent: [], fields: {reason: x}}"),
        one_email_md="Subject: Раз\n\n{{ lead.email | money }}\n",
    )
    assert wrong(report) == ["fields: reason: expected x, found lead.email is not a number"]


def test_a_conversion_begins_the_deal_in_its_pipeline(tmp_path: Path) -> None:
    """The deal lives in the pipeline named, with the fields that go to it, owned by who entered it."""
    (tmp_path / "deals.yaml").write_text(
        "pipeline: deals\nkind: deal\ntitle: D\nfields: {sum: {type: money, currency: RUB}}\n"
        "stages: {work: {exits: [{signal: close, goto: closed}]}, closed: {final: success}}\n"
    )
    report = played(
        tmp_path,
        """
        title: P
        fields: {price: {type: money, currency: RUB}, name: person}
        routing: [{assign: anna}]
        stages:
          new: {exits: [{signal: win, goto: won}]}
          won: {final: success, convert: [{create: [contact, deal], pipeline: deals, map: {sum: price}}]}
        """,
        """
  - name: deal
    start: {at: "2026-11-23 10:00", fields: {price: 100, name: Пётр}}
    steps:
      - {signal: win}
      - expect: {stage: won, created: {deal: {price: 100}, contact: {name: Пётр}}, leads: 1}
      - {lead: deals, expect: {stage: work, owner: anna}}
      - {lead: deals, signal: close}
""",
    )
    assert wrong(report) == []
    assert {covered.pipeline for covered in report.coverage} == {"p"}


def test_people_are_found_by_expressions_and_turns(tmp_path: Path) -> None:
    """A task for whoever is least busy, one for a field's user, a word to the assignee who was found."""
    report = played(
        tmp_path,
        """
        title: P
        calendar: {timezone: Europe/Moscow, days: mon-fri, hours: "10:00-19:00"}
        fields: {helper: user}
        routing: [{assign: {least_busy: sales}}]
        stages:
          new:
            on_enter:
              - {create_task: {id: turn, title: Раз, assign: {round_robin: sales}, due: 2 hours, remind: 1 hour}}
              - {create_task: {id: named, title: Два, assign: lead.helper}}
              - {notify: lead.helper}
            exits: [{signal: done, goto: done}]
          done: {final: success}
        """,
        """
  - name: people
    start: {at: "2026-11-23 10:00", fields: {helper: boris}}
    steps:
      - expect: {owner: anna, notified: [boris]}
      - {task: turn, by: boris, refused: not_allowed}
      - {wait: 1 hour}
      - expect: {notified: [boris, {to: anna, reason: remind}]}
      - {task: named, by: boris}
      - {start: {fields: {helper: olga}}, as: second}
      - {lead: second, expect: {owner: boris}}
      - {lead: second, task: turn, by: assignee}
      - {lead: second, expect: {open_tasks: [named]}}
""",
    )
    assert wrong(report) == []


def test_a_word_to_several_is_expected_as_one_or_by_each(tmp_path: Path) -> None:
    """``notified``: the team's name, its users as a list, or one item for each of them."""
    report = played(
        tmp_path,
        """
        title: P
        stages:
          new:
            on_enter: [{notify: [sales, admin]}, {notify: supervisor, id: second}]
            exits: [{signal: done, goto: done}]
          done: {final: success}
        """,
        """
  - name: all ways
    start: {at: "2026-11-23 10:00", owner: anna}
    steps:
      - expect: {notified: [sales, supervisor]}
      - expect: {notified: [{to: [anna, boris, max]}, olga]}
      - expect: {notified: [anna, boris, max, olga]}
      - expect: {notified: [{to: [sales, admin]}, {at: "2026-11-23 10:00"}]}
      - expect: {notified: [anna, boris, olga]}
  - name: another time
    start: {at: "2026-11-23 10:00", owner: anna}
    steps:
      - expect: {notified: [sales, {to: olga, at: "2026-11-23 11:00"}]}
  - name: too many
    start: {at: "2026-11-23 10:00", owner: anna}
    steps:
      - expect: {notified: [sales, supervisor, olga]}
  - name: nobody
    start: {at: "2026-11-23 10:00"}
    steps:
      - expect: {notified: []}
""",
    )
    day = "2026-11-23"
    assert wrong(report) == [
        "notified: expected [anna, boris, olga], found [anna boris max, olga]",
        f"notified: expected [sales, olga {day} 11:00], found [anna boris max {day} 10:00, olga {day} 10:00]",
        "notified: expected [sales, supervisor, olga], found [anna boris max, olga]",
        "notified: expected [], found [anna boris max, olga]",
    ]
