"""Verbs about messages, on an installation that runs."""

from __future__ import annotations

import json

import pytest

from tests.cli.program import Here
from tests.cli.test_acts import added
from tests.e2e.installation import wait

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_messages_are_held_and_released(running: Here) -> None:
    """What is held back is listed and does not leave; only what nobody is sure of can be settled."""
    number = added(running, "price=5", "email=held@example.com")
    running("lead", "tick", number, "heard")
    assert running("outbox", "hold", "--template", "offer").out == "held back: template:offer\n"
    assert running("outbox", "hold", "--template", "offer").out.endswith("already\n")
    assert running("task", "done", number, "contact", "--outcome", "reached").status == 0
    (message,) = wait(
        lambda: running("outbox", "--lead", number, "--template", "offer", "--json").json[
            "messages"
        ]
    )
    assert message["state"] in {"planned", "claimed"}
    settled = running("outbox", "resolve", message["hash"][:12], "sent")
    assert (settled.status, "there is nothing to settle" in settled.err) == (1, True)
    assert running("outbox", "resolve", "nothing", "sent").status == 3
    assert "held back: template:offer, by cli:" in running("outbox").err
    release = ("outbox", "release", "--template", "offer", "--by")
    assert (
        running(*release, "olha").err == "error: unknown user 'olha'\nhint: did you mean 'olga'?\n"
    )
    assert running(*release, "olga").out == "released: template:offer\n"
    assert running(*release, "olga").status == 3
    log = running.folder / ".leadflow" / "logs" / "operators.log"
    held, released = (json.loads(line) for line in log.read_text("utf-8").splitlines()[-2:])
    assert (held["event"], held["what"]) == ("outbox held", "template:offer")
    assert (released["event"], released["what"]) == ("outbox released", "template:offer")
    assert released["by"].startswith("olga cli:")
    assert running("outbox", "--json").json["holds"] == []


def test_an_unknown_pipeline_or_template_is_not_held(running: Here) -> None:
    """A misspelt name would hold nothing: it is refused with its near miss, and nothing is held."""
    held = running("outbox", "hold", "--pipeline", "nonesuch")
    assert (held.status, "there is no pipeline 'nonesuch'" in held.err) == (3, True)
    held = running("outbox", "hold", "--template", "ofer")
    assert (held.status, held.err) == (
        3,
        "error: there is no template 'ofer'\nhint: did you mean 'offer'?\n",
    )
    assert running("outbox", "--json").json["holds"] == []
