"""Connections of `leadflow.yaml` as plain data, and what may be wrong with them: secrets that stand in the file above all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from leadflow.installation import (
    PLACE,
    VARIABLE,
    Callbacks,
    Connection,
    LookUp,
    Reading,
    Telling,
)
from leadflow.spec.problems import Problem
from leadflow.spec.scalars import Data, Plain
from leadflow.spec.schema.base import Map, Seq, Word
from leadflow.spec.schema.callbacks import Callbacks as CallbacksPart
from leadflow.spec.schema.gateway import (
    Answer as AnswerPart,
    Call as CallPart,
    LookUp as LookUpPart,
    unknown_places,
)
from leadflow.spec.schema.settings import Connection as ConnectionPart, Settings

SECRET = "LF602"  # noqa: S105 — a problem's code
NOT_SET = "LF603"

_PASSWORD = re.compile(r"://[^/@:]*:([^/@]+)@")
_QUERY = re.compile(r"[?&]([^=&#]+)=([^&#]+)")
_SECRET_NAME = re.compile(r"authorization|key|token|secret|passw|psw|cookie", re.IGNORECASE)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,14})?")
_HINT = "write ${NAME} here and set the variable NAME where the program runs"
_BOOLEAN = {"true": True, "false": False}


def connection(word: Word, part: ConnectionPart, data: Data) -> Connection:
    """A connection as everything else uses it.

    Args:
        word: its id.
        part: what was written.
        data: the whole file: it still knows what stood in quotes, which JSON asks for.
    """
    written = _at(data, "connections", word)
    return Connection(
        id=str(word),
        type=part.type,
        url=str(part.url or ""),
        sender=str(part.from_ or ""),
        secret=str(part.secret or ""),
        allow_private=part.allow_private,
        rate=str(part.rate or ""),
        look_up=_look_up(part.look_up, written),
        idempotent_for=part.idempotent_for,
        callbacks=_callbacks(part.callbacks),
        **_call(part, written),
    )


def connection_problems(settings: Settings, environ: Mapping[str, str] | None) -> Iterator[Problem]:
    """Secrets in the file, places for no value in JSON; with an environment also variables that it does not have."""
    for part in settings.connections.values():
        named = [*_sent(part), *(_sent(part.look_up) if part.look_up else ())]
        urls = [*filter(None, (part.url, part.look_up.url if part.look_up else None))]
        hook = part.callbacks.secret if part.callbacks else None
        yield from _secrets((part.secret, hook), urls, named)
        for _, word in named:
            for issue in unknown_places(word):
                yield word.spot.problem(issue.code, issue.message, issue.hint, offset=issue.offset)
        if environ is not None:
            own = [word for word in (part.from_, part.secret, hook) if word is not None]
            for word in (*urls, *own, *(word for _, word in named)):
                yield from _unset(word, environ)


def _call(part: CallPart, written: Data) -> dict[str, Any]:
    return {
        "method": part.method,
        "headers": {str(name): str(value) for name, value in part.headers.items()},
        "form": {str(name): str(value) for name, value in part.form.items()},
        "json": _json(_at(written, "json")),
        "answers": tuple(_reading(answer) for answer in part.answers),
    }


def _look_up(part: LookUpPart | None, written: Data) -> LookUp | None:
    if part is None:
        return None
    return LookUp(str(part.url), after=part.after, **_call(part, _at(written, "look_up")))


def _callbacks(part: CallbacksPart | None) -> Callbacks | None:
    if part is None:
        return None
    tellings = (
        Telling(each.means, str(each.at or ""), tuple(map(str, each.is_)), str(each.code or ""))
        for each in part.reports
    )
    named = {name: str(getattr(part, name) or "") for name in ("key", "id", "each")}
    return Callbacks(str(part.secret), tuple(tellings), **named)


def _reading(part: AnswerPart) -> Reading:
    return Reading(
        part.means,
        status=tuple(map(str, part.status)),
        at=str(part.at or ""),
        is_=tuple(map(str, part.is_)),
        matches=str(part.matches or ""),
        id=str(part.id or ""),
        code=str(part.code or ""),
        wait=part.wait or 0,
    )


def _json(data: Data) -> Any:
    """A value of JSON: what looks like a number, true or false and is not quoted is one."""
    match data:
        case dict():
            return {name: _json(value) for name, value in data.items()}
        case list():
            return [_json(value) for value in data]
        case Plain() if found := _NUMBER.fullmatch(data):
            return float(data) if found[2] else int(data)
        case Plain() if data in _BOOLEAN:
            return _BOOLEAN[data]
        case str():
            return str(data)
        case None:
            return None


def _at(data: Data, *path: str) -> Data:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _sent(call: CallPart) -> Iterator[tuple[str, Word]]:
    """Headers and body of a request, each value with its name."""
    yield from call.headers.items()
    yield from call.form.items()
    yield from _leaves("", call.json_)


def _leaves(name: str, tree: Map | Seq | Word | None) -> Iterator[tuple[str, Word]]:
    match tree:
        case Map():
            for key, value in tree.items():
                yield from _leaves(str(key), value)
        case Seq():
            for value in tree:
                yield from _leaves(name, value)
        case Word():
            yield name, tree
        case None:
            pass


def _secrets(
    secrets: Iterable[Word | None], urls: Iterable[Word], named: Iterable[tuple[str, Word]]
) -> Iterator[Problem]:
    for secret in secrets:
        if secret is not None and not VARIABLE.fullmatch(secret):
            yield secret.spot.problem(SECRET, "the secret itself stands in the file", _HINT)
    for url in urls:
        yield from _in_url(url)
    for name, word in named:
        if _is_secret(name, word):
            yield word.spot.problem(SECRET, f"'{name}' holds a secret", _HINT)


def _in_url(word: Word) -> Iterator[Problem]:
    found = _PASSWORD.search(word)
    if found and not VARIABLE.fullmatch(found[1]):
        message = "a password stands in the address"
        yield word.spot.problem(SECRET, message, _HINT, offset=found.start(1))
    for pair in _QUERY.finditer(word):
        if _is_secret(pair[1], pair[2]):
            message = f"'{pair[1]}' in the address holds a secret"
            yield word.spot.problem(SECRET, message, _HINT, offset=pair.start(2))


def _is_secret(name: str, value: str) -> bool:
    """Whether a value of this name gives something away; a variable does not, nor does a place for a message's value."""
    return bool(_SECRET_NAME.search(name)) and not (VARIABLE.search(value) or PLACE.search(value))


def _unset(word: Word, environ: Mapping[str, str]) -> Iterator[Problem]:
    for found in VARIABLE.finditer(word):
        if found[1] not in environ:
            message = f"the environment variable {found[1]} is not set"
            hint = "set it where the program runs"
            yield word.spot.problem(NOT_SET, message, hint, offset=found.start())
