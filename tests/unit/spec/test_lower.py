"""Stage features become reactions, ways out and programs (attempts, sequence, SLA, overdue), tracks get ids of their own."""

import pytest

from leadflow.engine.durations import Duration, format_duration
from leadflow.engine.expr import text
from leadflow.engine.moments import Moment
from leadflow.engine.pipeline import CreateTask, Stage, StartProgram, Trigger
from tests.support.spec_text import pipeline

TRY = "task: call, outcome: silent"
DONE = Trigger(kind="task", names=("call",), outcomes=("silent",))


def stage(keys: str) -> Stage:
    return pipeline(keys).stages["new"]


def test_attempts_bring_the_task_back_until_they_are_used_up() -> None:
    """`times` attempts in all: below it the outcome starts a program that creates the task again, with it the exit goes."""
    made = stage(
        f"attempts: {{{TRY}, again: 2 hours, times: 4, exhausted: {{goto: end, set: {{qty: 1}}}}}}"
    )
    (when,) = made.whens
    (way,) = made.exits
    (program,) = made.programs
    assert (when.trigger, way.trigger) == (DONE, DONE)
    assert when.condition is not None
    assert way.condition is not None
    assert text(when.condition) == "task.call.count < 4"
    assert text(way.condition) == "task.call.count >= 4"
    assert (way.goto, way.set[0].value) == ("end", "1")
    assert when.do[0].do == StartProgram(program=program.ref)
    assert (program.kind, program.ref) == ("again", "new/attempts/1")
    assert program.steps[0].after == Duration(seconds=7200)
    assert program.steps[0].action is not None
    assert program.steps[0].action.do == CreateTask(task="call")


@pytest.mark.parametrize(
    ("again", "times", "expected"),
    [
        ("[1 hour, 1 day]", 4, {"1 hour": "task.call.count == 1", "1 day": "task.call.count >= 2 and task.call.count < 4"}),
        ("[1 hour, 1 day, 1 week]", 3, {"1 hour": "task.call.count == 1", "1 day": "task.call.count >= 2 and task.call.count < 3"}),
        ("1 hour", 2, {"1 hour": "task.call.count < 2"}),
        ("1 hour", 1, {}),
    ],
)  # fmt: skip
def test_of_a_list_of_times_the_last_repeats(
    again: str, times: int, expected: dict[str, str]
) -> None:
    """The n-th time follows the n-th attempt; times that no attempt reaches are left out."""
    made = stage(f"attempts: {{{TRY}, again: {again}, times: {times}, exhausted: {{goto: end}}}}")
    spans = [format_duration(program.steps[0].after or Duration()) for program in made.programs]
    assert (
        dict(
            zip(spans, [text(when.condition) for when in made.whens if when.condition], strict=True)
        )
        == expected
    )
    starts = [act.do for when in made.whens for act in when.do]
    assert starts == [StartProgram(program=program.ref) for program in made.programs]


@pytest.mark.parametrize("times", range(1, 7))
def test_each_attempt_has_exactly_one_consequence(times: int) -> None:
    """For every count up to `times` one reaction or the exit holds, and from then on only the exit."""
    made = stage(
        f"attempts: {{{TRY}, again: [1 hour, 2 hours, 3 hours], times: {times}, exhausted: {{goto: end}}}}"
    )
    for count in range(1, 9):
        both = [(each.ref, each.condition) for each in made.whens]
        both += [(each.ref, each.condition) for each in made.exits]
        holding = [ref for ref, condition in both if condition and _holds(text(condition), count)]
        assert len(holding) == 1
        assert (holding[0] == "new/attempts/exhausted") == (count >= times)


def _holds(condition: str, count: int) -> bool:
    parts = (part.split() for part in condition.split(" and "))
    tests = {"==": count.__eq__, "<": count.__lt__, ">=": count.__ge__}
    return all(tests[op](int(number)) for _, op, number in parts)


