"""The flow of a lead: what looks unusual and is right, which the checks let pass."""

import pytest

from tests.support.checked import told

TOP = "pipeline: p\nfields: {price: money, ready: flag, reason: {type: choice, options: [a, b]}, phone: phone}\nstages:\n"
"""Stages begin in line 4."""


def of(stages: str, templates: dict[str, str] | None = None) -> list[str]:
    """``line CODE`` for a pipeline with these stages."""
    return told(TOP + stages, templates)


FINE = {
    "a board that is moved by hand": """
  one: {always: true}
  two: {always: true}
  won: {final: success, always: true}
""",
    "a stage that only a reopening leads to": """
  new: {exits: [{signal: no, label: Нет, goto: lost}]}
  again: {exits: [{signal: yes, label: Да, goto: won}]}
  won: {final: success}
  lost: {final: failure, reopen: again}
""",
    "a way out at the end of a sequence": """
  new: {sequence: {steps: [{after: 1 day, notify: owner}], finished: {goto: won}}}
  won: {final: success}
""",
    "a circle that waits": """
  new: {exits: [{if: lead.ready, goto: next}, {signal: yes, label: Да, goto: won}]}
  next: {exits: [{after: 1 day, goto: new}]}
  won: {final: success}
""",
    "a circle of conditions that exclude each other": """
  new: {exits: [{if: lead.price > 5, goto: next}, {signal: yes, label: Да, goto: won}]}
  next: {exits: [{if: lead.price < 5, goto: new}, {signal: yes, label: Да, goto: won}]}
  won: {final: success}
""",
    "a circle that its own values end": """
  new: {exits: [{if: not lead.ready, goto: next}, {signal: yes, label: Да, goto: won}]}
  next: {on_enter: [{set: {ready: true}}], exits: [{goto: new}]}
  won: {final: success}
""",
    "a circle that counts its rounds": """
  new: {exits: [{if: lead.visits < 3, goto: next}, {signal: yes, label: Да, goto: won}]}
  next: {exits: [{goto: new}]}
  won: {final: success}
""",
    "a circle that adds up": """
  new: {exits: [{if: lead.price < 3, goto: next}, {signal: yes, label: Да, goto: won}]}
  next: {exits: [{do: [{add: {price: 1}}, {notify: owner}], goto: new}]}
  won: {final: success}
""",
    "a circle that waits for its task": """
  new:
    on_enter: [{create_task: {id: call, title: Звонок}}]
    exits: [{if: task.call is done, goto: next}, {signal: yes, label: Да, goto: won}]
  next: {exits: [{goto: new}]}
  won: {final: success}
""",
    "a way at once that has to wait for what the stage requires": """
  new: {requires: [price], exits: [{goto: won}, {signal: no, label: Нет, goto: lost}]}
  won: {final: success}
  lost: {final: failure, always: true}
""",
    "a task closed on the way out": """
  new:
    on_enter: [{create_task: {id: call, title: Звонок}}, {create_task: {id: mail, title: Письмо, buttons: [{label: Звонил, do: [{complete_task: call}]}]}}]
    on_leave: [{cancel_task: call}]
    exits: [{signal: yes, label: Да, do: [{complete_task: call}], goto: won}]
  won: {final: success}
""",
    "a track beside the others that nobody waits for": """
  new:
    tracks: {care: {stages: {watch: {sequence: {steps: [{after: 1 week, notify: owner}]}}}}}
    exits: [{signal: yes, label: Да, goto: won}]
  won: {final: success}
""",
    "the same signal with conditions that overlap": """
  new:
    exits:
      - {signal: yes, if: lead.price > 5, label: Да, goto: won}
      - {signal: yes, if: lead.price > 3, label: Да, goto: won}
      - {signal: yes, label: Да, goto: won}
  won: {final: success}
""",
    "a task's outcomes, each with its exit, then the rest": """
  new:
    on_enter: [{create_task: {id: call, title: Звонок, outcomes: {a: А, b: Б, c: В}}}]
    exits:
      - {task: call, outcome: a, goto: won}
      - {task: call, outcome: [a, b], goto: won}
      - {task: call, goto: won}
  won: {final: success}
""",
    "two times of waiting": """
  new: {exits: [{after: 5 days, if: lead.ready, goto: won}, {after: 9 days, goto: won}]}
  won: {final: success}
""",
    "an exit at once behind a gate": """
  new: {exits: [{goto: won, requires: [price]}, {signal: skip, label: Нет, goto: won}]}
  won: {final: success}
""",
    "an outcome that another task goes on from": """
  new:
    on_enter:
      - create_task: {id: call, title: Звонок, outcomes: {a: А, b: Б}}
      - create_task: {id: mail, title: Письмо}
    exits: [{task: call, outcome: a, goto: won}, {task: mail, goto: won}]
  won: {final: success}
""",
    "an outcome that a reaction takes": """
  new:
    on_enter: [{create_task: {id: call, title: Звонок, outcomes: {a: А, b: Б}}}]
    when: [{task: call, outcome: b, do: {create_task: {id: more, title: Ещё}}}]
    exits: [{task: call, outcome: a, goto: won}, {task: more, goto: won}]
  won: {final: success}
""",
    "an outcome with time left": """
  new:
    on_enter: [{create_task: {id: call, title: Звонок, outcomes: {a: А, b: Б}}}]
    exits: [{task: call, outcome: a, goto: won}, {after: 5 days, goto: won}]
  won: {final: success}
""",
    "a task that a way out brings along": """
  new: {exits: [{signal: yes, label: Да, do: [{create_task: {id: pay, title: Счёт}}], goto: next}]}
  next: {exits: [{task: pay, goto: won}]}
  won: {final: success}
""",
    "a kept task in a later stage": """
  new:
    on_enter: [{create_task: {id: pay, title: Счёт, keep: true}}]
    exits: [{signal: yes, label: Да, goto: next}]
  next: {exits: [{signal: on, label: Да, goto: last}]}
  last: {exits: [{task: pay, goto: won}]}
  won: {final: success}
""",
    "a track's task that the stage around it hears": """
  new:
    tracks: {papers: {stages: {get: {on_enter: [{create_task: {id: pay, title: Счёт}}]}}}}
    exits: [{task: pay, goto: won}]
  won: {final: success}
""",
    "an item of an earlier stage": """
  new: {checklist: {asked: Спросили}, exits: [{signal: yes, label: Да, goto: next}]}
  next: {requires: [asked], exits: [{signal: on, label: Да, goto: won}]}
  won: {final: success}
""",
    "a timer into a gate that is open by then": """
  new: {requires: [price], exits: [{signal: yes, label: Да, goto: next}]}
  next: {exits: [{after: 5 days, goto: won}]}
  won: {final: success, enter_requires: [price]}
""",
    "a timer into a gate that its condition opens": """
  new: {exits: [{after: 5 days, if: lead.price > 5, goto: won}, {signal: no, label: Нет, goto: lost}]}
  won: {final: success, enter_requires: [price]}
  lost: {final: failure}
""",
    "a condition on a field that is filled there": """
  new: {exits: [{signal: yes, label: Да, goto: next}]}
  next:
    enter_requires: [reason]
    exits: [{signal: on, label: Да, if: 'lead.reason != "a"', goto: won}, {signal: no, label: Нет, goto: won}]
  won: {final: success}
""",
}


@pytest.mark.parametrize("stages", FINE.values(), ids=FINE.keys())
def test_what_is_right_is_let_pass(stages: str) -> None:
    """No false alarm: the pipeline does what its author meant."""
    assert of(stages.lstrip("\n")) == []
