"""The JSON Schema (2020-12) of the files, made from the authoring models: completion and help in editors.

It is as strict as keys and shapes can be told in JSON Schema; what durations, conditions and names mean is `check`'s.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic.json_schema import models_json_schema

from leadflow.spec.schema.base import Part
from leadflow.spec.schema.pipeline import Pipeline, Rights, Shared
from leadflow.spec.schema.settings import Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOISE = frozenset({"title", "default"})


def json_schema(of: Literal["specs", "settings"] = "specs") -> dict[str, Any]:
    """The schema of pipelines, shared and rights files (``specs``), or of `leadflow.yaml` (``settings``)."""
    if of == "settings":
        return _schema("Settings of an installation (leadflow.yaml)", [Settings])
    return _schema("A leadflow pipeline, shared file or rights file", [Pipeline, Shared, Rights])


def schema_text(of: Literal["specs", "settings"] = "specs") -> str:
    """`json_schema` as the file that editors read."""
    return json.dumps(json_schema(of), ensure_ascii=False, indent=2) + "\n"


def _schema(title: str, models: Sequence[type[Part]]) -> dict[str, Any]:
    refs, whole = models_json_schema([(model, "validation") for model in models])
    tops = [_tidy(refs[model, "validation"]) for model in models]
    top = tops[0] if len(tops) == 1 else {"anyOf": tops}
    definitions = {name: _tidy(each) for name, each in whole["$defs"].items()}
    needed = sorted(_reachable(top, definitions))
    return {
        "$schema": DIALECT,
        "title": title,
        **top,
        "$defs": {name: definitions[name] for name in needed},
    }


def _reachable(node: Any, definitions: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            pending += each
        elif isinstance(each, dict):
            pending += each.values()
            name = str(each.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                pending.append(definitions[name])
    return found


def _tidy(node: Any, *, named: bool = False) -> Any:
    """Without pydantic's own titles, its defaults (the descriptions say them) and the null of what may be left out.

    ``named``: the node maps names of keys to their schemas.
    """
    if isinstance(node, list):
        return [_tidy(item) for item in node if item != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    if named:
        return {name: _tidy(each) for name, each in node.items()}
    kept = {
        key: _tidy(value, named=key == "properties")
        for key, value in node.items()
        if key not in _NOISE
    }
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    only = kept.get("anyOf")
    if isinstance(only, list) and len(only) == 1:
        del kept["anyOf"]
        return {**only[0], **kept}
    return kept