def test_what_follows_the_last_attempt_may_be_actions() -> None:
    """`exhausted` as a list stays in the stage; a condition of the exit joins that of the count."""
    made = stage(
        f"attempts: {{{TRY}, again: 1 hour, times: 2, exhausted: [{{notify: supervisor}}]}}"
    )
    assert made.exits == ()
    assert [when.ref for when in made.whens] == ["new/attempts/when/1", "new/attempts/exhausted"]
    assert [act.node for act in made.whens[1].do] == ["notify:supervisor"]
    way = stage(
        f"attempts: {{{TRY}, again: 1 hour, times: 2, exhausted: {{if: lead.flag, goto: end}}}}"
    ).exits[0]
    assert way.condition is not None
    assert text(way.condition) == "task.call.count >= 2 and lead.flag"


def test_ways_stand_in_the_order_of_the_file() -> None:
    """Meaning 2: the first in the file wins, so the place of `attempts` among the keys counts."""
    attempts = f"attempts: {{{TRY}, again: 1 hour, times: 2, exhausted: {{goto: end}}}}"
    exits, when = "exits: [{signal: a, goto: end}]", "when: [{signal: b, do: {notify: owner}}]"
    before, after = stage(f"{attempts}, {exits}, {when}"), stage(f"{exits}, {when}, {attempts}")
    assert [way.ref for way in before.exits] == ["new/attempts/exhausted", "new/exits/0"]
    assert [way.ref for way in after.exits] == ["new/exits/0", "new/attempts/exhausted"]
    assert [each.ref for each in before.whens] == ["new/attempts/when/1", "new/when/0"]
    assert [each.ref for each in after.whens] == ["new/when/0", "new/attempts/when/1"]


def test_a_sequence_is_a_program() -> None:
    """Steps with their times and variants; stop, postponement, window and end as written."""
    made = stage(
        "sequence: {stop_when: replied, postpone_when: {out_of_office: 1 week}, resume: true, finished: {goto: end}, "
        "window: {days: 'mon, wed', hours: '10:00-12:00'}, "
        "steps: [{after: 2 days, send_email: a}, {at: 1 day before day, id: x, if: lead.flag, once: true, else: [{notify: owner}], "
        "variants: [{id: one, share: 3, send_sms: a}, {id: two, notify: owner}]}, "
        "{after: 1 hour, wait: true, create_task: {id: t, title: T}}, {after: 1 week}]}"
    )
    (program,) = made.programs
    assert (program.ref, program.kind, program.stop_when, program.resume) == (
        "new/sequence",
        "sequence",
        ("replied",),
        True,
    )
    assert program.postpone_when == {"out_of_office": Duration(days=7)}
    assert program.finished is not None
    assert (program.finished.goto, program.finished.ref) == ("end", "new/sequence/finished")
    assert program.window is not None
    assert (program.window.days, program.window.opens, program.window.timezone) == ((0, 2), 600, "")
    mail, split, task, pause = program.steps
    assert (mail.node, mail.after) == ("send_email:a", Duration(days=2))
    assert (split.node, split.action, split.at) == (
        "x",
        None,
        Moment(field="day", offset=Duration(days=1), before=True),
    )
    assert [(v.id, v.share, v.action.node, v.action.once) for v in split.variants] == [
        ("one", 3, "x:one", True),
        ("two", 1, "x:two", True),
    ]
    for variant in split.variants:
        assert variant.action.condition is not None
        assert [act.ref for act in variant.action.otherwise] == [
            f"new/sequence/x/{variant.id}/else/0"
        ]
    assert (task.wait, pause.action, pause.after) == (True, None, Duration(days=7))


