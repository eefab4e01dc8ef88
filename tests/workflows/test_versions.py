"""A new build of the program takes the leads over, running ones too, without anybody doing anything."""

from __future__ import annotations

from pathlib import Path

from leadflow.engine.events import Created, FieldsSet
from tests.support.running import OLGA, home, working
from tests.support.tiny import tiny
from workflows.versions import build_id


def test_the_build_is_what_is_installed() -> None:
    """The same source has the same build."""
    assert build_id() == build_id()
    assert len(build_id()) == 12


async def test_leads_go_on_under_a_new_build(tmp_path: Path, temporal_server: str) -> None:
    """Begun under one build, decided under the next: it becomes the current one when its worker starts."""
    async with home(tmp_path, temporal_server, tiny(), smtp_url="smtp://127.0.0.1:9") as one:
        async with working(one.settings, build="first"):
            lead = (await one.gateway.add("tiny", Created(id="c"), source="t", external_id="")).lead
            await one.until(lead, lambda row: row.version > 0)
            await one.calm(lead)
        async with working(one.settings, build="second"):
            edit = FieldsSet(id="f", actor=OLGA, fields={"price": "5"})
            assert not (await one.gateway.act(lead, edit)).refusals
            await one.calm(lead)
        described = await one.client.get_workflow_handle(lead).describe()
        info = described.raw_description.workflow_execution_info.versioning_info
        assert info.deployment_version.build_id == "second"


async def test_a_build_that_is_not_promoted_waits(tmp_path: Path, temporal_server: str) -> None:
    """Beside the current build it takes no lead over, however long it runs; promoted later, it does."""
    async with home(tmp_path, temporal_server, tiny(), smtp_url="smtp://127.0.0.1:9") as one:

        async def build_of(lead: str) -> str:
            described = await one.client.get_workflow_handle(lead).describe()
            info = described.raw_description.workflow_execution_info.versioning_info
            return info.deployment_version.build_id

        async with working(one.settings, build="first"):
            lead = (await one.gateway.add("tiny", Created(id="c"), source="t", external_id="")).lead
            await one.until(lead, lambda row: row.version > 0)
            async with working(one.settings, build="second", current=False):
                for number in range(5):
                    edit = FieldsSet(id=f"f{number}", actor=OLGA, fields={"price": str(number)})
                    assert not (await one.gateway.act(lead, edit)).refusals
                await one.calm(lead)
                assert await build_of(lead) == "first"
        async with working(one.settings, build="second"):
            edit = FieldsSet(id="g", actor=OLGA, fields={"price": "9"})
            assert not (await one.gateway.act(lead, edit)).refusals
            await one.calm(lead)
            assert await build_of(lead) == "second"
