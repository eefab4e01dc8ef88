"""An SMS gateway that fails in every way it can (S1, S2): later is later, never is never, and what is unclear is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from leadflow.spec.compile.pipeline import compile_text
from leadflow.store.todo import find_tasks
from proving.sinks.process import Sink
from tests.faults.life import account, called, inquiry, sends
from tests.support import chaos
from tests.support.running import home, until
from tests.support.tiny import TINY

TEXTS = TINY.replace("send_email: offer", "send_sms: offer")


class Case(NamedTuple):
    """What the gateway does to a text, and what becomes of it."""

    rule: Mapping[str, Any]
    state: str
    arrived: int


CASES = {
    "busy": Case({"at": "request", "status": 429, "headers": {"Retry-After": "1"}, "times": 1}, "accepted", 1),
    "wrong": Case({"at": "request", "status": 422, "body": "{}"}, "refused", 0),
    "500": Case({"at": "request", "status": 500}, "ambiguous", 0),
    "500 after": Case({"at": "accepted", "status": 500}, "ambiguous", 1),
    "502 html": Case({"at": "request", "status": 502, "body": "<h1>Bad Gateway</h1>"}, "ambiguous", 0),
    "200 error": Case({"at": "request", "status": 200, "body": '{"error": "no money"}'}, "ambiguous", 0),
    "200 cut": Case({"at": "accepted", "status": 200, "body": '{"id": ', "truncate": True}, "ambiguous", 1),
    "gone": Case({"at": "request", "drop": True}, "ambiguous", 0),
    "silent": Case({"at": "accepted", "stall": 4, "drop": True}, "ambiguous", 1),
}  # fmt: skip


async def test_every_failure_ends_as_it_means(
    tmp_path: Path, temporal_server: str, database_url: str
) -> None:
    """S1, S2: 429 waits as long as it is told, 4xx is final; whatever else leaves it open is asked, and never sent again.

    And a gateway that is down is waited for: nothing was handed over.
    """
    with Sink("http", tmp_path) as gateway:
        phones = {name: f"+7916000{1000 + number}" for number, name in enumerate(CASES)}
        gateway.script(
            *({**case.rule, "match": {"to": phones[name]}} for name, case in CASES.items())
        )
        made = compile_text(TEXTS, offer_sms_txt="{{ lead.name }}, это КП")
        async with home(
            tmp_path, temporal_server, made, database=database_url, sms_url=gateway.url
        ) as one:
            with chaos.worker(tmp_path, one.environment):
                leads = {
                    name: await inquiry(one, name, phone=phone, email="c@example.org")
                    for name, phone in phones.items()
                }
                await asyncio.gather(*(called(one, lead) for lead in leads.values()))
                report = await account(one, [gateway], leads.values())
                assert report.complaints == (), report
                for name, case in CASES.items():
                    (row,) = sends(one, leads[name])
                    arrived = gateway.count(row.hash)
                    assert (name, row.state, arrived) == (name, case.state, case.arrived)
                    asked = [task.task for task in find_tasks(one.store, lead=leads[name])]
                    assert asked == (["settle"] if case.state == "ambiguous" else [])
                down = await inquiry(one, "down", email="c@example.org")
                gateway.stop()
                await called(one, down)
                await until(lambda: [row.reason for row in sends(one, down)], all)
                gateway.start()
                report = await account(one, [gateway], [*leads.values(), down])
                assert (report.complaints, sends(one, down)[0].state) == ((), "accepted")
