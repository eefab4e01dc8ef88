"""Compiling actions: what each verb becomes, how it is named, what is refused, what the checks are told."""

import pytest

from leadflow.engine.durations import Duration
from leadflow.engine.expr import text
from leadflow.engine.moments import Moment
from leadflow.engine.pipeline import (
    AddFields,
    Assign,
    Assignee,
    CallWebhook,
    CreateTask,
    Notify,
    People,
    Send,
    SetFields,
    Snooze,
    Text,
)
from leadflow.spec.compile.pipeline import SpecError, compile_text
from tests.support.spec_text import END, FIELDS, compiled, do, pipeline, refused

# ---- actions ------------------------------------------------------------------------------------------------------------


def test_a_message_goes_to_the_only_field_of_its_kind() -> None:
    """`to` may be left out; the names of the template are frozen with the message."""
    made = do("send_email: hi", hi_email_md="Subject: A {{ lead.price }}\n\n{{ lead.name.first }}")
    assert made == Send(
        channel="email",
        body=Text(template="hi", names=(("lead", "price"), ("lead", "name", "first"))),
        to="email",
    )
    sms = do("send_sms: {text: 'Привет, {{ lead.name.first }}'}")
    assert sms == Send(
        channel="sms",
        body=Text(source="Привет, {{ lead.name.first }}", names=(("lead", "name", "first"),)),
        to="phone",
    )


@pytest.mark.parametrize(
    ("action", "node"),
    [
        ("send_email: hi", "send_email:hi"),
        ("send_email: {text: x}", "send_email"),
        ("id: mine, send_email: hi", "mine"),
        ("create_task: {id: call, title: x}", "create_task:call"),
        ("create_task: call", "create_task:call"),
        ("complete_task: call", "complete_task:call"),
        ("create_document: paper", "create_document:paper"),
        ("notify: owner", "notify:owner"),
        ("notify: {to: [admin, lead.who], text: x}", "notify:admin+lead.who"),
        ("notify: '{{ lead.who }}'", "notify:lead.who"),
        ("watch: [owner, admin]", "watch:owner+admin"),
        ("assign: owner", "assign:owner"),
        ("assign: {round_robin: sales}", "assign:round_robin:sales"),
        ("assign: {least_busy: [anna, olga]}", "assign:least_busy:anna+olga"),
        ("assign: nobody", "assign:nobody"),
        ("set: {price: 1, qty: 2}", "set:price+qty"),
        ("clear: price", "clear:price"),
        ("pin_comment: note", "pin_comment:note"),
        ("pin_comment: A text", "pin_comment"),
        ("add_to_audience: vip", "add_to_audience:vip"),
        ("call_webhook: erp", "call_webhook:erp"),
        ("start_pipeline: q", "start_pipeline:q"),
        ("snooze: 1 day", "snooze"),
    ],
)
def test_a_node_is_named_by_its_id_else_by_verb_and_object(action: str, node: str) -> None:
    """Meaning 11: the name is a part of the effect's key, so it must not move with its place in the list."""
    made = pipeline(f"on_enter: [{{{action}}}]").stages["new"].on_enter[0]
    assert (made.node, made.ref) == (node, f"new/on_enter/{'mine' if node == 'mine' else 0}")


def test_an_id_of_its_own_settles_equal_actions() -> None:
    """Meaning 11: two effects must not share a key; another list is another matter."""
    made = pipeline(
        "on_enter: [{notify: owner}, {notify: owner, id: two}], on_leave: [{notify: owner}]"
    )
    assert [act.node for act in made.stages["new"].on_enter] == ["notify:owner", "two"]


def test_words_to_different_people_need_no_ids_and_keep_their_names() -> None:
    """Meaning 11: a name says whom it is for, so it stays when a line is put before it."""
    one = pipeline("on_enter: [{notify: owner}, {notify: admin}]").stages["new"].on_enter
    more = "on_enter: [{watch: admin}, {notify: owner}, {set: {qty: 1}}, {notify: admin}]"
    other = pipeline(more).stages["new"].on_enter
    assert [act.node for act in one] == ["notify:owner", "notify:admin"]
    assert {act.node for act in one} < {act.node for act in other}


