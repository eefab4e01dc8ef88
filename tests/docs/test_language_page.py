"""The pages about the language say what is so, and leave nothing out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from leadflow.engine.events import FACTS
from leadflow.simulate.names import STANDARD_REFUSALS
from leadflow.simulate.schema import ScenarioFile
from leadflow.simulate.story import REASONS
from leadflow.spec.compile.stages import BUILT_IN
from leadflow.spec.jsonschema import json_schema
from leadflow.spec.loader import load_file
from leadflow.spec.project import SETTINGS
from leadflow.spec.schema.base import Part
from leadflow.spec.schema.read import read_part
from leadflow.spec.schema.settings import Settings
from leadflow.text.filters import FILTERS
from tests.docs.folder import Reader
from tests.docs.pages import Block, Heading, read_page

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [
    "language.md",
    "language/keys.md",
    "language/values.md",
    "language/meaning.md",
    "scenarios.md",
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Reader]:
    """Somebody who has done all that a page says."""

    @cache
    def read(page: str) -> Reader:
        found = Reader(DOCS / page, tmp_path_factory.mktemp("reader"))
        found.read()
        return found

    return read


@pytest.mark.parametrize("page", PAGES)
def test_all_that_a_page_shows_is_so(page: str, reader: Callable[[str], Reader]) -> None:
    """Pipelines check without an error, scenarios pass, and terminals print what stands below them."""
    assert "\n\n".join(reader(page).troubles) == ""


def test_every_key_of_the_language_has_an_example(reader: Callable[[str], Reader]) -> None:
    """No key that the JSON Schema knows, nor one of the settings or of scenarios, is missing from the examples."""
    shown = [part for page in PAGES for part in _shown(reader(page))]
    used = {pair for part in shown for pair in _keys_of(part)}
    missing = {
        f"{kind.__name__}.{key}"
        for kind in _parts()
        for key in kind.known_keys()
        if (_declares(kind, key), key) not in used
    }
    assert missing == set()


def test_every_part_that_the_schema_defines_is_known_here() -> None:
    """The JSON Schema's definitions are the authoring models: none of them escapes the test above."""
    schemas = (json_schema("specs"), json_schema("settings"))
    defined = {name for schema in schemas for name in schema["$defs"]}
    assert defined <= {kind.__name__ for kind in _parts()}


def test_every_word_of_the_language_has_an_example() -> None:
    """Options of keys (field types among them), facts, built-in ids, filters, and the reasons of scenarios."""
    blocks = [
        block for page in PAGES for block in read_page(DOCS / page) if isinstance(block, Block)
    ]
    words = set(re.findall(r"[A-Za-z_]+", "\n".join(block.text for block in blocks)))
    schemas = (json_schema("specs"), json_schema("settings"))
    options = {word for schema in schemas for word in _options(schema)}
    wanted = {*options, *FACTS, *BUILT_IN, *FILTERS, *STANDARD_REFUSALS, *REASONS}
    assert {word for word in wanted if word not in words} == set()


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Each link to another page, or to a heading of one, finds it."""
    text = (DOCS / page).read_text("utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert links
    lost = [link for link in links if "://" not in link and not _leads_somewhere(DOCS / page, link)]
    assert lost == []


BASE = """# Page

```yaml tea.yaml
pipeline: tea
fields: {price: money}
stages:
  talk: {exits: [{signal: sold, label: Sold, goto: won}]}
  won: {final: success}
```
"""
WRONG = {
    "a terminal that prints something else": "```console\n$ leadflow check tea.yaml\n2 pipelines\n```",
    "a stage that is not there": "```yaml stage\nexits: [{signal: sold, label: Sold, goto: wone}]\n```",
    "an unknown field in a condition": "```text conditions\nlead.prize > 1\n```",
    "no duration": "```text durations\n2 fortnights\n```",
    "no moment": "```text moments\ntomorrow\n```",
    "another print": "```text prints\n{{ lead.price }} → 5\n```",
    "another value": "```text values\nmoney 5 → 6\n```",
    "a value that is not refused": "```text values\nmoney 5 ✗ no\n```",
    "a scenario that fails": (
        "```yaml scenario\nname: x\nstart: {at: 2026-11-23 10:00}\nsteps: [{expect: {stage: won}}]\n```"
    ),
    "a file with a mistake": "```yaml other.yaml\npipeline: other\nstages: {a: {}}\nmore: 1\n```",
    "settings with a mistake": "```yaml leadflow.yaml\nusers: {anna: {supervisor: olga}}\n```",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_page_is_found_out(wrong: str, tmp_path: Path) -> None:
    """The tests above mean something: each kind of example that is not so is told."""
    page = tmp_path / "page.md"
    page.write_text(f"{BASE}\n{WRONG[wrong]}\n", "utf-8")
    reader = Reader(page, tmp_path)
    reader.read()
    assert len(reader.troubles) >= 1


def _shown(reader: Reader) -> Iterator[Part]:
    """All that a reader's folder holds, as authoring models."""
    project = reader.project
    yield from (file.model for file in project.pipelines)
    yield from (file.model for file in project.shared)
    yield from project.rights
    for file in project.scenarios:
        model, _ = read_part(ScenarioFile, file.document.data, file.document)
        assert model is not None
        yield model
    for path in reader.folder.rglob(SETTINGS):
        document = load_file(path)
        settings, _ = read_part(Settings, document.data, document)
        assert settings is not None
        yield settings


def _keys_of(part: Any) -> Iterator[tuple[type[Part], str]]:
    """The keys written in a part and in those within it, each with the class that declares it."""
    match part:
        case Part():
            yield from ((_declares(type(part), key), key) for key in part._keys)
            for name in type(part).model_fields:
                yield from _keys_of(getattr(part, name))
        case dict():
            for value in part.values():
                yield from _keys_of(value)
        case list():
            for value in part:
                yield from _keys_of(value)
        case _:
            pass


def _declares(kind: type[Part], key: str) -> type[Part]:
    """The first class that has a key: a step's verb is an action's."""
    having = [one for one in kind.__mro__ if issubclass(one, Part) and key in one.known_keys()]
    return having[-1]


def _parts(of: type[Part] = Part) -> Iterator[type[Part]]:
    """Every authoring model."""
    for kind in of.__subclasses__():
        yield kind
        yield from _parts(kind)


def _options(schema: Any) -> Iterator[str]:
    """The words that keys can be."""
    match schema:
        case dict():
            yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
            yield from (word for each in schema.values() for word in _options(each))
        case list():
            yield from (word for each in schema for word in _options(each))
        case _:
            pass


def _leads_somewhere(page: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    return target.is_file() and (not anchor or anchor in _anchors(read_page(target)))


def _anchors(page: Iterable[Block | Heading]) -> set[str]:
    """What a forge makes of the headings."""
    titles = (each.text.lower() for each in page if isinstance(each, Heading))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}
