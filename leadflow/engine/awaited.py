"""What each way out waits for: the happening that its trigger names, in the forms it can come now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from leadflow.engine.draft import Draft
from leadflow.engine.pipeline import Exit, Send
from leadflow.engine.tasks import definition, open_tasks
from leadflow.engine.trial import Step, Steps
from leadflow.engine.unblock import another

Kind = Literal["signal", "task", "time", "field", "gate", "effect", "snooze", "nothing"]


class Awaited(NamedTuple):
    """A happening, as a step of its own; no steps: it goes by itself once its `if` and its gates hold."""

    kind: Kind
    steps: Steps = ()
    label: str = ""
    subject: str = ""
    due: str = ""


def awaited(d: Draft, way: Exit) -> Iterator[Awaited]:
    """All that may set a way in motion now; none for what cannot come in the present state."""
    return _KINDS[way.trigger.kind](d, way)


def _signal(_: Draft, way: Exit) -> Iterator[Awaited]:
    for name in way.trigger.names:
        yield Awaited("signal", (Step(do="signal", id=name),), name, name)


def _task(d: Draft, way: Exit) -> Iterator[Awaited]:
    for name in way.trigger.names:
        run, known = d.s.tasks.get(name), definition(d.pipeline, name)
        if run is None or known is None or run.status != "open":
            continue
        for outcome in known.outcomes or ("",):
            if not way.trigger.outcomes or outcome in way.trigger.outcomes:
                step = Step(do="task", id=name, outcome=outcome)
                yield Awaited("task", (step,), outcome or name, name, run.due)


def _timed(d: Draft, way: Exit) -> Iterator[Awaited]:
    deadline = d.s.deadlines.get(way.ref)
    if deadline is not None and deadline.due:
        step = Step(do="wait", until=deadline.due)
        yield Awaited("time", (step,), subject=way.ref, due=deadline.due)


def _sent(d: Draft, way: Exit) -> Iterator[Awaited]:
    """Messages on their way, and buttons that would send one."""
    for key, sent in d.s.sends.items():
        send = d.index.send(sent.ref)
        if send is not None and sent.status == "out" and _meant(send, way):
            yield Awaited("effect", (Step(do="result", id=key),), send.body.template, key)
    for run in open_tasks(d.s):
        known = d.pipeline.tasks.get(run.id)
        for button in known.buttons if known is not None else ():
            if any(isinstance(action.do, Send) and _meant(action.do, way) for action in button.do):
                step = Step(do="press", id=run.id, outcome=button.label)
                yield Awaited("task", (step,), button.label, run.id, run.due)


def _meant(send: Send, way: Exit) -> bool:
    return not {send.body.template, *send.attach}.isdisjoint(way.trigger.names)


def _changed(d: Draft, way: Exit) -> Iterator[Awaited]:
    for name in way.trigger.names:
        yield Awaited("field", another(d, name), name, name)


def _auto(_: Draft, way: Exit) -> Iterator[Awaited]:
    yield Awaited("field", (), subject=way.ref)


_KINDS: dict[str, Callable[[Draft, Exit], Iterator[Awaited]]] = {
    "signal": _signal,
    "task": _task,
    "after": _timed,
    "at": _timed,
    "sent": _sent,
    "changed": _changed,
    "auto": _auto,
}
