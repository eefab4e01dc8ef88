"""The one pipe that every line of a process's log goes through: ours, Temporal's, the libraries', and what crashes it."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping, Sequence
from pathlib import PurePath
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict

from leadflow.errors import Misconfigured
from leadflow.logs.redact import redacted

Form = Literal["json", "text"]

OURS = ("leadflow", "workflows", "activities", "commands", "worker")
"""Loggers that tell of daily business; others are heard from `WARNING` on."""
_FRAMES = 8
"""Of a traceback, the innermost."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def form_of(setting: str, stream: TextIO) -> Form:
    """``LEADFLOW_LOG``, or what fits the stream: text for a terminal, JSON for everything else.

    Raises:
        Misconfigured: it is neither ``json`` nor ``text``.
    """
    if setting in {"json", "text"}:
        return setting  # type: ignore[return-value]  # mypy narrows no set
    if setting:
        message = f"LEADFLOW_LOG is '{setting}'"
        raise Misconfigured(message, "set it to json or text, or leave it unset")
    return "text" if stream.isatty() else "json"


def begin(form: Form, stream: TextIO) -> None:
    """From now on this process logs to ``stream``, crashes included; of one in native code where each thread was."""
    faulthandler.enable(stream)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    crash = logging.getLogger("leadflow.crash")

    def crashed(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        crash.critical("crashed", exc_info=(kind, error, trace))

    def thread_crashed(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            crashed(told.exc_type, told.exc_value, told.exc_traceback)

    sys.excepthook = crashed
    threading.excepthook = thread_crashed


def formatter(form: Form) -> logging.Formatter:
    """A record of the log, ours or a library's, as one line in which nothing personal is left."""
    render: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _explained,
            _redacted,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            render,
        ],
    )


def _redacted(_logger: object, _method: str, event: EventDict) -> MutableMapping[str, Any]:
    found = redacted(event)
    found["event"] = " ".join(str(found.get("event", "")).split())
    return found


def _explained(_logger: object, _method: str, event: EventDict) -> EventDict:
    """An exception as its kind and words, with those that caused it, and where it was raised: one line, no values."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if given is True:
        given = sys.exc_info()
    if isinstance(given, BaseException):
        given = (type(given), given, given.__traceback__)
    if given and given[1] is not None:
        event["error"] = " <- ".join(_words(one) for one in _chain(given[1]))
        event["trace"] = [*_places(given[2])]
    return event


def _chain(error: BaseException) -> Sequence[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return found


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _places(trace: TracebackType | None) -> Sequence[str]:
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [
        f"{'/'.join(PurePath(one.filename).parts[-2:])}:{one.lineno} {one.name}" for one in frames
    ]
