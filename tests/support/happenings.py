"""Random events for random pipelines, some of them nonsense."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from leadflow.engine import events as ev
from tests.support.nodes import FIELDS, INNER, ITEMS, OUTCOMES, SIGNALS, STAGES, TASKS, VALUES

ROOT = ev.Actor(user="root", admin=True, supervises=("anna", "boris", ""))
actors = st.sampled_from(
    [ROOT, ROOT, ev.Actor(user="anna"), ev.Actor(user="boris", teams=("sales",)), ev.SYSTEM]
)
fields = st.dictionaries(st.sampled_from(list(FIELDS)), st.none(), max_size=2).flatmap(
    lambda chosen: st.fixed_dictionaries({f: st.sampled_from(VALUES[f]) for f in chosen})
)
any_value = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
wild_fields = (
    fields
    | fields
    | fields
    | st.dictionaries(st.sampled_from([*FIELDS, "none"]), any_value, max_size=2)
)
instants = st.sampled_from(
    [
        "2026-11-24T08:00:00Z",
        "2027-02-01T10:00:00Z",
        "2031-01-01T00:00:00Z",
        "2020-01-01T00:00:00Z",
        "soon",
    ]
)
data = st.dictionaries(
    st.sampled_from(["channel", "until", "amount"]),
    st.sampled_from(["email", "2026-12-01", "2026-12-01T10:00:00Z", "50"]) | any_value,
    max_size=2,
)


def _told(kind: type[Any], **more: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.builds(kind, id=st.just("e"), actor=actors, fields=wild_fields, **more)


_stage = st.sampled_from([*STAGES, *INNER, "none"])
_task = st.sampled_from([*TASKS, "settle", "convert_failed", "none"])
_signal = st.sampled_from(
    [*SIGNALS, "unsubscribed", "complained", "paid", "repeated", "call_in", "none"]
)
_usual: SearchStrategy[ev.AnyEvent] = st.one_of(
    _told(ev.FieldsSet),
    _told(ev.Signal, name=_signal, data=data),
    _told(
        ev.Signal, name=st.sampled_from(SIGNALS), convert=st.sampled_from([(), ("deal",), ("x",)])
    ),
    _told(
        ev.TaskDone, task=_task, outcome=st.sampled_from(["", *OUTCOMES, "sent", "resend", "drop"])
    ),
    _told(ev.ButtonPressed, task=_task, button=st.sampled_from(["Send", "none"])),
    _told(ev.TaskPostponed, task=_task, due=instants),
    _told(
        ev.Ticked,
        items=st.lists(st.sampled_from([*ITEMS, "none"]), max_size=2).map(tuple),
        on=st.booleans(),
    ),
    _told(ev.Moved, stage=_stage),
    _told(ev.Assigned, to=st.sampled_from(["anna", "boris", ""])),
    _told(ev.Snoozed, until=instants),
    _told(ev.Woken),
    _told(ev.Reopened),
)
_odd: SearchStrategy[ev.AnyEvent] = st.one_of(
    st.builds(ev.Timer, id=st.just("t"), due=instants),
    st.builds(ev.OwnerFound, id=st.just("o"), key=st.just("none"), owner=st.just("boris")),
    st.builds(ev.Numbered, id=st.just("n"), number=st.integers(0, 99)),
    st.builds(ev.EffectDone, id=st.just("d"), key=st.just("none/x"), result=st.just("accepted")),
    st.builds(
        ev.DocumentMade,
        id=st.just("m"),
        key=st.just("k"),
        document=st.just("contract"),
        number=st.just("1"),
    ),
    st.builds(ev.ConvertDone, id=st.just("c"), key=st.just("none")),
    st.builds(ev.ConvertFailed, id=st.just("f"), key=st.just("none"), reason=st.just("no")),
    st.builds(ev.Released, id=st.just("r")),
    st.builds(ev.Created, id=st.just("again")),
)
events = _usual | _usual | _usual | _odd
RESULTS = ("accepted", "refused", "skipped", "ambiguous", "dropped", "postponed")