def test_an_sla_is_a_program_that_begins_late() -> None:
    """Its steps count from the end of `within`; `until` and `pause_while` are conditions."""
    made = stage(
        "sla: {within: 4 working hours, until: task.call is done, pause_while: lead.flag, overdue: {notify: owner}}"
    )
    (program,) = made.programs
    assert (program.ref, program.kind, program.within) == (
        "new/sla",
        "sla",
        Duration(seconds=14400, working=True),
    )
    assert program.until is not None
    assert program.pause_while is not None
    assert (text(program.until), text(program.pause_while)) == ("task.call is done", "lead.flag")
    assert [step.node for step in program.steps] == ["notify:owner"]


def test_overdue_steps_belong_to_their_task() -> None:
    """Wherever the task is written, its program is the task's own."""
    whole = pipeline(
        "on_enter: [{create_task: {id: call, title: T, due: 1 hour, overdue: [{notify: owner}, {after: 1 day, id: b, notify: admin}], "
        "buttons: [{label: B, outcome: x, do: [{create_task: {id: next, title: N}}]}], outcomes: {x: X}}}]"
    )
    task = whole.tasks["call"]
    assert task.overdue is not None
    assert (task.overdue.ref, task.overdue.kind) == ("task.call/overdue", "overdue")
    assert [(step.ref, step.node, step.after) for step in task.overdue.steps] == [
        ("task.call/overdue/0", "notify:owner", None),
        ("task.call/overdue/b", "b", Duration(days=1)),
    ]
    assert (task.buttons[0].outcome, list(whole.tasks)) == ("x", ["call", "next"])


def test_gates_are_gathered_by_what_they_ask() -> None:
    """Fields, any of several, checks, and the items of checklists; ways in and ways out apart."""
    made = stage(
        "requires: [name, {any: [email, phone]}, {field: price, if: lead.flag}, ticked, {id: rich, check: lead.price > 5, say: More}], "
        "checklist: {ticked: Done}, enter_requires: [qty], enter_checklist: {first: First}"
    )
    assert [(gate.id, gate.fields, gate.item) for gate in made.leave] == [
        ("name", ("name",), ""),
        ("email|phone", ("email", "phone"), ""),
        ("price", ("price",), ""),
        ("ticked", (), "ticked"),
        ("rich", (), ""),
    ]
    assert [gate.id for gate in made.enter] == ["qty", "first"]
    assert made.leave[2].condition is not None
    assert made.leave[4].check is not None
    assert made.leave[4].say == "More"
    assert made.checklist == {"first": "First", "ticked": "Done"}


def test_stages_of_tracks_carry_the_track_s_name() -> None:
    """Stage ids are unique in their track only, so two tracks may both have a `done`."""
    inner = (
        "stages: {work: {title: Work, exits: [{signal: a, goto: done}]}, done: {final: success}}"
    )
    whole = pipeline(
        f"tracks: {{law: {{title: Law, {inner}}}, money: {{{inner}}}}}, exits: [{{if: track.law is done, goto: end}}]"
    )
    assert list(whole.stages) == ["new", "law.work", "law.done", "money.work", "money.done", "end"]
    work = whole.stages["law.work"]
    assert (work.track, work.parent, work.exits[0].goto, work.exits[0].ref) == (
        "law",
        "new",
        "law.done",
        "law.work/exits/0",
    )
    assert [(track.id, track.title, track.stages) for track in whole.stages["new"].tracks] == [
        ("law", "Law", ("law.work", "law.done")),
        ("money", "money", ("money.work", "money.done")),
    ]
    assert whole.stages["end"].track == ""


def test_ways_of_the_whole_pipeline_stand_apart() -> None:
    """They say in which stages they stand; none: in every open one."""
    whole = pipeline(
        "",
        "exits: [{signal: junk, goto: end, stages: new}, {after: 1 day, goto: end}]\nwhen: {changed: price, do: {notify: owner}}\n",
    )
    assert [(way.ref, way.stages) for way in whole.exits] == [
        ("*/exits/0", ("new",)),
        ("*/exits/1", ()),
    ]
    assert [(each.ref, each.trigger.kind, each.stages) for each in whole.whens] == [
        ("*/when/0", "changed", ())
    ]
