"""A junk lead of `specs/permits.yaml` is nurtured by advertising, without a manager (S25, S28)."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from leadflow.engine.events import Created, Moved
from leadflow.installation import Connection
from leadflow.spec.compile.pipeline import compile_path
from leadflow.store.audiences import members
from leadflow.store.outbox import outbox
from leadflow.store.todo import find_tasks
from proving.sinks.process import Sink
from tests.support.running import ANNA, COMPANY, ROOT, home, until, working


def sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


async def test_junk_is_nurtured(tmp_path: Path, temporal_server: str, database_url: str) -> None:
    """Dragged to junk, nobody has a task any more; the advertiser is told once, and the file has the lead."""
    permits = compile_path(ROOT / "specs" / "permits.yaml")
    with Sink("http", tmp_path) as ads:
        nurture = Connection("nurture", "audience", ads.url, secret="s3cret", allow_private=True)
        company = msgspec.structs.replace(COMPANY, connections={"nurture": nurture})
        async with (
            home(
                tmp_path, temporal_server, *permits, database=database_url, company=company
            ) as one,
            working(one.settings),
        ):
            fields: dict[str, Any] = {"phone": "8 (916) 123-45-67", "email": "Ivan@Gruz.example"}
            created = Created(id="c", channel="call", call_user="anna", fields=fields)
            lead = (await one.gateway.add("permits", created, source="test", external_id="")).lead
            await one.until(lead, lambda row: row.version > 0)
            answer = await one.gateway.act(lead, Moved(id="m", actor=ANNA, stage="junk"))
            assert (answer.refusals, answer.closed) == ((), "failure")
            (row,) = await until(
                lambda: [each for each in outbox(one.store, lead=lead) if each.finished], bool
            )
            assert (row.channel, row.connection, row.state) == ("audience", "nurture", "accepted")
            await one.client.get_workflow_handle(lead).result()
            assert find_tasks(one.store, lead=lead) == []
            (member,) = members(one.store, one.vault, "nurture")
            assert member.phones == ("+79161234567",)
        (call,) = ads.messages()
    told = json.loads(call["body"])
    assert (told["audience"], told["action"]) == ("nurture", "add")
    assert told["phone_sha256"] == [sha("79161234567")]
    assert told["email_sha256"] == [sha("ivan@gruz.example")]
