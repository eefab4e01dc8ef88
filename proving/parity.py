"""Whether the program of today decides for a recorded history what was decided then, to the letter.

Temporal's replayer compares which commands a workflow gives, not what is in them: a timer that goes off on another day, a
mail that says something else pass it. Here the inputs of a history (what it was begun with, updates, signals, answers of
activities, timers, each at its time) go through the shell and the engine as they are now, and everything they would ask
for is compared with what stands in the history: the absolute deadline of every timer, the input of every activity, search
attributes, the answers of updates, what the next run would be begun with.

Histories have to be readable: not sealed (`tests.workflows.record`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any, NamedTuple

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
)
from typing_extensions import override

NOTHING = "nothing"
OWN = "the workflow's own"
LONGEST = 200
"""Characters of a value that is told."""


class Asked(NamedTuple):
    """Something that a workflow asked for."""

    kind: str
    """``timer``, ``activity``, ``attributes``, ``answer``, ``end``."""
    at: datetime
    """When the workflow's clock stood there."""
    what: Any
    """Plain JSON."""


async def parity(
    history: WorkflowHistory, workflows: Sequence[type], converter: DataConverter
) -> list[str]:
    """Where the program of today differs from a history, in words; empty: nowhere.

    Args:
        history: not sealed.
        workflows: their classes.
        converter: of the program, without a cipher.

    Raises:
        temporalio.workflow.NondeterminismError: the replayer itself is not content.
    """
    runner = _Listener()
    replayer = Replayer(workflows=workflows, data_converter=converter, workflow_runner=runner)
    await replayer.replay_workflow(history)
    return list(compared(list(recorded(history.events)), runner.asked()))


def recorded(events: Iterable[HistoryEvent]) -> Iterator[Asked]:
    """What a history says was asked for."""
    began = now = datetime.min.replace(tzinfo=UTC)
    own = ""
    for event in events:
        name = event.WhichOneof("attributes") or ""
        if name == "workflow_execution_started_event_attributes":
            own = event.workflow_execution_started_event_attributes.task_queue.name
        elif name == "workflow_task_started_event_attributes":
            began = _instant(event.event_time)
        elif name == "workflow_task_completed_event_attributes":
            now = began
        elif name in _EVENTS:
            kind, read = _EVENTS[name]
            yield Asked(kind, now, _named(read(getattr(event, name), now), own))


class _Listener(UnsandboxedWorkflowRunner):
    """Keeps the commands of a replayed workflow."""

    def __init__(self) -> None:
        self._heard: list[tuple[datetime, int, Asked]] = []

    def asked(self) -> list[Asked]:
        """What it asked for; a timer taken back in the same breath was never started."""
        return [asked for _, _, asked in self._heard]

    @override
    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        own = det.info.task_queue  # a replayer has one of its own
        instance = super().create_instance(det)
        activate = instance.activate

        def listen(act: WorkflowActivation) -> WorkflowActivationCompletion:
            done = activate(act)
            for command in done.successful.commands:
                self._hear(_instant(act.timestamp), command, own)
            return done

        instance.activate = listen  # type: ignore[method-assign] # the instance is ours alone
        return instance

    def _hear(self, now: datetime, command: WorkflowCommand, own: str) -> None:
        if command.HasField("cancel_timer"):
            taken_back = (now, command.cancel_timer.seq)
            self._heard = [one for one in self._heard if one[:2] != taken_back]
        name = command.WhichOneof("variant") or ""
        if name == "update_response" and command.update_response.HasField("accepted"):
            return
        if name in _COMMANDS:
            kind, read = _COMMANDS[name]
            seq = command.start_timer.seq if kind == "timer" else 0
            what = _named(read(getattr(command, name), now), own)
            self._heard.append((now, seq, Asked(kind, now, what)))


def _instant(at: Timestamp) -> datetime:
    return at.ToDatetime(tzinfo=UTC)


def _due(now: datetime, left: Duration) -> str:
    """The instant itself, in whole milliseconds: servers keep no more."""
    due = now + left.ToTimedelta() + timedelta(microseconds=500)
    return due.isoformat(timespec="milliseconds")


