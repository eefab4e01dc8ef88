"""Temporal is away: what comes in is stored and told later; who decides is told so; nothing waits in vain."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from leadflow.engine.events import Created, FieldsSet, Signal
from leadflow.errors import Unreachable
from leadflow.store.intake import waiting
from leadflow.store.leads import history
from proving.temporal import temporal_server
from tests.support.running import ANNA, home, working
from tests.support.tiny import tiny
from workflows.gateway import TemporalGateway


async def test_a_lead_comes_in_while_temporal_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P1: acknowledged as waiting, begun by the relay once the server is back; a fact told meanwhile is heard as well."""
    monkeypatch.setattr("workflows.gateway.SHORT_PATIENCE", 0.5)
    monkeypatch.setattr("workflows.patience.PATIENCE", 1.0)
    with temporal_server(tmp_path) as temporal:
        async with home(tmp_path, temporal.address, tiny(), smtp_url="smtp://127.0.0.1:9") as one:
            temporal.kill()
            answer = await one.gateway.add("tiny", Created(id="c"), source="t", external_id="1")
            assert (answer.waiting, answer.repeated) == (True, False)
            again = await one.gateway.add("tiny", Created(id="d"), source="t", external_id="1")
            assert (again.lead, again.repeated) == (answer.lead, True)
            await one.gateway.tell(answer.lead, Signal(id="mail", name="replied"))
            with pytest.raises(Unreachable, match="cannot be reached"):
                await one.gateway.act(answer.lead, FieldsSet(id="f", actor=ANNA))
            await asyncio.to_thread(temporal.start)
            async with working(one.settings):
                await one.until(
                    answer.lead,
                    lambda _: "mail" in [e.event for e in history(one.store, answer.lead)],
                )
                await one.until(answer.lead, lambda _: not waiting(one.store, one.vault))


async def test_no_worker_answers(
    tmp_path: Path, temporal_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server without workers: lead and fact are taken, a decision is told what to start; later all go their way."""
    monkeypatch.setattr("workflows.patience.PATIENCE", 0.5)
    async with home(tmp_path, temporal_server, tiny(), smtp_url="smtp://127.0.0.1:9") as one:
        door = TemporalGateway(one.client, one.store, one.vault, one.clock)  # stores nothing itself
        answer = await door.add("tiny", Created(id="c"), source="t", external_id="1")
        assert not answer.waiting
        with pytest.raises(Unreachable, match="no worker answers") as raised:
            await door.act(answer.lead, FieldsSet(id="f", actor=ANNA))
        assert "leadflow up" in raised.value.hint
        await door.tell(answer.lead, Signal(id="mail", name="replied"))
        async with working(one.settings):
            await one.until(answer.lead, lambda row: row.version > 0)
            await one.until(
                answer.lead,
                lambda _: "mail" in [each.event for each in history(one.store, answer.lead)],
            )