def test_once_under_one_name_is_one_thing() -> None:
    """What happens once in a lead's life is known by its name: the same may stand in two places, another may not."""
    same = "on_enter: [{send_email: {text: A}, id: a, once: true}], on_leave: [{send_email: {text: A}, id: a, once: true}]"
    assert pipeline(same).stages["new"].on_leave[0].node == "a"
    assert refused(
        "on_enter: [{notify: {to: owner, text: A}, once: true}], on_leave: [{notify: {to: owner, text: B}, once: true}]"
    ) == ["4:76 LF223 another 'once' with the name 'notify:owner' does something else"]
    split = "[{id: s, once: true, variants: [{id: a, notify: owner}, {id: b, notify: admin}]}]"
    other = split.replace("notify: owner", "watch: owner")
    assert refused(f"sequence: {{steps: {split}}}, sla: {{within: 1 day, overdue: {other}}}") == [
        "4:173 LF223 another 'once' with the name 's:a' does something else"
    ]


def test_actions_say_what_they_do() -> None:
    """Each verb becomes its own instruction with canonical values."""
    assert do(
        "set: {price: '1 000', kind: b, day: 2 working days, flag: yes, phone: '8 916 123-45-67'}"
    ) == SetFields(
        assigns=(
            Assign(field="price", value="1000"),
            Assign(field="kind", value="b"),
            Assign(field="day", moment=Moment(offset=Duration(days=2, working=True))),
            Assign(field="flag", value=True),
            Assign(field="phone", value={"number": "+79161234567"}),
        )
    )
    assert do("add: {qty: 3}") == AddFields(amounts={"qty": "3"})
    assert do("clear: [qty, price]") == SetFields(
        assigns=(Assign(field="qty"), Assign(field="price"))
    )
    assert do("snooze: 2 days before day at 10:00") == Snooze(
        until=Moment(field="day", offset=Duration(days=2), before=True, clock=600)
    )
    assert do("notify: [owner, sales]") == Notify(to=People(names=("owner", "sales")))
    assert do("call_webhook: {connection: erp, body: {who: '{{ lead.name }}'}}") == CallWebhook(
        connection="erp", body={"who": Text(source="{{ lead.name }}", names=(("lead", "name"),))}
    )
    assert do("create_task: {id: a, title: b}") == CreateTask(task="a")


def test_computed_values_are_expressions() -> None:
    """A whole `{{ … }}` is computed in the step; added to what is there, an empty field counts as nothing."""
    made = do("set: {price: '{{ lead.price * 2 }}'}")
    assert isinstance(made, SetFields)
    assert made.assigns[0].expr is not None
    assert text(made.assigns[0].expr) == "lead.price * 2"
    added = do("add: {price: '{{ lead.qty }}', qty: 5}")
    assert isinstance(added, SetFields)
    assert [text(each.expr) for each in added.assigns if each.expr] == [
        "(lead.price or 0) + (lead.qty or 0)",
        "(lead.qty or 0) + (5 or 0)",
    ]


def test_people_are_roles_names_or_fields() -> None:
    """A dot tells a field of type user from a name."""
    made = do("notify: [supervisor, anna, lead.who]")
    assert isinstance(made, Notify)
    assert made.to.names == ("supervisor", "anna")
    assert [text(expr) for expr in made.to.exprs] == ["lead.who"]
    rule = "routing: [{if: lead.who is set, assign: lead.who}, {assign: {least_busy: [anna, boris]}}, {assign: nobody}]\n"
    first, second, third = pipeline("", rule).routing
    assert [text(expr) for expr in first.to.people.exprs] == ["lead.who"]
    assert second.to == Assignee(how="least_busy", people=People(names=("anna", "boris")))
    assert third.to == Assignee(how="nobody")


# ---- mistakes that only types can show ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("LF116", "on_enter: [{set: {price: §dear}}]"),
        ("LF116", "on_enter: [{set: {kind: §c}}]"),
        ("LF116", "on_enter: [{set: {day: §32.13.2026}}]"),
        ("LF116", "on_enter: [{add: {qty: §many}}]"),
        ("LF110", "on_enter: [{set: {price: '{{ lead.price * }}§'}}]"),
        ("LF110", "on_enter: [{set: {price: §'{{ a }} and {{ b }}'}}]"),
        ("LF110", "on_enter: [{notify: §lead.}]"),
        ("LF114", "on_enter: [{notify: {to: owner, text: 'Hi §{{ lead.name'}}]"),
        ("LF111", "exits: [{signal: a, by: §lead.who, goto: end}]"),
        ("LF118", "on_enter: [{create_task: {id: §settle, title: x}}]"),
        (
            "LF220",
            "on_enter: [{create_task: {id: a, title: x}}, {id: b, create_task: {id: §a, title: z}}]",
        ),
        ("LF220", "exits: [{id: a, signal: b, goto: end}, {id: §a, signal: c, goto: end}]"),
        ("LF222", "checklist: {§name: x}"),
        ("LF220", "checklist: {§a: x}, enter_checklist: {a: z}"),
        (
            "LF106",
            "attempts: {task: t, outcome: o, again: 1 day, times: 2, exhausted: {§signal: x, goto: end}}",
        ),
        ("LF106", "sequence: {steps: [], finished: {§label: x, signal: z, goto: end}}"),
        ("LF223", "on_enter: [{notify: owner}, §{notify: owner}]"),
        ("LF223", "sequence: {steps: [{notify: owner}, §{after: 1 day, notify: owner}]}"),
        ("LF506", "on_enter: [{send_email: §x}]"),
        ("LF507", "on_enter: [{send_sms: §x}]"),
    ],
)
def test_a_value_that_does_not_fit_is_told_in_its_place(code: str, stage: str) -> None:
    """What the shape cannot show: values by the type of their field, ids of the program, duplicates. § marks the place."""
    fields = FIELDS.replace("email: email, ", "phone2: phone, ")
    lines = f"pipeline: p\n{fields}stages:\n  new: {{{stage}}}\n{END}"
    column = lines.splitlines()[3].index("§") + 1
    with pytest.raises(SpecError) as caught:
        compile_text(lines.replace("§", ""))
    first = caught.value.problems[0]
    assert (first.line, first.column, first.code) == (4, column, code)


