"""What a run asks activities for, and how long it waits for them (`activities.policies`)."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.policies import COMMIT, COMMIT_ACTIVITY, MARK, MARK_ACTIVITY, SEND, SEND_ACTIVITY
from leadflow.engine.events import EffectDone
from leadflow.ports import Commit, Committed, Planned
from workflows import names

LONGEST_ERROR = 500


async def commit(batch: Commit) -> Committed:
    """Stores it, however long the database is away."""
    answer: Committed = await workflow.execute_activity(
        COMMIT_ACTIVITY,
        batch,
        result_type=Committed,
        summary=batch.happened[-1].kind if batch.happened else None,
        **COMMIT,
    )
    return answer


async def send(planned: Planned, *, early: bool) -> EffectDone:
    """How a send ended. ``early``: whoever stores the step is still to plan it."""
    try:
        done: EffectDone = await workflow.execute_activity(
            SEND_ACTIVITY,
            args=[planned.key, True] if early else [planned.key],
            task_queue=names.send_queue(planned.channel),
            result_type=EffectDone,
            summary=planned.channel,
            **SEND,
        )
    except (
        ActivityError
    ) as error:  # nothing that comes from a channel: the activity itself is wrong
        said = str(error.cause)[:LONGEST_ERROR]
        return EffectDone(id="", key=planned.key, result="refused", reason=said)
    return done


async def mark() -> None:
    """Leaves a mark in the history, so that a task is not one without any command (docs/decisions/0018)."""
    await workflow.execute_local_activity(MARK_ACTIVITY, start_to_close_timeout=MARK)
