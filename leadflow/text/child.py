"""The process that renders: a request a line, an answer a line, until its input ends.

It starts without the parent's environment, so that no secret is in it; its memory is limited for good, its processor
time for each request anew: past that the kernel ends it, whatever it is in the middle of.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import BinaryIO

import msgspec

from leadflow.text.context import thaw
from leadflow.text.email import render_email
from leadflow.text.errors import EmptyValue, TemplateFailed
from leadflow.text.protocol import Answer, Limits, Request
from leadflow.text.render import render

_DECODE = msgspec.json.Decoder(Request)
_LIMITS = msgspec.json.Decoder(Limits)
_ENCODE = msgspec.json.Encoder()


def serve(requests: BinaryIO, answers: BinaryIO, limits: Limits) -> None:
    """Answers requests until there are none. Ends, too, after one that took all its memory."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # whatever the parent does with it
    answers.write(b"\n")
    answers.flush()
    given = Answer()
    while not given.last:
        try:
            line = requests.readline()
            if not line:
                return
            signal.setitimer(signal.ITIMER_PROF, limits.processor)
            given = answer(_DECODE.decode(line))
        except MemoryError:
            message = f"the text needs more than {limits.memory >> 20} MB of memory"
            given = Answer(failed=message, last=True)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(_ENCODE.encode(given) + b"\n")
        answers.flush()


def answer(request: Request) -> Answer:
    """The text that is asked for, or why there is none."""
    context = thaw(request.context)
    try:
        if request.email:
            letter = render_email(
                request.source,
                context,
                subject=request.subject,
                language=request.language,
                timezone=request.timezone,
                audience=request.audience,
            )
            return Answer(text=letter.text, subject=letter.subject, html=letter.html)
        text = render(
            request.source,
            context,
            language=request.language,
            timezone=request.timezone,
            audience=request.audience,
            html=request.html,
        )
        return Answer(text=text)
    except EmptyValue as error:
        return Answer(empty=error.name, line=error.line)
    except TemplateFailed as error:
        return Answer(failed=error.message, hint=error.hint, line=error.line)


if __name__ == "__main__":
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer, _LIMITS.decode(sys.argv[1]))
    except BrokenPipeError:  # who asked is dead
        os._exit(0)  # what is left to be written has no reader
