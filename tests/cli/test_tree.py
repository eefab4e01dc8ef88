"""The tree of verbs: each is there, explained, with examples that are right, and on the page."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import typer

import cli
from commands.reference import help_text, page, verbs
from tests.cli.program import ROOT

WANTED = """
check schema graph test simulate publish migrate up down server worker doctor bench chaos
lead add, lead list, lead show, lead why, lead history, lead set, lead signal, lead move, lead tick
lead assign, lead snooze, lead wake, lead reopen, lead convert, lead release
task list, task done, task press, task postpone
backup, restore, confirm, recover, reconcile
outbox, outbox resolve, outbox hold, outbox release
audience list, audience export
"""
VERBS: dict[str, Any] = dict(verbs(cli.app))
READING = {
    "check", "test", "simulate", "doctor", "lead list", "lead show", "lead why", "lead history",
    "task list", "outbox", "reconcile", "audience list",
}  # fmt: skip
ACTS = {name for name in VERBS if name.startswith(("lead ", "task "))} - READING


def wanted() -> set[str]:
    first, *rest = WANTED.strip().splitlines()
    return {*first.split(), *(name for line in rest for name in line.split(", "))}


def examples(name: str) -> list[str]:
    found = re.findall(r"^ +leadflow (.+)$", VERBS[name].epilog or "", re.MULTILINE)
    return [str(line) for line in found]


def test_every_decision_has_a_verb() -> None:
    """The verbs are those that were promised, no more and no fewer."""
    assert set(VERBS) == wanted()


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_is_explained(name: str) -> None:
    """Help says what a verb does, what each of its options means, and shows how it is used."""
    assert "Examples:" in help_text(name, VERBS[name])
    assert (VERBS[name].help or "").strip() or name == "outbox"
    nameless = [each.name for each in VERBS[name].params if not each.help and not each.hidden]
    assert nameless == []


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_example_is_one_of_its_verb(name: str) -> None:
    """An example can be typed as it stands: the command line takes it, and it is this verb's."""
    assert examples(name)
    for line in examples(name):
        words = shlex.split(line.partition(" > ")[0])
        root: Any = typer.main.get_command(cli.app)
        path = name.split()
        assert words[: len(path)] == path
        command = VERBS[name]
        command.make_context(name, words[len(path) :], parent=root.context_class(root))


@pytest.mark.parametrize("name", sorted(READING))
def test_every_verb_that_reads_gives_json(name: str) -> None:
    """Whatever a verb shows, a script can have it as JSON."""
    assert any("--json" in each.opts for each in VERBS[name].params)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_act_says_for_whom(name: str) -> None:
    """Every act takes --by USER, so that the timeline names both."""
    assert any("--by" in each.opts for each in VERBS[name].params)


def test_the_page_is_what_the_verbs_say() -> None:
    """docs/cli.md is the present help of all verbs (`leadflow reference > docs/cli.md`)."""
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == page(cli.app).rstrip("\n") + "\n"
