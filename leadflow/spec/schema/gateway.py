"""Gateways in `leadflow.yaml`: the request that hands a message over, and how its answers are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field as Key, PlainValidator, WithJsonSchema
from typing_extensions import override

from leadflow.engine.durations import DurationError, parse_duration
from leadflow.installation import PLACE, PLACES, Means, per_second
from leadflow.spec.schema.base import (
    BAD_DURATION,
    BAD_VALUE,
    CONFLICT,
    MISSING_KEY,
    Issue,
    Part,
    Word,
    mistake,
    parsed,
)
from leadflow.spec.schema.types import Listed, OneOrMany, Raw
from leadflow.spec.suggest import hint_for_unknown

_DAY = 86_400
_STATUS = re.compile(r"[1-5][0-9x][0-9x]")
_HOST = re.compile(r"[a-z0-9+.-]+://[^/?#]*", re.IGNORECASE)
_IN_HEADERS = tuple(name for name in PLACES if name != "text")
_IN_PATHS = ("key", "to", "digits")


def _elapsed(word: Word) -> float:
    try:
        span = parse_duration(word)
    except DurationError as error:
        raise mistake(Issue(BAD_DURATION, str(error))) from error
    if span.working or span.months:
        hint = "write it in seconds, minutes, hours or days"
        raise mistake(Issue(BAD_DURATION, f"'{word}' is not a length of time by itself", hint))
    return float(span.days * _DAY + span.seconds)


def _rate(word: Word) -> Word:
    try:
        per_second(word)
    except ValueError as error:
        hint = "write a number and a span: 10/s, 30/min, 100/h, 5000/day"
        raise mistake(Issue(BAD_VALUE, str(error), hint)) from error
    return word


def _status(word: Word) -> Word:
    if _STATUS.fullmatch(word):
        return word
    hint = "write a code like 201, or a class of them like 5xx"
    raise mistake(Issue(BAD_VALUE, f"'{word}' is not an HTTP status", hint))


def _pattern(word: Word) -> Word:
    try:
        re.compile(word)
    except re.error as error:
        message = f"the regular expression cannot be read: {error.msg}"
        raise mistake(Issue(BAD_VALUE, message, offset=error.pos)) from error
    return word


def _filled(word: Word, known: Iterable[str] = PLACES) -> Word:
    if issues := tuple(unknown_places(word, known)):
        raise mistake(*issues)
    return word


def unknown_places(word: Word, known: Iterable[str] = PLACES) -> Iterator[Issue]:
    """Names in braces that no value of a message has here."""
    for found in PLACE.finditer(word):
        if found[1] not in known:
            hint = hint_for_unknown("value", found[1], known)
            yield Issue(BAD_VALUE, f"there is no {found[0]} here", hint, found.start())


def _address(word: Word) -> Word:
    host = _HOST.match(word)
    if host and (found := PLACE.search(host[0])):
        hint = "values may stand in the path and in what follows the question mark"
        raise mistake(Issue(BAD_VALUE, "the host cannot depend on a message", hint, found.start()))
    return _filled(word)


_TEXT = WithJsonSchema({"type": ["string", "number"]})
Elapsed = Annotated[
    float,
    PlainValidator(parsed(_elapsed)),
    WithJsonSchema({"type": "string", "examples": ["30 seconds", "24 hours"]}),
]
"""A length of time that passes by day and night."""
Rate = Annotated[
    Word,
    PlainValidator(parsed(_rate)),
    WithJsonSchema({"type": "string", "examples": ["10/s", "100/h"]}),
]
Status = Annotated[Word, PlainValidator(parsed(_status)), _TEXT]
Pattern = Annotated[Word, PlainValidator(parsed(_pattern)), _TEXT]
Address = Annotated[Word, PlainValidator(parsed(_address)), _TEXT]
"""A URL with places for values behind its host."""
Filled = Annotated[Word, PlainValidator(parsed(_filled)), _TEXT]
Header = Annotated[Word, PlainValidator(parsed(lambda word: _filled(word, _IN_HEADERS))), _TEXT]
Path = Annotated[Word, PlainValidator(parsed(lambda word: _filled(word, _IN_PATHS))), _TEXT]


class Answer(Part):
    """How an answer of the gateway is read: when all that is given here fits, it means this."""

    means: Annotated[Means, Listed()]
    """What it says of the message: accepted, known, refused, temporary, down, unsure or missing."""
    status: OneOrMany[Status] = []
    """Its HTTP status, or a class of them like 5xx; several: one of them."""
    at: Path | None = None
    """The way to something in its JSON that must be there: data.0.id."""
    is_: OneOrMany[Word] = Key([], alias="is")
    """What must stand there; several: one of them."""
    matches: Pattern | None = None
    """A regular expression that is found in it; its groups id and code are the provider's."""
    id: Path | None = None
    """The way to the id that the provider gave the message."""
    code: Path | None = None
    """The way to the provider's code for what it says."""
    wait: Elapsed | None = None
    """When to try again what is temporary (when the gateway says so, else soon, then less and less often)."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        if self.is_ and self.at is None:
            yield Issue(MISSING_KEY, "'is' needs 'at': where in the answer it stands", key="is")
        if self.wait is not None and self.means != "temporary":
            message = f"nothing is waited for where the answer means {self.means}"
            yield Issue(CONFLICT, message, key="wait")


class Call(Part):
    """A request to a gateway."""

    method: Annotated[Literal["POST", "GET", "PUT"], Listed()] = "POST"
    """The HTTP method."""
    headers: dict[Word, Header] = {}
    """Further headers; secrets in them as ${NAME}."""
    form: dict[Word, Filled] = {}
    """What is sent, as a form."""
    # Not `json`: a method of pydantic's models has this name.
    json_: Raw = Key(None, alias="json")
    """What is sent, as JSON."""
    answers: OneOrMany[Answer] = []
    """What its answers mean, the first that fits (2xx with an id is accepted)."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        bodies = [key for key in ("form", "json") if key in self._keys]
        if len(bodies) > 1:
            yield Issue(CONFLICT, "what is sent is either a form or JSON", key="json")
        if bodies and self.method == "GET":
            hint = "put the values into the url, or use POST"
            yield Issue(CONFLICT, "a GET request sends nothing but its url", hint, key=bodies[0])


class LookUp(Call):
    """Asking the gateway what became of a message, by the id that we gave it."""

    url: Address
    """Where to ask."""
    after: Elapsed = 120.0
    """So long after the sending it is believed that the gateway does not have the message (2 minutes)."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        yield from super().mistakes()
        if not self.answers:
            yield Issue(MISSING_KEY, "'answers' must be given", "add answers: …")
        if {"temporary", "down"} & {answer.means for answer in self.answers}:
            hint = "write accepted, known, refused, missing or unsure"
            message = "a look-up tells of the message: it is neither temporary nor down"
            yield Issue(CONFLICT, message, hint, key="answers")