Read = Callable[[Any, datetime], Any]

_EVENTS: dict[str, tuple[str, Read]] = {
    "timer_started_event_attributes": (
        "timer",
        lambda timer, now: _due(now, timer.start_to_fire_timeout),
    ),
    "activity_task_scheduled_event_attributes": (
        "activity",
        lambda one, _: _activity(one.activity_type.name, one.task_queue.name, one.input.payloads),
    ),
    "upsert_workflow_search_attributes_event_attributes": (
        "attributes",
        lambda one, _: _fields(one.search_attributes.indexed_fields),
    ),
    "workflow_execution_update_completed_event_attributes": (
        "answer",
        lambda update, _: _answer(update.outcome.success.payloads, update.outcome.failure),
    ),
    "workflow_execution_continued_as_new_event_attributes": (
        "end",
        lambda again, _: _values(again.input.payloads),
    ),
    "workflow_execution_completed_event_attributes": ("end", lambda *_: NOTHING),
}
"""Attributes of a history's event → kind, and what was asked for."""
_COMMANDS: dict[str, tuple[str, Read]] = {
    "start_timer": ("timer", lambda timer, now: _due(now, timer.start_to_fire_timeout)),
    "schedule_activity": (
        "activity",
        lambda one, _: _activity(one.activity_type, one.task_queue, one.arguments),
    ),
    "upsert_workflow_search_attributes": (
        "attributes",
        lambda one, _: _fields(one.search_attributes.indexed_fields),
    ),
    "update_response": ("answer", lambda update, _: _answer([update.completed], update.rejected)),
    "continue_as_new_workflow_execution": ("end", lambda again, _: _values(again.arguments)),
    "complete_workflow_execution": ("end", lambda *_: NOTHING),
}
"""The same of a workflow's command."""


def _activity(name: str, queue: str, payloads: Iterable[Payload]) -> dict[str, Any]:
    return {"activity": name, "queue": queue, "input": _values(payloads)}


def _answer(payloads: Iterable[Payload], failure: Failure) -> Any:
    """Of an update: its value, or why it failed."""
    if failure.HasField("application_failure_info"):
        info = failure.application_failure_info
        return {"failed": info.type, "details": _values(info.details.payloads)}
    return _values(payloads)


def _named(what: Any, own: str) -> Any:
    """The workflow's own task queue, by no name."""
    if isinstance(what, dict) and what.get("queue") == own:
        return {**what, "queue": OWN}
    return what


def _values(payloads: Iterable[Payload]) -> list[Any]:
    return [json.loads(payload.data) if payload.data else None for payload in payloads]


def _fields(fields: Mapping[str, Payload]) -> dict[str, Any]:
    return {name: _values([payload])[0] for name, payload in fields.items()}


def compared(then: Sequence[Asked], now: Sequence[Asked]) -> Iterator[str]:
    """The differences in words, kind by kind: what the server wrote in another order is none."""
    for kind in ("timer", "activity", "attributes", "answer", "end"):
        pairs = zip_longest(_of(kind, then), _of(kind, now))
        for number, (before, after) in enumerate(pairs, 1):
            one = before or after
            place = f"{kind} {number}" + (f" at {one.at:%Y-%m-%d %H:%M:%S}" if one else "")
            if before is None or after is None:
                yield f"{place}: {'more' if before is None else 'fewer'} than recorded"
            else:
                yield from (f"{place}: {line}" for line in _differences(before.what, after.what))


def _of(kind: str, asked: Iterable[Asked]) -> list[Asked]:
    return [one for one in asked if one.kind == kind]


def _differences(then: Any, now: Any, path: str = "") -> Iterator[str]:
    if isinstance(then, dict) and isinstance(now, dict):
        for name in {**then, **now}:
            inner = f"{path}.{name}" if path else str(name)
            yield from _differences(then.get(name, NOTHING), now.get(name, NOTHING), inner)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for place, (before, after) in enumerate(zip(then, now, strict=True)):
            yield from _differences(before, after, f"{path}[{place}]")
    elif then != now:
        yield f"{path or 'it'} was {_short(then)}, now is {_short(now)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