@pytest.mark.parametrize(
    ("code", "top"),
    [
        ("LF216", "calendar: {timezone: Europe/Moscow, holidays: §XX}"),
        ("LF116", "calendar: {timezone: Europe/Moscow, closed: [§someday]}"),
        ("LF116", "forms: {f: {fields: [name], hidden: {price: §dear}}}"),
    ],
)
def test_mistakes_beside_the_stages(code: str, top: str) -> None:
    """Calendars and forms are read by the same types. § marks the place."""
    found = refused("", top.replace("§", "") + "\n")
    assert [line.split()[:2] for line in found] == [[f"3:{top.index('§') + 1}", code]]


def test_a_field_cannot_take_an_id_of_the_language() -> None:
    """`lead.owner` is there already; a field of that name would hide it."""
    with pytest.raises(SpecError) as caught:
        compile_text(f"pipeline: p\nfields: {{owner: user}}\nstages:\n  new: {{}}\n{END}")
    assert [str(p).splitlines()[0] for p in caught.value.problems] == [
        "pipeline.yaml:2:10: LF118 every lead has 'owner' already"
    ]


def test_a_template_s_mistake_is_told_in_its_file() -> None:
    """Line and column are the template's, not the pipeline's."""
    found = refused("on_enter: [{send_email: hi}]", hi_email_md="Subject: x\n\nHello {{ lead.name")
    assert [line.split(" ")[:2] for line in found] == [["3:7", "LF114"]]


def test_names_that_do_not_exist_do_not_stop_the_compiler() -> None:
    """They go into the IR as written and are told to the checks, each with its place."""
    made = compiled(
        "exits: [{task: nope, outcome: no_way, goto: nowhere, requires: [nothing], set: {none: x}}]"
    )
    exit_ = made.pipeline.stages["new"].exits[0]
    assert (exit_.goto, exit_.trigger.names, exit_.set[0].value) == ("nowhere", ("nope",), "x")
    used = {(use.kind, use.name, use.within): str(use.spot) for use in made.view.names}
    assert used == {
        ("task", "nope", ""): "pipeline.yaml:4:24",
        ("outcome", "no_way", "nope"): "pipeline.yaml:4:39",
        ("stage", "nowhere", ""): "pipeline.yaml:4:53",
        ("gate", "nothing", ""): "pipeline.yaml:4:73",
        ("field", "none", ""): "pipeline.yaml:4:89",
    }


def test_the_view_tells_conditions_and_texts() -> None:
    """The checks see every condition and every text, with the node it belongs to and the signals it can name."""
    made = compiled(
        "exits: [{signal: [replied, go], if: lead.qty > 1, goto: end, do: [{send_email: hi}]}]",
        hi_email_md='Subject: {{ lead.name | default("x") }}\n\n{{ signal.channel }}',
    )
    (condition,) = made.view.conditions
    assert (condition.ref, condition.signals) == ("new/exits/0", ("replied", "go"))
    (message,) = made.view.texts
    assert (message.to_client, message.template, message.signals) == (
        True,
        "hi.email",
        ("replied", "go"),
    )
    assert [(n.path, n.file, *n.position, n.defaulted) for n in message.names] == [
        (("lead", "name"), "templates/hi.email.md", 1, 13, True),
        (("signal", "channel"), "templates/hi.email.md", 3, 4, False),
    ]
