"""The JSON Schema for editors: generated from the models, complete, explained, and not left to age."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from leadflow.spec.jsonschema import json_schema, schema_text
from leadflow.spec.loader import load_text
from tests.support.spec_text import VALID

SPECS = Path(__file__).parents[3] / "specs"


@pytest.mark.parametrize(
    ("of", "file"), [("specs", "pipeline.schema.json"), ("settings", "leadflow.schema.json")]
)
def test_the_files_in_the_repository_are_what_the_models_say(
    of: Literal["specs", "settings"], file: str
) -> None:
    """Drift: after a change of the language `leadflow schema` must be run again."""
    assert (SPECS / file).read_text("utf-8") == schema_text(of)


@pytest.mark.parametrize("of", ["specs", "settings"])
def test_every_key_is_explained(of: Literal["specs", "settings"]) -> None:
    """An editor shows a sentence for every key, and knows the dialect."""
    schema = json_schema(of)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    keys = [
        (key, each) for node in _walk(schema) for key, each in node.get("properties", {}).items()
    ]
    assert len(keys) > (250 if of == "specs" else 15)
    assert [key for key, each in keys if not each.get("description")] == []


def test_no_map_takes_unknown_keys() -> None:
    """A slip of the finger is red while typing."""
    for node in _walk(json_schema()):
        if "properties" in node:
            assert node["additionalProperties"] is False


def test_references_lead_somewhere() -> None:
    """Nothing dangles, nothing lies about unused."""
    schema = json_schema()
    names = {node["$ref"].removeprefix("#/$defs/") for node in _walk(schema) if "$ref" in node}
    assert names == set(schema["$defs"])


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from _walk(each)
    elif isinstance(node, list):
        for each in node:
            yield from _walk(each)


# ---- the schema and the models agree --------------------------------------------------------------------------------------


class Checker:
    """As much of JSON Schema as the schema uses; notes which keys of which definition were met."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self.met: set[tuple[str, str]] = set()

    def fits(self, data: Any, node: dict[str, Any], name: str = "") -> bool:
        if "$ref" in node:
            name = node["$ref"].removeprefix("#/$defs/")
            if not self.fits(data, self.schema["$defs"][name], name):
                return False
        for several in ("anyOf", "oneOf"):
            if several in node and not any(self.fits(data, each, name) for each in node[several]):
                return False
        if ("enum" in node and data not in node["enum"]) or (
            "const" in node and data != node["const"]
        ):
            return False
        return self._type(data, node) and self._inside(data, node, name)

    def _type(self, data: Any, node: dict[str, Any]) -> bool:
        types = node.get("type", [])
        kinds = {
            "object": dict,
            "array": list,
            "string": str,
            "number": str,
            "integer": str,
            "boolean": str,
        }
        return not types or isinstance(
            data, tuple(kinds[t] for t in ([types] if isinstance(types, str) else types))
        )

    def _inside(self, data: Any, node: dict[str, Any], name: str) -> bool:
        if isinstance(data, list) and "items" in node:
            return all(self.fits(item, node["items"]) for item in data)
        if not isinstance(data, dict) or node.get("type") != "object":
            return True
        known = node.get("properties", {})
        other = node.get("additionalProperties", {})
        for pattern, each in node.get("patternProperties", {}).items():
            known = known | {key: each for key in data if re.search(pattern, key)}
        if set(node.get("required", ())) - set(data) or (other is False and set(data) - set(known)):
            return False
        if not all(self.fits(value, known.get(key, other)) for key, value in data.items()):
            return False
        self.met |= {(name, key) for key in data if key in known}
        return True


FAMILY = {
    **dict.fromkeys(("AnyExit", "AnyWhen", "Exit", "When"), "a way"),
    **dict.fromkeys(("Action", "Step", "Variant"), "an action"),
    **dict.fromkeys(("Pipeline", "Shared"), "a file"),
    **dict.fromkeys(("Calendar", "Window"), "hours"),
}
"""Definitions that take their keys from one another: a key tried in one is tried."""


def test_every_key_of_the_schema_stands_in_an_example_and_fits() -> None:
    """The valid examples fit the schema and between them use every key there is: none is left untried."""
    schema = json_schema()
    checker = Checker(schema)
    for file in sorted(VALID.glob("*.yaml")):
        data = load_text(file.read_bytes(), file.name).data
        of = json_schema("settings") if file.name == "leadflow.yaml" else schema
        assert Checker(of).fits(data, of)
        checker.fits(data, schema)
    keys = {
        (FAMILY.get(name, name), key)
        for name, node in schema["$defs"].items()
        for part in (node, *node.get("anyOf", ()))
        for key in part.get("properties", {})
    }
    met = {(FAMILY.get(name, name), key) for name, key in checker.met}
    assert keys - met == set()


@pytest.mark.parametrize(
    "text",
    [
        "pipeline: p\nstages: {a: {titel: x}}",
        "pipeline: p\nstages: {a: {final: maybe}}",
        "pipeline: p",
    ],
)
def test_what_check_refuses_by_shape_is_red_in_the_editor(text: str) -> None:
    """Unknown keys, wrong words and missing keys."""
    schema = json_schema()
    assert not Checker(schema).fits(load_text(text.encode(), "f.yaml").data, schema)


def test_the_text_is_json() -> None:
    """UTF-8 as it is, ending in a line feed."""
    assert json.loads(schema_text()) == json_schema()
    assert schema_text().endswith("}\n")
