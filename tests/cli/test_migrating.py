"""Publishing while leads run: they stay on their version, `publish` says so, `migrate` moves them; row P2 of the matrix."""

from __future__ import annotations

import pytest

from tests.cli.program import Done, Here

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

MOVING = """
pipeline: moving
title: Переезды
fields:
  phone: {type: phone, label: Телефон}
stages:
  new:
    exits: [{signal: asked, goto: asked}, {after: 30 days, goto: lost}]
  asked:
    exits: [{signal: agreed, goto: won}, {signal: refused, goto: lost}]
  won: {final: success}
  lost: {final: failure}
"""
WITHOUT = """
pipeline: moving
title: Переезды
fields:
  phone: {type: phone, label: Телефон}
stages:
  new:
    exits: [{signal: called, goto: won}, {after: 60 days, goto: lost}]
  won: {final: success}
  lost: {final: failure}
"""
BROKEN = MOVING.replace("goto: asked}", "goto: askd}", 1)


@pytest.fixture
def leads(running: Here) -> tuple[str, str, str]:
    """Numbers of three leads of the first version: in "new", in "asked", won."""
    assert published(running, MOVING).status == 0
    numbers = [added(running) for _ in range(3)]
    for number in numbers[1:]:
        assert running("lead", "signal", number, "asked").status == 0
    assert running("lead", "signal", numbers[2], "agreed").status == 0
    return numbers[0], numbers[1], numbers[2]


def published(running: Here, text: str) -> Done:
    running.write("moving.yaml", text)
    return running("publish", "moving.yaml")


def added(running: Here) -> str:
    done = running("lead", "add", "moving", "phone=+79161234567", "--json")
    assert done.status == 0, done
    return str(done.json["number"])


def version(running: Here, number: str) -> str:
    """The line of the card that says which version a lead runs on."""
    lines = running("lead", "show", number).out.splitlines()
    return next(line.strip() for line in lines if line.strip().startswith("pipeline"))


def test_leads_move_that_can_move(running: Here, leads: tuple[str, str, str]) -> None:
    """A rehearsal changes nothing and says who would stay and why; then it is so; going back is publishing the old file."""
    new, asked, won = leads
    told = published(running, WITHOUT).out
    assert (
        "running leads stay on earlier versions, some of them in stages that it has not: " in told
    )
    assert "in asked" in told
    assert "leadflow migrate moving --dry-run" in told
    assert running("lead", "signal", asked, "refused", "--json").json["stage"] == "lost", (
        "it runs on"
    )
    other = added_before(running, asked)
    rehearsed = running("migrate", "moving", "--dry-run", "--json")
    assert rehearsed.status == 1
    found = rehearsed.json
    assert new in [str(one["number"]) for one in found["moved"]]
    (mine,) = [one for one in found["stuck"] if str(one["number"]) == other]
    assert mine["reasons"] == ["the new version has no stage 'asked'"]
    assert int(won) not in [one["number"] for one in [*found["moved"], *found["stuck"]]]
    (one,) = [each for each in found["moved"] if str(each["number"]) == new]
    assert one["next_before"] < one["next_after"]
    assert ", not the newest" in version(running, new)

    said = running("migrate", "moving", "--by", "olga")
    assert said.status == 1
    assert f"lead {other} in asked: the new version has no stage 'asked'" in said.out
    assert version(running, new).endswith(")")
    assert ", not the newest" in version(running, other)
    last = running("lead", "history", new, "--json").json[-1]
    assert (last["kind"], last["actor"]) == ("Migrated", "olga")
    assert running("migrate", "moving").out.splitlines()[2] == "  0 moved"
    assert running("lead", "signal", new, "asked").status == 1
    assert running("lead", "signal", other, "agreed", "--json").json["stage"] == "won"

    assert published(running, MOVING).out.startswith("moving: version 1 (")
    back = running("migrate", "moving")
    assert back.status == 0, back
    assert running("lead", "signal", new, "asked", "--json").json["stage"] == "asked"


def added_before(running: Here, _: str) -> str:
    """A lead of the first version, though the second is published."""
    published(running, MOVING)
    number = added(running)
    running("lead", "signal", number, "asked")
    published(running, WITHOUT)
    return number


def test_a_refused_publish_touches_no_lead(running: Here, leads: tuple[str, str, str]) -> None:
    """P1: a broken file is refused with its place; leads and new leads go on on what was published before."""
    before = running("lead", "show", leads[0], "--json").json
    refused = published(running, BROKEN)
    assert (refused.status, refused.out) == (1, "")
    assert "moving.yaml:8:" in refused.err
    assert "did you mean 'asked'?" in refused.err
    assert running("lead", "show", leads[0], "--json").json == before
    assert running("lead", "show", added(running), "--json").json["hash"] == before["hash"]
    assert running("lead", "signal", leads[0], "asked", "--json").json["stage"] == "asked"


def test_what_cannot_be_migrated_says_so(running: Here) -> None:
    """An unknown pipeline, an unknown user."""
    assert (
        running("migrate", "nothing").status,
        running("migrate", "calls", "--by", "x").status,
    ) == (3, 3)
