"""A worker serves what an operator watches: its lead, its message, and that database and Temporal answer."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from pathlib import Path

from msgspec.structs import replace

from leadflow.engine.events import Created
from leadflow.store.outbox import outbox
from proving.sinks.process import Sink
from tests.support.running import home, until, working
from tests.support.tiny import TINY, tiny
from tests.web.test_metrics import samples

MAILS_AT_ONCE = f"""{TINY.partition("      - create_task:")[0]}
      - send_email: offer
    exits:
      - {{signal: agreed, label: Согласен, goto: won}}
  won: {{title: Продано, final: success}}
"""


def scraped(address: str) -> dict[str, float]:
    return samples(urllib.request.urlopen(f"http://{address}/metrics").read().decode())


async def test_a_worker_serves_its_metrics(
    tmp_path: Path, temporal_server: str, database_url: str
) -> None:
    """On either database, scraped by an ordinary GET while it works."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    mails = tiny(MAILS_AT_ONCE, "Subject: Здравствуйте\n\nЗдравствуйте, {{ lead.name }}!\n")
    with Sink("smtp", tmp_path) as smtp:
        async with home(
            tmp_path, temporal_server, mails, database=database_url, smtp_url=smtp.url
        ) as one:
            settings = replace(one.settings, metrics=address)
            async with working(settings, build="b1"):
                fields = {"name": "Иван", "email": "ivan@client.example"}
                created = Created(id="c", fields=fields)  # type: ignore[arg-type]  # raw values
                await one.gateway.add("tiny", created, source="t", external_id="x")
                await until(lambda: [row.state for row in outbox(one.store)], ["accepted"].__eq__)
                found = await asyncio.to_thread(scraped, address)
    assert found["leadflow_leads open tiny"] == 1
    assert found["leadflow_sends accepted email"] == 1
    assert (found["leadflow_database_up"], found["leadflow_temporal_up"]) == (1, 1)
    assert not any("ivan" in name or "Иван" in name for name in found)
