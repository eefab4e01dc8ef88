"""The shape of a file: every mistake at once, each where it stands, in our words and not in pydantic's."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from leadflow.spec.loader import load_text
from leadflow.spec.problems import Problem
from leadflow.spec.project import read_pipeline
from leadflow.spec.schema.base import Part
from leadflow.spec.schema.pipeline import Pipeline, Rights, Shared
from leadflow.spec.schema.read import read_part
from leadflow.spec.schema.settings import Settings
from tests.support.trees import nodes

VALID = Path(__file__).parents[2] / "specs" / "valid"
START = (
    "pipeline: p\nstages:\n  new:\n    exits: [{signal: go, goto: end}]\n  end: {final: success}\n"
)


def problems_of(text: str, model: type[Part] = Pipeline) -> list[Problem]:
    document = load_text(text.encode(), "f.yaml")
    assert document.problems == ()
    return read_part(model, document.data, document)[1]


def told(text: str, model: type[Part] = Pipeline) -> list[str]:
    return [f"{p.line}:{p.column} {p.code} {p.message}" for p in sorted(problems_of(text, model))]


def in_stage(lines: str) -> str:
    """A pipeline whose first stage has these lines; they begin in line 4."""
    return f"pipeline: p\nstages:\n  new:\n{lines}\n  end: {{final: success}}\n"


@pytest.mark.parametrize("name", ["everything", "permits", "trade"])
def test_a_valid_pipeline_has_no_problem(name: str) -> None:
    """The examples that use every key of the language pass, read as text exactly as written."""
    document = load_text((VALID / f"{name}.yaml").read_bytes(), "f.yaml")
    model, problems = read_pipeline(document)
    assert problems == []
    assert model is not None
    assert model.pipeline == name


@pytest.mark.parametrize(
    ("file", "model"),
    [("common.yaml", Shared), ("team_rights.yaml", Rights), ("leadflow.yaml", Settings)],
)
def test_the_other_kinds_of_file_are_read_too(file: str, model: type[Part]) -> None:
    """Shared files, rights and settings have models of their own."""
    assert told((VALID / file).read_text("utf-8"), model) == []


MISTAKES = [
    # keys
    ("titel: X\n" + START, ["1:1 LF101 unknown key 'titel'"]),
    ("pipelin: p\nstages: {a: {}}", ["1:1 LF101 unknown key 'pipelin'"]),
    ("title: X\nstages: {a: {}}", ["1:1 LF102 'pipeline' must be given"]),
    ("pipeline: p\ntitle: X", ["1:1 LF102 'stages' must be given"]),
    ("pipeline: p\nstages:\n", ["2:1 LF107 'stages' has no value"]),
    ("pipeline: p\nstages: {}", ["2:1 LF102 a pipeline needs at least one stage"]),
    (in_stage("    exits:\n      -\n      - {signal: a, goto: b}"), ["5:8 LF107 this item of the list is empty"]),
    # shapes
    ("pipeline: [p]\nstages: {a: {}}", ["1:11 LF103 expected a single value, found a list"]),
    ("pipeline: p\nstages: [a]", ["2:9 LF103 expected a map, found a list"]),
    ("pipeline: p\nstages: {a: b}", ["2:13 LF103 expected a map of keys, found a single value"]),
    (in_stage("    sequence: {steps: {after: 1 day}}"), ["4:23 LF103 expected a list, found a map"]),
    (in_stage("    exits: [{signal: {a: b}, goto: x}]"), ["4:22 LF103 expected a single value, found a map"]),
    ("fields: {a: {type: choice, options: x}}\n" + START,
     ["1:37 LF103 expected a list of options, or a map of id: label, found a single value"]),
    # ids and words
    ("pipeline: Моя\nstages: {a: {}}", ["1:11 LF104 'Моя' cannot be an id"]),
    ("pipeline: p\nstages: {'1a': {}}", ["2:10 LF104 '1a' cannot be an id"]),
    ("pipeline: p\nstages: {a-b: {}}", ["2:10 LF104 'a-b' cannot be an id"]),
    ("kind: leed\n" + START, ["1:7 LF105 'leed' is not possible here"]),
    ("fields: {a: txt}\n" + START, ["1:13 LF105 'txt' is not possible here"]),
    # values
    ("max_late: 2 dys\n" + START, ["1:11 LF108 '2 dys' is not a duration; did you mean '2 days'?"]),
    ("snooze: never\n" + START,
     ["1:9 LF108 'never' is not a duration; write one like '15 minutes', '2 working hours', '1 day', or 'PT3H'"]),
    (in_stage("    exits: [{at: 3 moons, goto: end}]"),
     ["4:18 LF109 '3 moons' is not a duration; write one like '15 minutes', '2 working hours', '1 day', or 'PT3H'"]),
    (in_stage("    exits:\n      - {if: lead.a = 1, goto: end}"), ["5:21 LF110 '=' means nothing in a condition"]),
    (in_stage('    exits:\n      - {if: "lead.a = 1", goto: end}'), ["5:22 LF110 '=' means nothing in a condition"]),
    (in_stage("    always: perhaps"), ["4:13 LF111 'perhaps' is neither true nor false"]),
    ("reassign: {after: 1 hour, to: nobody, times: 0}\n" + START,
     ["1:46 LF111 '0' is not a whole number from 1"]),
    ("calendar: {timezone: Moscow}\n" + START,
     ["1:22 LF217 'Moscow' is not a time zone; write one like 'Europe/Moscow'"]),
    ("calendar: {timezone: Europe/Moscow, days: mon-fry}\n" + START,
     ["1:43 LF111 'mon-fry' is not a day or range of days; write 'mon-fri' or 'mon, wed, sat'"]),
    ('calendar: {timezone: Europe/Moscow, hours: "9-25"}\n' + START,
     ["1:44 LF111 '9-25' is not a span of hours; write one like '09:00-18:00'"]),
    ('quiet_hours: "20:00"\n' + START, ["1:14 LF111 '20:00' is not a span of hours; write one like '09:00-18:00'"]),
    # actions
    (in_stage("    on_enter: [{once: true}]"), ["4:16 LF113 this action has no verb"]),
    (in_stage("    on_enter:\n      - notify: owner\n        watch: owner"),
     ["6:9 LF113 one action with two verbs: notify and watch"]),
    (in_stage("    on_enter: [{send_email: {template: a, text: b}}]"),
     ["4:43 LF106 template and text exclude each other"]),
    (in_stage("    on_enter: [{send_sms: {to: phone}}]"),
     ["4:27 LF102 nothing to send: neither template nor text is given"]),
    (in_stage("    on_enter: [{create_task: {id: a}}]"), ["4:30 LF102 'title' must be given"]),
    (in_stage("    on_enter: [{assign: {round_robin: a, least_busy: b}}]"),
     ["4:25 LF106 give exactly one of round_robin and least_busy"]),
    (in_stage("    sequence: {steps: [{wait: true}]}"), ["4:24 LF113 this action has no verb"]),
    (in_stage("    sequence: {steps: [{after: 1 day, at: x, notify: owner}]}"),
     ["4:39 LF106 after and at exclude each other"]),
    (in_stage("    sequence: {steps: [{notify: owner, variants: [{id: a, notify: owner}]}]}"),
     ["4:40 LF106 a step has either a verb or variants"]),
    (in_stage("    sequence: {steps: [{variants: [{id: a}]}]}"), ["4:36 LF113 this action has no verb"]),
    # ways and gates
    (in_stage("    exits: [{signal: a, sent: b, goto: end}]"), ["4:25 LF106 two triggers in one: signal and sent"]),
    (in_stage("    exits: [{outcome: a, goto: end}]"), ["4:14 LF106 an outcome needs its task"]),
    (in_stage("    exits: [{task: a, label: b, goto: end}]"), ["4:23 LF106 only a signal can be a button"]),
    (in_stage("    exits: [{signal: a}]"), ["4:13 LF102 'goto' must be given"]),
    (in_stage("    when: [{signal: a}]"), ["4:12 LF102 'do' must be given"]),
    (in_stage("    requires: [{if: lead.a}]"), ["4:16 LF106 a gate is exactly one of: a field, any, check"]),
    (in_stage("    requires: [{check: lead.a}]"), ["4:16 LF102 a check needs id", "4:16 LF102 a check needs say"]),
    (in_stage("    requires: [{field: a, say: b}]"), ["4:27 LF106 say belongs to a check"]),
    (in_stage("    attempts: {task: a, outcome: b, again: 1 day, times: 2}"), ["4:15 LF102 'exhausted' must be given"]),
    # stages
    (in_stage("    final: success\n    exits: [{goto: end}]"), ["5:5 LF106 a final stage cannot have exits"]),
    (in_stage("    convert: [{create: deal}]"), ["4:5 LF106 a stage that is not final cannot have convert"]),
    (in_stage("    reopen: end"), ["4:5 LF106 a stage that is not final cannot have reopen"]),
    (in_stage("    final: failure\n    convert: [{create: deal}]"), ["5:5 LF106 only a successful end converts"]),
    (in_stage("    tracks: {t: {stages: {}}}"), ["4:18 LF102 a track needs stages"]),
    (in_stage("    tracks: {t: {stages: {a: {tracks: {u: {stages: {b: {}}}}}}}}"),
     ["4:17 LF106 stage 'a' of a track cannot have tracks"]),
    # fields
    ("fields: {a: choice}\n" + START, ["1:13 LF102 a field of type choice needs options"]),
    ("fields: {a: {type: text, options: [b]}}\n" + START, ["1:26 LF106 a field of type text has no options"]),
    ("fields: {a: {type: text, currency: RUB}}\n" + START, ["1:26 LF106 only a field of type money has a currency"]),
    ("fields: {a: {type: text, fills: {a: name}}}\n" + START, ["1:26 LF106 only a field of type inn can fill others"]),
    ("fields: {a: {type: text, goes_to: [ask, deal]}}\n" + START, ["1:26 LF106 ask stands alone in goes_to"]),
    ("forms: {f: {fields: a, assign: b, users: [c]}}\n" + START, ["1:35 LF106 assign and users exclude each other"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_a_mistake_is_told_where_it_stands(text: str, expected: list[str]) -> None:
    """An unknown key at the key, a bad value at the value, a missing key at the map; one sentence each."""
    assert told(text) == expected


def test_all_mistakes_are_told_at_once() -> None:
    """Nothing hides behind the first mistake, in whatever part of the file it stands."""
    text = (
        "pipeline: P\nkind: leed\nmax_late: 3\nfields: {a: b}\n"
        "stages:\n  new:\n    exits: [{signal: go, gotto: end}]\n    alway: true\n"
    )
    assert [line.split()[1] for line in told(text)] == [
        "LF104", "LF105", "LF108", "LF105", "LF101", "LF101",
    ]  # fmt: skip


def test_several_mistakes_of_one_condition_have_a_place_each() -> None:
    """A condition is read to its end; every mistake stands at its own character."""
    found = told(in_stage("    exits:\n      - {if: lead.a = 1 && lead.b, goto: end}"))
    assert [line.split()[:2] for line in found] == [["5:21", "LF110"], ["5:25", "LF110"]]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("titel: X\n" + START, "did you mean 'title'?"),
        ("kind: leed\n" + START, "did you mean 'lead'?"),
        ("kind: quotation\n" + START, "write one of: lead, deal"),
        (
            in_stage("    exits: [{signal: a, goto: end, requierd: [x]}]"),
            "did you mean 'requires'?",
        ),
        (in_stage("    on_enter: [{sendemail: x}]"), "did you mean 'send_email'?"),
    ],
)
def test_a_near_miss_is_offered(text: str, hint: str) -> None:
    """Unknown keys and words name what was probably meant."""
    assert hint in [problem.hint for problem in problems_of(text)]


def test_a_misspelt_key_is_not_missing_too() -> None:
    """`gotto` is one mistake, not an unknown key and a missing one."""
    assert told(in_stage("    exits: [{signal: a, gotto: end}]")) == [
        "4:25 LF101 unknown key 'gotto'"
    ]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("on_enter: {notify: owner}", "on_enter: [{notify: {to: [owner]}}]"),
        ("on_enter: [{send_sms: a}]", "on_enter: [{send_sms: {template: a}}]"),
        ("on_enter: [{call_webhook: a}]", "on_enter: [{call_webhook: {connection: a}}]"),
        ("on_enter: [{start_pipeline: a}]", "on_enter: [{start_pipeline: {pipeline: a}}]"),
        ("requires: a", "requires: [{field: a}]"),
        ("exits: {signal: a, goto: end}", "exits: [{signal: [a], goto: end}]"),
    ],
)
def test_a_short_value_means_the_long_form(short: str, long: str) -> None:
    """Short and long forms give the same model."""
    models = []
    for lines in (short, long):
        document = load_text(in_stage(f"    {lines}").encode(), "f.yaml")
        model, problems = read_pipeline(document)
        assert model is not None, problems
        models.append(model.model_dump())
    assert models[0] == models[1]


def test_values_stay_as_written() -> None:
    """`010`, `no` and a phone are no numbers and no truth values before their field has read them."""
    text = in_stage("    on_enter: [{set: {a: 010, b: no, c: +7 916, d: [1.0, yes]}}]")
    document = load_text(text.encode(), "f.yaml")
    model, _ = read_pipeline(document)
    assert model is not None
    values = model.stages[next(iter(model.stages))].on_enter[0].set
    assert values == {"a": "010", "b": "no", "c": "+7 916", "d": ["1.0", "yes"]}


def test_every_part_knows_where_it_stands() -> None:
    """Parts and their keys answer with the place in the file."""
    document = load_text(START.encode(), "f.yaml")
    model, _ = read_pipeline(document)
    assert model is not None
    stage = model.stages[next(iter(model.stages))]
    assert [str(word.spot) for word in model.stages] == ["f.yaml:3:3", "f.yaml:5:3"]
    assert str(stage.exits[0].spot) == "f.yaml:4:13"
    assert str(stage.exits[0].spot_of("goto")) == "f.yaml:4:26"
    assert str(stage.exits[0].spot_of("label")) == "f.yaml:4:13"


# ---- whatever is written ----------------------------------------------------------------------------------------------

EVERYTHING = load_text((VALID / "everything.yaml").read_bytes(), "f.yaml")
WORDS = st.sampled_from(
    ["", "x", "0", "true", "1 day", "lead.a", "{{ lead.a }}", "goto", "a, b", "Ё", "-", "id"]
)
STRANGE = st.recursive(
    st.none() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


PLACES = [path for path, _ in nodes(EVERYTHING.data) if path]


@given(st.lists(st.tuples(st.sampled_from(PLACES), STRANGE), min_size=1, max_size=3))
@settings(max_examples=300)
def test_whatever_stands_in_a_file_is_a_model_or_problems_in_plain_words(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    """Any node replaced by anything: never an exception, never a word of pydantic's, every place in the file."""
    data = copy.deepcopy(EVERYTHING.data)
    for path, value in changes:
        node: Any = data
        try:
            for step in path[:-1]:
                node = node[step]
            node[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    model, problems = read_part(Pipeline, data, EVERYTHING)
    assert (model is None) == bool(problems)
    for problem in problems:
        assert problem.line <= 200
        assert problem.message
        for foreign in (
            "Input should",
            "validation",
            "pydantic",
            "Extra inputs",
            "Field required",
            "something else",
        ):
            assert foreign not in problem.message
