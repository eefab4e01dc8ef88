"""A lead in a test: tell it events, move its clock, look at what it asks for. The laws of the engine hold throughout.

Every event told is checked: refused means the very same state, accepted means one version more; effect keys are new;
the state survives JSON; a tick leaves nothing due; nothing of an ended visit stays armed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from leadflow.engine import events as ev
from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.decide import begin, decide, next_deadline
from leadflow.engine.decision import Decision, Note
from leadflow.engine.draft import Draft
from leadflow.engine.effects import AnyEffect, SendMessage, SettleSend, TaskChanged
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from leadflow.spec.compile.pipeline import compile_text

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""10:00 in Moscow."""

ANNA = ev.Actor(user="anna")
OLGA = ev.Actor(user="olga", supervises=("anna", "boris"))
ADMIN = ev.Actor(user="root", admin=True)
STRANGER = ev.Actor(user="stranger")

REPEATABLE = (TaskChanged, SettleSend)
"""Effects whose key is the thing's they change."""

TOP = """
pipeline: test
calendar: {timezone: Europe/Moscow, days: mon-fri, hours: "09:00-19:00"}
fields:
  name: {type: person, label: Name}
  phone: {type: phone, label: Phone}
  email: {type: email, label: E-mail}
  price: {type: money, label: Price, currency: RUB}
  count: {type: number, label: Count}
  client: {type: choice, label: Client, options: {person: Person, legal: Company}}
  visit: {type: datetime, label: Visit}
  day: {type: date, label: Day}
  note: {type: text, label: Note}
  who: {type: user, label: Who}
"""

TEMPLATES = {
    **{f"{name}_email_md": f"Subject: {name}\n\nHello" for name in ("offer", "hello", "thanks")},
    "priced_email_md": "Subject: Offer\n\n{{ lead.price }} {{ owner.name }}",
    "short_sms_txt": "Hello",
}

_STATE = msgspec.json.Decoder(State)


def pipeline(body: str, top: str = TOP) -> Pipeline:
    """A pipeline from its stages (and whatever else stands at the top level)."""
    return compile_text(top + body, **TEMPLATES).pipeline


