"""A worker killed while it hands an SMS over to a gateway that can be asked: nobody of ours has to be (W5, S2)."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from leadflow.installation import Connection, LookUp, Reading
from leadflow.spec.compile.pipeline import compile_text
from leadflow.store.todo import find_tasks
from proving.sinks.process import Sink
from tests.faults.life import account, called, inquiry, sends
from tests.support import chaos
from tests.support.running import COMPANY, home, until
from tests.support.tiny import TINY

TEXTS = TINY.replace("send_email: offer", "send_sms: offer")
ANSWERS = (Reading("accepted", at="found", id="found"), Reading("missing", at="missing"))


async def test_the_gateway_tells_what_the_dead_worker_could_not(
    tmp_path: Path, temporal_server: str
) -> None:
    """W5: killed after the gateway took it: accepted, S=1. Killed before: it is missing, and goes once more. No task."""
    with Sink("http", tmp_path) as gateway:
        question = LookUp(f"{gateway.url}ask?to={{digits}}", "GET", answers=ANSWERS, after=1)
        gate = Connection("gate", "sms", f"{gateway.url}send", look_up=question)
        company = msgspec.structs.replace(
            COMPANY, connections={**COMPANY.connections, "gate": gate}
        )
        made = compile_text(TEXTS, offer_sms_txt="{{ lead.name }}, это КП")
        phones = {"accepted": "+79160001001", "request": "+79160001002"}
        killed = [
            {"at": at, "kill": "sender", "drop": True, "times": 1, "match": {"to": phone}}
            for at, phone in phones.items()
        ]
        told = [
            {"at": "request", "status": 200, "body": json.dumps({word: "g7"}), "match": {"path": f"/ask?to={phone[1:]}"}}
            for word, phone in zip(("found", "missing"), phones.values(), strict=True)
        ]  # fmt: skip
        gateway.script(*killed, *told)
        async with home(tmp_path, temporal_server, made, company=company) as one:
            with chaos.worker(tmp_path, one.environment) as worker:
                leads = []
                for number, (at, phone) in enumerate(phones.items(), start=1):
                    leads.append(await inquiry(one, at, phone=phone))
                    await called(one, leads[-1])
                    await until(lambda: worker.deaths, number.__eq__)
                report = await account(one, [gateway], leads)
                assert report.complaints == (), str(report)
                for lead in leads:
                    (row,) = sends(one, lead)
                    assert (row.state, gateway.count(row.hash)) == ("accepted", 1)
                    assert find_tasks(one.store, lead=lead) == []
                assert sends(one, leads[0])[0].provider_id == "g7"
