"""Trying again what fails only now, for as long as somebody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from leadflow.errors import Unreachable

PATIENCE = 15.0
"""Seconds until a door says that nobody answers."""
PAUSE = 0.02
"""Seconds between two looks or tries, at first."""

PASSING = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.FAILED_PRECONDITION,  # a workflow task that fails just now, a run that is being renewed
        RPCStatusCode.RESOURCE_EXHAUSTED,  # ten updates under way
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.UNKNOWN,  # the connection broke in the middle of a call: "transport error"
        RPCStatusCode.INTERNAL,  # or of an answer: "h2 protocol error"
    }
)
NOWHERE = (RPCError, RuntimeError, OSError)
"""What the client raises when no server answers; before the first connection a plain RuntimeError."""

T = TypeVar("T")


class AgainError(Exception):
    """Worth another try at once; its text says what is waited for."""


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Tries again what fails only now: a server that comes back, a run that is being renewed.

    Raises:
        Unreachable: it was no use.
    """
    loop, pause, said = asyncio.get_running_loop(), PAUSE, "no worker answers"
    end = loop.time() + PATIENCE
    while loop.time() < end:
        try:
            async with asyncio.timeout_at(end):
                return await work()
        except AgainError as error:
            said = str(error)
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            _unless_cancelled()
        except RPCError as error:
            if error.status not in PASSING:
                raise
            said = error.message
        except (RuntimeError, OSError) as error:
            said = str(error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, 1.0)
    message = f"the lead cannot be reached: {said}"
    hint = "is everything running? `leadflow up` starts it, `leadflow doctor` says what is wrong"
    raise Unreachable(message, hint)


def _unless_cancelled() -> None:
    """The client turns a cancellation of its caller into an error of its own; ours must not be lost."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
