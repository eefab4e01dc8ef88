"""Rendering in processes of their own, so that no template can take the worker's memory or time.

A process serves many renderings and never two at once; one that a template has brought down is replaced. They end with
the parent, however it ends: their input ends then.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from leadflow.text.context import Context, freeze
from leadflow.text.email import RenderedEmail
from leadflow.text.errors import EmptyValue, RendererDown, TemplateFailed, TextError
from leadflow.text.protocol import Answer, Limits, Request
from leadflow.text.shown import Audience

_LONGEST_ANSWER = 8 << 20
"""Bytes: more than the text, the HTML of a letter and their escapes can come to."""
_SECONDS_TO_END = 2.0
_ANSWER = msgspec.json.Decoder(Answer)
_BROUGHT_DOWN = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS}
"""How a process ends when native code gets no memory or no stack: the same template does it again."""


class RenderPool:
    """Renders in at most ``size`` processes at a time; safe to use from several threads.

    From asyncio: ``await asyncio.to_thread(pool.render, …)``. Processes start when first needed; `close` ends them.
    """

    def __init__(self, size: int = 2, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False

    def render(
        self,
        source: str,
        context: Context,
        *,
        language: str = "ru",
        timezone: str = "UTC",
        audience: Audience = "us",
        html: bool = False,
    ) -> str:
        """`leadflow.text.render`, bounded.

        Raises:
            TemplateFailed: it cannot be rendered within the limits.
            EmptyValue: it is for a client and prints an empty value.
            RendererDown: not the template's fault; worth another attempt.
        """
        frozen = freeze(context)
        request = Request(source, frozen, language, timezone, audience, html=html)
        return self._ask(request).text

    def render_email(
        self,
        source: str,
        context: Context,
        *,
        subject: str | None = None,
        language: str = "ru",
        timezone: str = "UTC",
        audience: Audience = "client",
    ) -> RenderedEmail:
        """`leadflow.text.render_email`, bounded; raises as `render`."""
        frozen = freeze(context)
        request = Request(source, frozen, language, timezone, audience, email=True, subject=subject)
        answer = self._ask(request)
        return RenderedEmail(answer.subject, answer.text, answer.html)

    def close(self) -> None:
        """Ends the idle processes; one that is rendering ends after it."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, request: Request) -> Answer:
        with self._slots:
            child = self._take()
            try:
                answer = child.ask(msgspec.json.encode(request))
            except BaseException:
                child.end()
                raise
            self._give_back(child, last=answer.last)
        if answer.empty:
            raise EmptyValue(answer.empty, answer.line)
        if answer.failed:
            raise TemplateFailed(answer.failed, answer.line, answer.hint)
        return answer

    def _take(self) -> _Child:
        with self._lock:
            if self._closed:
                message = "the renderer is closed"
                raise RendererDown(message)
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                child.end()
        return _Child(self._limits)

    def _give_back(self, child: _Child, *, last: bool) -> None:
        with self._lock:
            if not (last or self._closed):
                self._idle.append(child)
                return
        child.end()


def _start(limits: Limits) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
        [sys.executable, "-P", "-m", "leadflow.text.child", msgspec.json.encode(limits)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # None of the worker's secrets, but its import path, from wherever it was set.
        env={"PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path)},
        start_new_session=True,  # a Ctrl-C is for the parent, which closes it
    )


class _Child:
    """One process that renders."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        try:
            self._process = _start(limits)
        except OSError as error:
            message = f"the renderer cannot be started: {error}"
            raise RendererDown(message) from error
        try:
            self._exchange(b"")
        except BaseException:
            self.end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes) -> Answer:
        """The answer to a request; raises as `RenderPool.render` when there is none."""
        return _ANSWER.decode(self._exchange(request + b"\n"))

    def end(self) -> None:
        """Ends the process and waits for it."""
        assert self._process.stdin is not None  # noqa: S101 - opened as pipes
        assert self._process.stdout is not None  # noqa: S101 - opened as pipes
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _exchange(self, request: bytes) -> bytes:
        """Writes a request, if any, and reads a line; a process that takes too long is killed meanwhile."""
        assert self._process.stdin is not None  # noqa: S101 - opened as pipes
        assert self._process.stdout is not None  # noqa: S101 - opened as pipes
        watch = threading.Timer(self._limits.wall, self._process.kill)
        watch.daemon = True
        watch.start()
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
            line = self._process.stdout.readline(_LONGEST_ANSWER)
        except BrokenPipeError:
            line = b""
        finally:
            watch.cancel()
        if line.endswith(b"\n"):
            return line
        raise self._lost(line)

    def _lost(self, line: bytes) -> TextError:
        """Why there is no answer, by how the process has ended."""
        if len(line) == _LONGEST_ANSWER:
            return TemplateFailed("the text is too long")
        status = self._process.wait(_SECONDS_TO_END)
        if status == -signal.SIGPROF:
            seconds = (
                f"{self._limits.processor:g} second{'' if self._limits.processor == 1 else 's'}"
            )
            return TemplateFailed(f"the text took more than {seconds} of processor time")
        if status in _BROUGHT_DOWN:
            return TemplateFailed("the text brought the renderer down: it needs too much memory")
        return RendererDown(f"the renderer ended with status {status}")
