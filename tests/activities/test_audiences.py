"""Audiences leave the house: one signed call a change where an advertiser is connected, nothing where a file is fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from temporalio.exceptions import ApplicationError

from leadflow.engine.clock import parse_iso
from leadflow.engine.decide import next_deadline
from leadflow.engine.events import Actor, Signal, Timer
from leadflow.installation import Connection, Installation
from leadflow.spec.compile.pipeline import Compiled, compile_text
from leadflow.store.audiences import find_audiences
from leadflow.store.outbox import outbox
from leadflow.text import RenderPool
from proving.sinks.process import Sink
from tests.support.desk import Desk, desk
from tests.support.running import COMPANY

PIPELINE = """
pipeline: nurturing
fields:
  phone: {type: phone, label: Телефон}
  email: {type: email, label: E-mail}
stages:
  new:
    when:
      - {signal: warm, do: [{add_to_audience: warm}]}
      - {signal: cold, do: [{remove_from_audience: warm}]}
    exits: [{signal: junk, goto: junk}]
  junk: {final: failure, erase_after: 30 days}
"""
ADMIN = Actor(user="olga", admin=True)
WHO: dict[str, Any] = {"email": "Ivan@Client.example", "phone": {"number": "+79161234567"}}


def sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def company(url: str) -> Installation:
    warm = Connection(
        "warm", "audience", url, secret="s3cret", headers={"X-Account": "7"}, allow_private=True
    )
    return msgspec.structs.replace(COMPANY, connections={"warm": warm})


@pytest.fixture
def made() -> Compiled:
    return compile_text(PIPELINE)


@pytest.fixture
def one(tmp_path: Path, made: Compiled, http: Sink, pool: RenderPool) -> Iterator[Desk]:
    """A desk whose audience has an advertiser."""
    with desk(tmp_path, made, pool=pool, company=company(http.url)) as found:
        yield found


async def test_each_change_is_told_once(one: Desk, made: Compiled, http: Sink) -> None:
    """In, and out with the address of then although the card has another one by now; hashed, signed, with its id."""
    lead, _ = one.lead(made, **WHO)
    (into,) = one.tell(lead, Signal(actor=ADMIN, id="w", name="warm"))
    for _ in range(2):
        assert (await one.send(into.key)).result == "accepted"
    moved = Signal(actor=ADMIN, id="c", name="cold", fields={"email": "new@client.example"})
    (out,) = one.tell(lead, moved)
    assert (await one.send(out.key)).result == "accepted"
    first, second = http.messages()
    assert json.loads(first["body"]) == {
        "id": one.row(into.key).hash,
        "audience": "warm",
        "action": "add",
        "email_sha256": [sha("ivan@client.example")],
        "phone_sha256": [sha("79161234567")],
    }
    told = json.loads(second["body"])
    assert (told["action"], told["email_sha256"]) == (
        "remove",
        [sha("new@client.example"), sha("ivan@client.example")],
    )
    headers = first["headers"]
    assert headers["idempotency-key"] == headers["webhook-id"] == one.row(into.key).hash
    assert headers["webhook-signature"].startswith("v1,")
    assert headers["x-account"] == "7"


async def test_what_is_not_known_goes_again_under_the_same_id(
    one: Desk, made: Compiled, http: Sink
) -> None:
    """The answer is lost three times: being in an audience twice harms nobody, so the same call goes again, then a person is asked."""
    http.script({"at": "accepted", "drop": True, "times": 4})
    lead, _ = one.lead(made, **WHO)
    (into,) = one.tell(lead, Signal(actor=ADMIN, id="w", name="warm"))
    for _ in range(3):
        with pytest.raises(ApplicationError):
            await one.send(into.key)
    assert (await one.send(into.key)).result == "ambiguous"
    assert {call["key"] for call in http.messages()} == {one.row(into.key).hash}
    assert len({call["body"] for call in http.messages()}) == 1


async def test_without_an_address_there_is_nothing_to_tell(
    one: Desk, made: Compiled, http: Sink
) -> None:
    """Skipped with the reason; nobody is called."""
    lead, _ = one.lead(made)
    (into,) = one.tell(lead, Signal(actor=ADMIN, id="w", name="warm"))
    done = await one.send(into.key)
    assert (done.result, done.reason) == ("skipped", "no_address")
    assert http.count() == 0


async def test_a_file_is_fetched_instead(
    tmp_path: Path, made: Compiled, http: Sink, pool: RenderPool
) -> None:
    """An audience of that name without an address is only written down."""
    with desk(tmp_path, made, pool=pool, company=company("")) as one:
        lead, _ = one.lead(made, **WHO)
        (into,) = one.tell(lead, Signal(actor=ADMIN, id="w", name="warm"))
        assert (await one.send(into.key)).result == "accepted"
        assert [(each.name, each.members) for each in find_audiences(one.store)] == [("warm", 1)]
    assert http.count() == 0


async def test_erasing_a_person_tells_the_advertiser(one: Desk, made: Compiled, http: Sink) -> None:
    """The day the lead's data go, so do its memberships: the advertiser gets the removal, hashed; the store has none."""
    lead, _ = one.lead(made, **WHO)
    (into,) = one.tell(lead, Signal(actor=ADMIN, id="w", name="warm"))
    one.tell(lead, await one.send(into.key))
    one.tell(lead, Signal(actor=ADMIN, id="j", name="junk"))
    due = next_deadline(one.state(lead))
    assert due is not None
    one.clock.at = due
    (goodbye,) = one.tell(lead, Timer(id="t", due=due.isoformat().replace("+00:00", "Z")))
    assert find_audiences(one.store) == []
    assert (await one.send(goodbye.key)).result == "accepted"
    last = json.loads(http.messages()[-1]["body"])
    assert (last["action"], last["email_sha256"]) == ("remove", [sha("ivan@client.example")])
    rows = {row.key: row.state for row in outbox(one.store)}
    assert rows == {into.key: "accepted", goodbye.key: "accepted"}
    assert parse_iso(one.state(lead).erased) == due
