"""What stands in Temporal's database: ids; whatever a person has said of himself is sealed with the lead's own key."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payloads

from leadflow.engine.events import Created, FieldsSet, TaskDone
from proving.sinks.process import Sink
from proving.temporal import temporal_server
from tests.support.running import ANNA, home, working
from tests.support.tiny import tiny
from workflows.codec_endpoint import CodecEndpoint
from workflows.payloads import SealingCodec

NAME, MAIL, PHONE, PRICE = "Канарейкин", "canary@secret.example", "9161112233", "7654321"
UI = "http://127.0.0.1:8233"


async def test_no_canary_in_temporals_file(tmp_path: Path) -> None:
    """Fields, updates, refusals, commits, failures that quote an address: none can be read in the server's file."""
    with Sink("smtp", tmp_path) as smtp, temporal_server(tmp_path) as temporal:
        smtp.script({"at": "rcpt", "reply": f"450 4.2.0 {MAIL} later", "times": 1})
        async with (
            home(tmp_path, temporal.address, tiny(), smtp_url=smtp.url) as one,
            working(one.settings),
        ):
            fields = {"name": f"Кузьма {NAME}", "phone": f"+7{PHONE}"}
            created = Created(id="c", fields=fields)  # type: ignore[arg-type]  # raw values
            lead = (await one.gateway.add("tiny", created, source="t", external_id="x")).lead
            await one.until(lead, lambda row: row.version > 0)
            await one.calm(lead)
            edit = FieldsSet(id="f", actor=ANNA, fields={"price": PRICE, "email": MAIL})
            done = TaskDone(id="t", actor=ANNA, task="contact", outcome="reached")
            assert (await one.gateway.act(lead, done)).refusals
            for event in (edit, done):
                assert not (await one.gateway.act(lead, event)).refusals
            await one.until(lead, lambda _: smtp.count() == 1)
            await one.calm(lead)
        temporal.kill()
        stored = temporal.stored()
        assert lead.encode() in stored
        assert b"LeadPipeline" in stored
        for canary in (NAME, MAIL, PHONE, PRICE, NAME.encode("unicode_escape").decode()):
            assert canary.encode() not in stored, canary


async def test_the_ui_may_read_through_the_codec_endpoint(
    tmp_path: Path, temporal_server: str
) -> None:
    """`/decode` opens what a history holds, for the UI's own page; other pages are turned away, an erased lead stays shut."""
    async with (
        home(tmp_path, temporal_server, tiny(), smtp_url="smtp://127.0.0.1:9") as one,
        working(one.settings),
    ):
        created = Created(id="c", fields={"name": NAME})
        lead = (await one.gateway.add("tiny", created, source="t", external_id="x")).lead
        await one.until(lead, lambda row: row.version > 0)
        await one.calm(lead)
        first = (await one.client.get_workflow_handle(lead).fetch_history()).events[0]
    given = first.workflow_execution_started_event_attributes.input
    endpoint = CodecEndpoint(SealingCodec(one.vault), [UI])
    assert NAME not in str(given)

    status, headers, body = await ask(endpoint, "/decode", given, UI)
    assert status == 200
    assert headers[b"access-control-allow-origin"] == UI.encode()
    opened = json.loads(body)["payloads"][0]
    assert NAME in base64.b64decode(opened["data"]).decode()

    assert (await ask(endpoint, "/decode", given, "https://evil.example"))[0] == 403
    assert (await ask(endpoint, "/other", given, UI))[0] == 404
    assert (await ask(endpoint, "/decode", b"not json", UI))[0] == 400
    assert (await ask(endpoint, "/decode", b"x" * (9 << 20), UI))[0] == 413
    assert (await ask(endpoint, "/decode", given, UI, method="OPTIONS"))[0] == 204


async def ask(
    endpoint: CodecEndpoint, path: str, body: Payloads | bytes, origin: str, method: str = "POST"
) -> tuple[int, dict[bytes, bytes], bytes]:
    """One request, as a server would hand it to the application."""
    data = body if isinstance(body, bytes) else json.dumps(MessageToDict(body)).encode()
    said: list[dict[str, object]] = []
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(b"origin", origin.encode())],
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": data}

    async def send(message: dict[str, object]) -> None:
        said.append(message)

    await endpoint(scope, receive, send)  # type: ignore[arg-type]  # dicts are mutable mappings
    start, end = said
    return start["status"], dict(start["headers"]), end["body"]  # type: ignore[return-value, call-overload]  # ASGI
