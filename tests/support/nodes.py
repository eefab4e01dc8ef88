"""Random parts of pipelines: conditions, gates, triggers, verbs, over a few names, so that they often meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from leadflow.engine import pipeline as ir
from leadflow.engine.durations import Duration
from leadflow.engine.expr import And, Compare, Expr, Lit, Not, Or, Ref, Test
from leadflow.engine.fields import Field, Value
from leadflow.engine.moments import Moment

STAGES = ("a", "b", "c", "won", "lost")
INNER = ("t.x", "t.y", "t.end")
TASKS = ("call", "offer")
OUTCOMES = ("good", "bad")
SIGNALS = ("go", "stop", "replied", "send_failed", "woken", "reassigned", "out_of_office")
FIELDS: dict[str, Field] = {
    "note": Field("note", "text", "Note"),
    "price": Field("price", "money", "Price", goes_to=("deal",)),
    "email": Field("email", "email", "E-mail", goes_to=("ask",)),
    "visit": Field("visit", "datetime", "Visit"),
    "client": Field("client", "choice", "Client", options={"p": "Person", "l": "Legal"}),
}
VALUES: dict[str, tuple[Value, ...]] = {
    "note": ("x", "y", None),
    "price": ("5", "500", None),
    "email": ("a@example.com", None),
    "visit": ("2026-11-24T08:00:00Z", "2026-12-01T10:00:00Z", "2026-11-01T10:00:00Z", None),
    "client": ("p", "l", None),
}
ITEMS = ("seen", "heard")

durations = st.sampled_from(
    [
        Duration(seconds=600),
        Duration(seconds=0),
        Duration(days=1),
        Duration(seconds=7200, working=True),
        Duration(days=2, working=True),
    ]
)
moments = st.sampled_from(
    [
        Moment(field="visit"),
        Moment(field="visit", offset=Duration(days=1), before=True),
        Moment(field="visit", offset=Duration(seconds=3600)),
        Moment(offset=Duration(days=1), clock=600),
    ]
)


def is_set(field: str) -> Expr:
    return Test("set", Ref(("lead", field)))


_ATOMS: list[Expr] = [
    is_set("note"),
    is_set("email"),
    Compare(">", Ref(("lead", "price")), Lit("number", "100")),
    Compare("==", Ref(("lead", "client")), Lit("text", "p")),
    Compare("!=", Ref(("lead", "note")), Ref(("was", "lead", "note"))),
    Test("open", Ref(("task", "call"))),
    Test("done", Ref(("task", "offer"))),
    Compare("==", Ref(("task", "call", "outcome")), Lit("text", "good")),
    Compare("<", Ref(("task", "call", "count")), Lit("number", "3")),
    Test("done", Ref(("track", "t"))),
    Compare("==", Ref(("signal", "channel")), Lit("text", "email")),
    Compare(">", Ref(("now",)), Ref(("lead", "visit"))),
]
conditions: SearchStrategy[Expr] = st.one_of(
    st.sampled_from(_ATOMS),
    st.sampled_from(_ATOMS).map(Not),
    st.tuples(st.sampled_from(_ATOMS), st.sampled_from(_ATOMS)).map(And),
    st.tuples(st.sampled_from(_ATOMS), st.sampled_from(_ATOMS)).map(Or),
)
maybe_condition = st.none() | st.none() | st.none() | conditions

gates = (
    st.just(())
    | st.just(())
    | st.lists(
        st.one_of(
            st.sampled_from(list(FIELDS)).map(lambda name: ir.Gate(id=name, fields=(name,))),
            st.sampled_from(ITEMS).map(lambda item: ir.Gate(id=item, item=item)),
            st.just(ir.Gate(id="email|note", fields=("email", "note"))),
            conditions.map(lambda check: ir.Gate(id="check", check=check, say="no")),
            conditions.map(lambda c: ir.Gate(id="price", fields=("price",), condition=c)),
        ),
        max_size=2,
    ).map(tuple)
)

triggers = st.one_of(
    st.builds(
        ir.Trigger, kind=st.just("signal"), names=st.sampled_from(SIGNALS).map(lambda s: (s,))
    ),
    st.builds(
        ir.Trigger,
        kind=st.just("task"),
        names=st.sampled_from(TASKS).map(lambda t: (t,)),
        outcomes=st.sampled_from([(), ("good",), ("bad",)]),
    ),
    st.builds(ir.Trigger, kind=st.just("sent"), names=st.just(("offer",))),
    st.builds(
        ir.Trigger, kind=st.just("changed"), names=st.sampled_from([("note",), ("price", "note")])
    ),
    st.builds(ir.Trigger, kind=st.just("after"), after=durations),
    st.builds(ir.Trigger, kind=st.just("at"), at=moments),
    st.just(ir.Trigger()),
)

assigns = st.lists(
    st.one_of(
        st.sampled_from([(f, v) for f, values in VALUES.items() for v in values]).map(
            lambda pair: ir.Assign(field=pair[0], value=pair[1])
        ),
        st.just(ir.Assign(field="note", expr=Ref(("lead", "price")))),
        st.just(ir.Assign(field="visit", moment=Moment(offset=Duration(days=1)))),
    ),
    max_size=2,
).map(tuple)
OWNER = ir.People(names=("owner",))
assignees = st.sampled_from(
    [
        ir.Assignee(people=OWNER),
        ir.Assignee(people=ir.People(names=("boris",))),
        ir.Assignee(how="round_robin", people=ir.People(names=("sales",))),
        ir.Assignee(how="nobody"),
    ]
)


def _message(**more: Any) -> ir.Send:
    return ir.Send(channel="email", to="email", body=ir.Text(template="offer"), **more)


_plain: SearchStrategy[ir.Do] = st.sampled_from(
    [
        _message(),
        _message(service=True),
        _message(max_late=Duration(seconds=60)),
        ir.Notify(to=OWNER),
        ir.Watch(to=ir.People(names=("olga",))),
        ir.FinishTask(task="call"),
        ir.FinishTask(task="offer", cancel=True),
        ir.AddFields(amounts={"price": "60"}),
        ir.PinComment(text=ir.Text(source="x")),
        ir.ChangeAudience(name="warm"),
        ir.CallWebhook(connection="erp"),
        ir.CreateDocument(document="contract"),
        ir.StartPipeline(pipeline="other", map={"p": "price"}),
        ir.Snooze(until=Moment(offset=Duration(days=3))),
        ir.StartProgram(program="again"),
    ]
)
verbs: SearchStrategy[ir.Do] = st.one_of(
    _plain,
    _plain,
    _plain,
    st.sampled_from(TASKS).map(lambda task: ir.CreateTask(task=task)),
    st.sampled_from(TASKS).map(lambda task: ir.CreateTask(task=task)),
    st.just(_message()),
    assigns.map(lambda some: ir.SetFields(assigns=some)),
    assignees.map(lambda to: ir.AssignOwner(to=to)),
)
SURE: dict[str, ir.Do] = {
    "a": _message(),
    "b": ir.Watch(to=ir.People(names=("olga",))),
    "c": ir.CreateTask(task="offer"),
    "t.x": ir.Watch(to=OWNER),
}
"""What the stages do whatever else they do."""
