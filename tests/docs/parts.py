"""Parts of a pipeline as a page shows them, put into the whole pipeline that the page has shown before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from tests.docs.pages import Block

STAGE = "talk"
"""The stage that parts stand in where the block names none."""
START = {"at": "2026-11-23 10:00"}

Made = tuple[dict[str, Any], list[dict[str, Any]]]
"""A pipeline, and its scenarios."""


class Part(NamedTuple):
    """A pipeline with a part in it."""

    pipeline: dict[str, Any]
    scenarios: list[dict[str, Any]]
    where: str


def plain(text: str) -> Any:
    """YAML whose values all stay words; a block without `:` in it may be empty."""
    return YAML(typ="base").load(text)


def as_yaml(data: dict[str, Any]) -> str:
    """JSON is YAML."""
    return json.dumps(data, ensure_ascii=False, indent=1)


def made(block: Block, whole: dict[str, Any], lead: dict[str, Any]) -> Iterator[Part]:
    """The pipelines that show a block's part.

    Args:
        block: it.
        whole: the pipeline that the page has shown last.
        lead: what its leads begin with.
    """
    for pipeline, scenarios in _PARTS[block.kind](block, deepcopy(whole), lead):
        yield Part(pipeline, scenarios, block.where)


def is_part(block: Block) -> bool:
    """Whether a block is a part."""
    return block.kind in _PARTS


def lines(block: Block) -> Iterator[str]:
    """Its lines without what stands behind a ``#`` and without blank ones."""
    for line in block.text.splitlines():
        written = line.partition("  #")[0].strip()
        if written and not written.startswith("#"):
            yield written


def _stage(pipeline: dict[str, Any], name: str = STAGE) -> dict[str, Any]:
    stage: dict[str, Any] = pipeline["stages"][name]
    return stage


def _top(block: Block, pipeline: dict[str, Any], _: dict[str, Any]) -> Iterator[Made]:
    """Its entries join those that are there."""
    for key, value in plain(block.text).items():
        there = pipeline.get(key)
        pipeline[key] = (
            there | value if isinstance(there, dict) and isinstance(value, dict) else value
        )
    yield pipeline, []


def _of_stage(block: Block, pipeline: dict[str, Any], _: dict[str, Any]) -> Iterator[Made]:
    name = next(iter(block.words[1:]), STAGE)
    _stage(pipeline, name).update(plain(block.text))
    yield pipeline, []


def _actions(block: Block, pipeline: dict[str, Any], _: dict[str, Any]) -> Iterator[Made]:
    _stage(pipeline)["on_enter"] = plain(block.text)
    yield pipeline, []


def _scenario(block: Block, pipeline: dict[str, Any], _: dict[str, Any]) -> Iterator[Made]:
    yield pipeline, [plain(block.text)]


def _conditions(block: Block, pipeline: dict[str, Any], _: dict[str, Any]) -> Iterator[Made]:
    _stage(pipeline)["when"] = [
        {"if": line, "id": f"line_{number}", "do": [{"notify": "owner"}]}
        for number, line in enumerate(lines(block))
    ]
    yield pipeline, []


def _moments(block: Block, pipeline: dict[str, Any], _: dict[str, Any]) -> Iterator[Made]:
    _stage(pipeline)["on_enter"] = [
        {"create_task": {"id": f"task_{number}", "title": "…", "due": line}}
        for number, line in enumerate(lines(block))
    ]
    yield pipeline, []


def _durations(block: Block, pipeline: dict[str, Any], _: dict[str, Any]) -> Iterator[Made]:
    _stage(pipeline)["when"] = [
        {"after": line, "id": f"line_{number}", "do": [{"notify": "owner"}]}
        for number, line in enumerate(lines(block))
    ]
    yield pipeline, []


def _prints(block: Block, pipeline: dict[str, Any], lead: dict[str, Any]) -> Iterator[Made]:
    """Each ``text → what it prints`` is a comment pinned on the way into a stage of its own."""
    pipeline["language"] = next(iter(block.words[1:]), "en")
    scenarios = []
    for number, line in enumerate(lines(block)):
        text, _, printed = line.partition(" → ")
        stage = f"line_{number}"
        pinned = {"on_enter": [{"pin_comment": text.strip()}], "always": "true"}
        pipeline["stages"][stage] = _stage(pipeline) | pinned
        start = {**START, **lead, "stage": stage}
        expect = {"expect": {"pinned": printed.strip()}}
        scenarios.append({"name": line, "start": start, "steps": [expect]})
    yield pipeline, scenarios


_PARTS: dict[str, Callable[[Block, dict[str, Any], dict[str, Any]], Iterator[Made]]] = {
    "top": _top,
    "stage": _of_stage,
    "actions": _actions,
    "scenario": _scenario,
    "conditions": _conditions,
    "moments": _moments,
    "durations": _durations,
    "prints": _prints,
}