class Lead:
    """See the module. ``told`` is the last decision; ``effects`` and ``notes`` are all since the start."""

    def __init__(self, spec: str | Pipeline, now: datetime = MONDAY) -> None:
        self.pipeline = spec if isinstance(spec, Pipeline) else pipeline(spec)
        self.now = now
        self.state = begin(self.pipeline, "L1")
        self.effects: list[AnyEffect] = []
        self.notes: list[Note] = []
        self.told: Decision = Decision(self.state)
        self.events = 0

    # ---- telling --------------------------------------------------------------------------------------------------

    def tell(self, event: ev.AnyEvent) -> Decision:
        before, written = self.state, msgspec.json.encode(self.state)
        decision = decide(self.pipeline, before, event, self.now)
        assert msgspec.json.encode(before) == written, "the state given is never written to"
        if decision.refusals:
            assert decision.state is before
            assert decision.effects == ()
        else:
            assert decision.state.version == before.version + 1
            self._check(decision, event)
        self.state, self.told = decision.state, decision
        self.effects.extend(decision.effects)
        self.notes.extend(decision.notes)
        return decision

    def _check(self, decision: Decision, event: ev.AnyEvent) -> None:
        s = decision.state
        assert _STATE.decode(msgspec.json.encode(s)) == s
        known = {effect.key for effect in self.effects}
        for effect in decision.effects:
            again = isinstance(effect, SendMessage) and effect.key in before_sends(self.state)
            if not isinstance(effect, REPEATABLE) and not again:
                assert effect.key not in known, f"{effect.key} comes a second time"
                known.add(effect.key)
        if isinstance(event, ev.Timer) and (due := next_deadline(s)) is not None:
            assert due > parse_iso(event.due)
        nothing_left(self.pipeline, s)

    def _event(self, kind: type[Any], by: ev.Actor | None, **data: Any) -> list[str]:
        self.events += 1
        actor = by or ev.Actor(user=self.state.owner or "anna")
        self.tell(kind(id=f"e{self.events}", actor=actor, **data))
        return self.refused

    def create(self, *, by: ev.Actor = ANNA, **data: Any) -> Lead:
        fields = data.pop("fields", {})
        self._event(ev.Created, by, fields=fields, **data)
        return self

    def signal(self, name: str, *, by: ev.Actor | None = None, **more: Any) -> list[str]:
        return self._event(ev.Signal, by, name=name, **more)

    def fact(self, name: str, **data: Any) -> list[str]:
        return self._event(ev.Signal, ev.SYSTEM, name=name, data=data)

    def task(
        self, name: str, outcome: str = "", *, by: ev.Actor | None = None, **more: Any
    ) -> list[str]:
        return self._event(ev.TaskDone, by, task=name, outcome=outcome, **more)

    def press(self, name: str, button: str, *, by: ev.Actor | None = None) -> list[str]:
        return self._event(ev.ButtonPressed, by, task=name, button=button)

    def set(self, *, by: ev.Actor | None = None, **fields: Any) -> list[str]:
        return self._event(ev.FieldsSet, by, fields=fields)

    def tick(self, *items: str, on: bool = True) -> list[str]:
        return self._event(ev.Ticked, None, items=items, on=on)

    def move(self, stage: str, *, by: ev.Actor | None = None, **more: Any) -> list[str]:
        return self._event(ev.Moved, by, stage=stage, **more)

    def assign(self, user: str, *, by: ev.Actor | None = None) -> list[str]:
        return self._event(ev.Assigned, by, to=user)

    def snooze(self, until: str, *, by: ev.Actor | None = None) -> list[str]:
        return self._event(ev.Snoozed, by, until=utc(until))

    def wake(self, *, by: ev.Actor | None = None) -> list[str]:
        return self._event(ev.Woken, by)

    def reopen(self, *, by: ev.Actor = OLGA) -> list[str]:
        return self._event(ev.Reopened, by)

    def postpone(self, name: str, due: str) -> list[str]:
        return self._event(ev.TaskPostponed, None, task=name, due=utc(due))

    def arrive(self, key: str = "", result: str = "accepted", **more: Any) -> list[str]:
        """A send has its result; without a key the oldest one out."""
        key = key or self.out[0]
        return self._event(ev.EffectDone, ev.SYSTEM, key=key, result=result, **more)

    def converted(self, **created: str) -> None:
        assert self.state.converting is not None
        self._event(ev.ConvertDone, ev.SYSTEM, key=self.state.converting.key, created=created)

    # ---- time -----------------------------------------------------------------------------------------------------

    def until(self, text: str) -> Lead:
        """Moscow time passes until ``"2026-11-23 12:00"`` (or ``"12:00"``, today); what is due by then runs."""
        target = parse_iso(utc(text, self.now))
        for _ in range(500):
            due = next_deadline(self.state)
            if due is None or due > target:
                self.now = target
                return self
            self.now = max(self.now, due)
            self.tell(ev.Timer(id=f"timer/{iso(due)}", due=iso(due)))
        message = "the timers do not come to an end"
        raise AssertionError(message)

    @property
    def next(self) -> str:
        """The next deadline on Moscow's clock, ``""`` if there is none."""
        due = next_deadline(self.state)
        return moscow(iso(due)) if due else ""

    # ---- looking --------------------------------------------------------------------------------------------------

    @property
    def stage(self) -> str:
        return self.state.stage

    @property
    def refused(self) -> list[str]:
        return [refusal.id for refusal in self.told.refusals]

    @property
    def open(self) -> list[str]:
        return [run.id for run in self.state.tasks.values() if run.status == "open"]

    @property
    def asleep(self) -> bool:
        return self.state.sleep is not None

    @property
    def pending(self) -> list[str]:
        """Refs of the exits that wait for their gates."""
        return [one.ref for one in self.state.pending]

    @property
    def out(self) -> list[str]:
        """Keys of what is on its way."""
        return [key for key, run in self.state.sends.items() if run.status == "out"]

    @property
    def waiting(self) -> list[str]:
        return [key for key, run in self.state.sends.items() if run.status == "waiting"]

    @property
    def sent(self) -> list[str]:
        """Nodes of the messages handed out, in order."""
        return [e.key.split("/")[3] for e in self.effects if isinstance(e, SendMessage)]

    def asked(self, kind: type[Any]) -> list[Any]:
        """All effects of a kind."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def noted(self, kind: str) -> list[Note]:
        return [note for note in self.notes if note.kind == kind]

    def reasons(self) -> list[tuple[str, Any]]:
        """What was skipped, and why."""
        return [(note.subject, note.detail["reason"]) for note in self.noted("skipped")]


def before_sends(state: State) -> frozenset[str]:
    """A message that the hand-over postponed goes again under its own key."""
    return frozenset(state.sends)


def nothing_left(spec: Pipeline, s: State) -> None:
    """Leaving a stage leaves nothing of its visit armed (Meaning 5)."""
    d = Draft(spec, s, MONDAY)
    for what, scope in (
        *((key, one.scope) for key, one in s.deadlines.items()),
        *((key, one.scope) for key, one in s.programs.items()),
        *((key, one.scope) for key, one in s.tasks.items() if one.status == "open"),
        *((key, one.scope) for key, one in s.sends.items() if one.status == "waiting"),
        *((one.ref, one.scope) for one in s.pending),
        *s.watchers.items(),
    ):
        assert d.alive(scope), f"{what} is left of {scope}"
    if s.sleep is not None:
        assert set(s.sleep.left) <= set(s.deadlines)
    assert set(s.paused) <= set(s.deadlines)


def utc(text: str, today: datetime = MONDAY) -> str:
    """Moscow's clock, which is three hours ahead all year, as UTC; what is UTC already stays."""
    if text.endswith("Z") or not text[:1].isdigit():
        return text
    if len(text) == len("12:00"):
        text = f"{today + timedelta(hours=3):%Y-%m-%d} {text}"
    return iso(datetime.fromisoformat(f"{text}+03:00"))


def moscow(text: str) -> str:
    """UTC as it stands on Moscow's clock."""
    return f"{parse_iso(text) + timedelta(hours=3):%Y-%m-%d %H:%M}"
