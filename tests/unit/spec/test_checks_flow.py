"""The flow of a lead: what the checks tell of it, once and in its place."""

import pytest

from tests.support.checked import checked, told

TOP = "pipeline: p\nfields: {price: money, ready: flag, reason: {type: choice, options: [a, b]}, phone: phone}\nstages:\n"
"""Stages begin in line 4."""


def of(stages: str, templates: dict[str, str] | None = None) -> list[str]:
    """``line CODE`` for a pipeline with these stages."""
    return told(TOP + stages, templates)


WRONG = {
    "an unreachable stage and what follows from it": (
        """
  new: {exits: [{signal: yes, label: Да, goto: won}]}
  lost_one: {exits: [{signal: on, label: Да, goto: lost_two}]}
  lost_two: {exits: [{signal: on, label: Да, goto: won}]}
  won: {final: success}
""",
        ["5 LF301"],
    ),
    "stages that only lead to each other": (
        """
  new: {exits: [{signal: yes, label: Да, goto: won}]}
  one: {exits: [{signal: on, label: Да, goto: two}]}
  two: {exits: [{signal: on, label: Да, goto: one}]}
  won: {final: success}
""",
        ["5 LF301"],
    ),
    "a stage that one can only fail out of by hand": (
        """
  new: {exits: [{signal: yes, label: Да, goto: stuck}, {signal: on, label: Да, goto: won}]}
  stuck: {title: Тупик}
  won: {final: success}
  lost: {final: failure, always: true}
""",
        ["5 LF302"],
    ),
    "a dead end, told alone": ("  new: {title: Новый}\n  won: {final: success}\n", ["4 LF302"]),
    "a circle of one stage": (
        "  new: {exits: [{if: lead.ready, goto: new}, {signal: yes, label: Да, goto: won}]}\n  won: {final: success}\n",
        ["4 LF303"],
    ),
    "a circle through the pipeline's own exit": (
        """
  new: {exits: [{if: lead.ready, goto: next}]}
  next: {exits: [{if: lead.ready, goto: new}, {signal: yes, label: Да, goto: won}]}
  won: {final: success}
""",
        ["5 LF303"],
    ),
    "a task that a new visit has ended": (
        """
  new:
    on_enter: [{create_task: {id: pay, title: Счёт}}]
    exits: [{signal: yes, label: Да, goto: next}]
  next: {exits: [{task: pay, goto: won}, {signal: on, label: Да, goto: won}]}
  won: {final: success}
""",
        ["7 LF315"],
    ),
    "a circle as long as the owner is away": (
        """
  new: {exits: [{if: owner is empty, goto: next}, {signal: yes, label: Да, goto: won}]}
  next: {exits: [{goto: new}]}
  won: {final: success}
""",
        ["5 LF303"],
    ),
    "a task that is done and leads nowhere": (
        """
  new:
    on_enter:
      - create_task: {id: call, title: Звонок}
      - create_task: {id: mail, title: Письмо, outcomes: {a: А}}
    exits: [{task: mail, goto: next}]
  next:
    on_enter: [{create_task: {id: talk, title: Беседа}}, {create_task: {id: pay, title: Счёт}, if: lead.ready}]
    exits: [{task: call, goto: won}]
  won: {final: success}
""",
        ["10 LF305", "10 LF305", "11 LF315"],
    ),
    "an outcome that is misspelt where it leads on": (
        """
  new:
    on_enter: [{create_task: {id: call, title: Звонок, outcomes: {reached: Да, silent: Нет}}}]
    exits: [{task: call, outcome: reachd, goto: won}, {task: call, outcome: silent, goto: won}]
  won: {final: success}
""",
        ["6 LF204"],
    ),
    "an outcome within a track": (
        """
  new:
    tracks:
      papers:
        stages:
          get:
            on_enter: [{create_task: {id: pay, title: Счёт, outcomes: {a: А, b: Б}}}]
            exits: [{task: pay, outcome: a, goto: got}]
          got: {final: success}
    exits: [{if: track.papers is done, goto: won}]
  won: {final: success}
""",
        ["9 LF305"],
    ),
    "a timer into a gate that only one of two ways opens": (
        """
  new: {exits: [{signal: yes, label: Да, requires: [price], goto: next}, {signal: no, label: Нет, goto: next}]}
  next: {exits: [{after: 5 days, goto: won}]}
  won: {final: success, enter_requires: [price]}
""",
        ["5 LF308"],
    ),
    "a field that is cleared on the way": (
        """
  new: {requires: [price], exits: [{signal: yes, label: Да, goto: next}]}
  next: {on_enter: [{clear: price}], exits: [{after: 5 days, goto: won}]}
  won: {final: success, enter_requires: [price]}
""",
        ["5 LF308"],
    ),
    "a stage that a person may have moved the lead to": (
        """
  new: {requires: [price], exits: [{signal: yes, label: Да, goto: next}]}
  next: {always: true, exits: [{after: 5 days, goto: won}]}
  won: {final: success, enter_requires: [price]}
""",
        ["5 LF308"],
    ),
}


@pytest.mark.parametrize(("stages", "problems"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_once(stages: str, problems: list[str]) -> None:
    """Line and code of each mistake; what only follows from it is not told."""
    assert of(stages.lstrip("\n")) == problems


def test_a_circle_is_told_with_its_way() -> None:
    """The stages that a lead would run through, in order."""
    text = """  new: {exits: [{if: lead.ready, goto: two}, {signal: yes, label: Да, goto: won}]}
  two: {exits: [{if: lead.ready, goto: three}]}
  three: {exits: [{goto: new}]}
  won: {final: success}
"""
    (problem,) = checked(TOP + text)
    assert problem.message.endswith("new → two → three → new")
    assert (problem.line, problem.column) == (6, 19)
