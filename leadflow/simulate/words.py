"""The timeline in words: what a note of the engine says to a person."""

from __future__ import annotations

from collections.abc import Callable

from leadflow.engine.clock import CalendarError, parse_iso, wall, zone
from leadflow.engine.decision import Note
from leadflow.engine.fields import Value, is_empty

NOTHING = "nothing"

Said = Callable[[Note, str], str]

SILENT = frozenset({"left", "changed", "due"})
"""Notes that the others around them say already."""


def said(note: Note, timezone: str) -> str:
    """A note in words; times on the pipeline's clock."""
    say = _WORDS.get(note.kind)
    return say(note, timezone) if say else f"{note.kind.replace('_', ' ')} {note.subject}".strip()


def clock(at: Value, timezone: str) -> str:
    """An instant as the pipeline's people read it: ``2026-11-25 14:00``; other values as they are."""
    try:
        shown = wall(parse_iso(str(at)), zone(timezone))
    except CalendarError:
        return str(at)
    return f"{shown:%Y-%m-%d %H:%M:%S}" if shown.second else f"{shown:%Y-%m-%d %H:%M}"


def value(of: Value) -> str:
    """A canonical value on one line."""
    match of:
        case list():
            return ", ".join(value(item) for item in of) or NOTHING
        case dict():
            return str(of.get("number") or " ".join(map(str, of.values()))) or NOTHING
        case bool():
            return "yes" if of else "no"
        case _:
            return NOTHING if is_empty(of) else str(of)


def _more(note: Note, *names: str) -> str:
    found = [str(note.detail[name]) for name in names if note.detail.get(name)]
    return f" ({'; '.join(found)})" if found else ""


def _created(note: Note, _: str) -> str:
    left_out = note.detail.get("left_out")
    if not isinstance(left_out, dict) or not left_out:
        return "created"
    return f"created; left out: {'; '.join(map(str, left_out.values()))}"


def _signal(note: Note, _: str) -> str:
    data = note.detail.get("data")
    carried = (
        ", ".join(f"{k}: {value(v)}" for k, v in data.items()) if isinstance(data, dict) else ""
    )
    return f"signal {note.subject}" + (f" ({carried})" if carried else "")


def _task_opened(note: Note, timezone: str) -> str:
    due = note.detail.get("due")
    return f"task {note.subject} opened" + (f", due {clock(due, timezone)}" if due else "")


def _task_done(note: Note, _: str) -> str:
    outcome = note.detail.get("outcome")
    return f"task {note.subject} done" + (f": {outcome}" if outcome else "")


def _until(verb: str) -> Said:
    return lambda note, timezone: (
        f"{note.subject} {verb} {clock(note.detail.get('until'), timezone)}".strip()
    )


def _pending(note: Note, _: str) -> str:
    return f"the way to {note.subject} waits for {value(note.detail.get('missing'))}"


def _assigned(note: Note, _: str) -> str:
    return f"owner: {note.subject or 'nobody'}{_more(note, 'why')}"


def _left_as(text: str, *names: str) -> Said:
    return lambda note, _: text.format(note.subject).strip() + _more(note, *names)


_WORDS: dict[str, Said] = {
    "created": _created,
    "exit": _left_as("way to {} taken"),
    "entered": _left_as("entered {}"),
    "signal": _signal,
    "recorded": _left_as("{} only recorded"),
    "task_opened": _task_opened,
    "task_done": _task_done,
    "task_cancelled": _left_as("task {} cancelled"),
    "task_postponed": lambda note, tz: (
        f"task {note.subject} postponed to {clock(note.detail.get('due'), tz)}"
    ),
    "overdue": _left_as("{} overdue"),
    "ticked": lambda note, _: (
        f"{'ticked' if note.detail.get('on') else 'unticked'} {value(note.detail.get('items'))}"
    ),
    "planned": _left_as("{} goes out"),
    "waiting": _until("waits until"),
    "sent": _left_as("{} sent"),
    "skipped": _left_as("{} not sent", "reason"),
    "refused": _left_as("{} refused", "reason"),
    "ambiguous": _left_as("nobody can know whether {} arrived"),
    "settled": _left_as("settled: {}"),
    "assigned": _assigned,
    "snoozed": lambda note, tz: f"asleep until {clock(note.detail.get('until'), tz)}",
    "woken": _left_as("awake again"),
    "pending": _pending,
    "stopped": _left_as("{} stopped", "reason"),
    "postponed": _until("postponed until"),
    "converting": lambda note, _: f"converting into {value(note.detail.get('create'))}",
    "converted": lambda note, _: f"converted: {value(note.detail.get('created'))}",
    "convert_failed": _left_as("the conversion failed", "reason"),
    "pinned": _left_as("comment pinned"),
    "watched": _left_as("put on watch lists"),
    "document": _left_as("document {} made", "number"),
    "closed": _left_as("closed", "outcome"),
    "quarantined": _left_as("quarantined", "error"),
}
