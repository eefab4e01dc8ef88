"""``use``: the entries of shared files join the pipeline's own, which win; two shared ones clash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leadflow.spec.problems import Problem
from leadflow.spec.project import SharedFile
from leadflow.spec.schema.base import Part, Spot, Word
from leadflow.spec.schema.pipeline import Common, Pipeline, Shared
from leadflow.spec.suggest import hint_for_unknown

UNKNOWN_SHARED = "LF212"
CLASH = "LF221"


def merged(model: Pipeline, files: Sequence[SharedFile], problems: list[Problem]) -> Pipeline:
    """The pipeline with the entries of the shared files it uses.

    Maps join by id, lists by the ids of their items (one's own come first, items without an id are all kept), single
    values are taken where the pipeline has none.
    """
    if not model.use:
        return model
    used = list(_used(model, files, problems))
    update = {key: _joined(key, model, used, problems) for key in Common.model_fields}
    written = model.model_fields_set | {
        key for _, shared in used for key in shared.model_fields_set
    }
    return model.model_copy(update={key: value for key, value in update.items() if key in written})


def _used(
    model: Pipeline, files: Sequence[SharedFile], problems: list[Problem]
) -> Iterator[tuple[Word, Shared]]:
    known = {str(file.model.shared): file.model for file in files}
    for word in model.use:
        if word in known:
            yield word, known[word]
        else:
            hint = hint_for_unknown("shared file", word, known)
            problems.append(
                word.spot.problem(UNKNOWN_SHARED, f"unknown shared file '{word}'", hint)
            )


def _joined(
    key: str, model: Pipeline, used: Sequence[tuple[Word, Shared]], problems: list[Problem]
) -> Any:
    own = getattr(model, key)
    given = {key: model.spot} if key in model.model_fields_set else {}
    result: Any = own
    for word, shared in used:
        if key not in shared.model_fields_set:
            continue
        theirs = getattr(shared, key)
        if isinstance(own, Mapping):
            result = dict(result) | dict(_new(key, own, result, theirs.items(), word, problems))
        elif isinstance(own, list):
            named = {str(_name(item)): item for item in result if _name(item)}
            fresh = _new(
                key,
                {str(_name(item)): item for item in own},
                named,
                ((_name(i), i) for i in theirs),
                word,
                problems,
            )
            result = [*result, *(item for _, item in fresh)]
        elif key not in given:
            result, given[key] = theirs, word.spot
        elif key not in model.model_fields_set:
            problems.append(_clash(key, word))
    return result


def _new(
    key: str,
    own: Mapping[Any, Any],
    sofar: Mapping[Any, Any],
    theirs: Any,
    word: Word,
    problems: list[Problem],
) -> Iterator[tuple[Any, Any]]:
    for name, entry in theirs:
        if name is None or name not in sofar:
            yield name, entry
        elif name not in own:
            problems.append(_clash(f"{key}.{name}", word))


def _name(item: Part) -> Word | None:
    name: Word | None = getattr(item, "id", None)
    return name


def _clash(what: str, word: Word) -> Problem:
    spot: Spot = word.spot
    hint = "write the entry in the pipeline itself, or use only one of the shared files"
    return spot.problem(CLASH, f"'{word}' and a shared file before it both give '{what}'", hint)
