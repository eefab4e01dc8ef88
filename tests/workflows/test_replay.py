"""Leads outlive the program: histories recorded by earlier versions replay, and everything is decided now as it was then.

`tests.workflows.record` made them; what Temporal's own replayer does not look at, `proving.parity` does.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from leadflow.engine import calendar, opening
from proving.parity import parity, recorded
from tests.support.hasty import HastyWorkflow
from tests.support.tasks import empty_tasks
from workflows.lead import LeadWorkflow
from workflows.payloads import data_converter

HISTORIES = Path(__file__).parent / "histories"
RECORDED = sorted(HISTORIES.glob("*.json"))
PLAIN = data_converter(None)


def history(name: str) -> WorkflowHistory:
    return WorkflowHistory.from_json("lead-recorded", (HISTORIES / f"{name}.json").read_text())


async def differences(name: str) -> list[str]:
    return await parity(history(name), [LeadWorkflow], PLAIN)


async def replay(name: str, workflow: type = LeadWorkflow) -> None:
    """As Temporal does it."""
    runner = UnsandboxedWorkflowRunner()
    replayer = Replayer(workflows=[workflow], data_converter=PLAIN, workflow_runner=runner)
    await replayer.replay_workflow(history(name))


@pytest.mark.parametrize("name", [file.stem for file in RECORDED])
async def test_recorded_histories_replay(name: str) -> None:
    """The same commands with the same content: deadlines, states, effects, answers, search attributes."""
    assert await differences(name) == []


@pytest.mark.parametrize("name", [file.stem for file in RECORDED])
def test_a_result_is_followed_by_a_command(name: str) -> None:
    """No task that heard an activity's result is empty: it might be played together with a later one (decision 0018)."""
    assert empty_tasks(history(name)) == []


def test_everything_is_recorded() -> None:
    """Between them the lives do all that a workflow can ask for."""
    found = Counter(one.kind for file in RECORDED for one in recorded(history(file.stem).events))
    assert set(found) == {"timer", "activity", "attributes", "answer", "end"}
    everything = [
        json.dumps(one.what) for each in RECORDED for one in recorded(history(each.stem).events)
    ]
    kinds = {kind for text in everything for kind in re.findall(r'"kind": "(\w+)"', text)}
    told = {
        "TaskDone",
        "Timer",
        "Signal",
        "Snoozed",
        "Migrated",
        "Released",
        "EffectDone",
        "converting",
    }
    assert told <= kinds


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Calendars remember what they have computed: right before, wrong in between."""
    calendar._opening.cache_clear()
    yield
    calendar._opening.cache_clear()


async def test_a_time_zone_bug_is_caught(monkeypatch: pytest.MonkeyPatch, forgetful: None) -> None:
    """Moscow two hours off: Temporal's replayer is content, though every call is now due at another hour."""
    monkeypatch.setattr(calendar, "zone", lambda _: ZoneInfo("Asia/Yekaterinburg"))
    await replay("sold")
    found = await differences("sold")
    assert [line for line in found if line.startswith("timer") and "now is" in line]
    assert [line for line in found if ".deadlines." in line]


async def test_a_holiday_bug_is_caught(monkeypatch: pytest.MonkeyPatch, forgetful: None) -> None:
    """Working days that end an hour later: the same."""
    real = opening.Opening.__init__

    def later(
        self: opening.Opening, zone: ZoneInfo, days: object, hours: object, *more: object
    ) -> None:
        real(self, zone, days, (hours[0] + 60, hours[1]), *more)  # type: ignore[arg-type,index]  # as it came

    monkeypatch.setattr(opening.Opening, "__init__", later)
    await replay("sold")
    assert [line for line in await differences("sold") if line.startswith("timer")]


async def test_another_text_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an activity is given counts, too: here the priority of what a message says."""
    monkeypatch.setattr("leadflow.engine.sends.subject", lambda *_: "another")
    await replay("talk")
    assert [line for line in await differences("talk") if "notes" in line]


async def test_a_build_that_is_not_deterministic_does_not_replay() -> None:
    """P3, before a release: one activity more, and the recorded histories say so."""
    with pytest.raises(NondeterminismError):
        await replay("talk", HastyWorkflow)
