"""A worker's log tells what happened by ids; of the person and of secrets nothing, whatever goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

from leadflow.engine.events import Created, Signal
from leadflow.store.outbox import outbox
from proving.sinks.process import Sink
from tests.faults.life import acted, called
from tests.support import chaos
from tests.support.canaries import PASSWORD
from tests.support.running import home, until
from tests.support.tiny import tiny

NAME, MAIL, PHONE, PRICE = "Канарейкин", "canary@secret.example", "9161112233", "7654321"


async def test_no_canary_in_the_logs(tmp_path: Path, temporal_server: str) -> None:
    """A life with a commit that fails quoting everything, and a server that quotes the address twice."""
    with Sink("smtp", tmp_path) as smtp:
        later = {"at": "rcpt", "reply": f"450 4.2.0 <{MAIL}> later", "times": 1}
        never = {"at": "dot", "reply": f"550 5.1.1 <{MAIL}> {NAME} is unknown"}
        smtp.script(later, never)
        async with home(tmp_path, temporal_server, tiny(), smtp_url=smtp.url) as one:
            with chaos.worker(tmp_path, one.environment, script="telling_worker") as worker:
                fields = {
                    "name": f"Кузьма {NAME}",
                    "phone": f"+7{PHONE}",
                    "email": MAIL,
                    "price": PRICE,
                }
                created = Created(id="c", fields=fields)  # type: ignore[arg-type]  # raw values
                lead = (await one.gateway.add("tiny", created, source="t", external_id="x")).lead
                await one.until(lead, lambda row: bool(row.owner))
                await called(one, lead)
                await until(lambda: [row.state for row in outbox(one.store)], ["refused"].__eq__)
                await acted(one, lead, Signal(id="s", name="refused"))
                await until(
                    lambda: worker.log.read_text("utf-8"),
                    lambda text: '"closed": "failure"' in text,
                )
            (row,) = outbox(one.store)
    text = worker.log.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert all({"event", "level", "logger", "timestamp"} <= line.keys() for line in lines)
    (ended,) = [line for line in lines if line["event"] == "a message has ended"]
    assert (ended["effect"], ended["lead"], ended["state"]) == (row.hash, lead, "refused")
    planted = [line for line in lines if "planted" in line.get("error", "")]
    assert planted
    assert [line for line in lines if line["level"] == "error" and line not in planted] == []
    assert planted[0]["trace"]
    for canary in (NAME, MAIL, PHONE, PASSWORD, "Кузьма", NAME.encode("unicode_escape").decode()):
        assert canary not in text, canary
