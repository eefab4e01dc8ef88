"""The scalars of the language and small containers of them; each says what is wrong and shows a right example."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from leadflow.engine.calendar import parse_days, parse_hours
from leadflow.engine.clock import CalendarError, zone
from leadflow.engine.durations import Duration, DurationError, parse_duration
from leadflow.engine.expr import Expr
from leadflow.engine.moments import Moment, MomentError, parse_moment
from leadflow.spec.conditions import ConditionError, parse_condition
from leadflow.spec.schema.base import (
    BAD_CONDITION,
    BAD_DURATION,
    BAD_ID,
    BAD_MOMENT,
    BAD_VALUE,
    NOT_LISTED,
    WRONG_KIND,
    Issue,
    Map,
    Seq,
    Word,
    Written,
    mistake,
    need_word,
    parsed,
    shape,
)
from leadflow.spec.suggest import did_you_mean, explain_twins, to_latin

T = TypeVar("T")

BAD_TIMEZONE = "LF217"

_ID = re.compile(r"[a-z][a-z0-9_]*")
_PIPELINE_ID = re.compile(r"[a-z][a-z0-9_-]*")
_TEMPLATE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def _id(pattern: re.Pattern[str], letters: str) -> Callable[[Word], Word]:
    def check(word: Word) -> Word:
        if pattern.fullmatch(word):
            return word
        hint = f"use {letters}, beginning with a letter: a title may be free, an id stays as it is"
        meant = _meant(word)
        for near in (meant, meant.replace("-", "_")):
            if pattern.fullmatch(near):
                hint = f"write '{near}'{explain_twins(word, near)}"
                break
        raise mistake(Issue(BAD_ID, f"'{word}' cannot be an id", hint))

    return check


_OF_A_TEMPLATE = re.compile(
    r"^templates/|(\.[a-z]{2})?\.(md|txt|html|(email|task)\.md|(sms|message)\.txt|document\.html)$"
)


def _meant(word: str) -> str:
    """The id that a file's name, a title or a word with letters of another alphabet was probably meant to be."""
    if named := _OF_A_TEMPLATE.sub("", word):
        word = named
    return re.sub(r"[\s_]+", "_", to_latin(word).lower().strip())


def _flag(word: Word) -> bool:
    match word.lower():
        case "true" | "yes":
            return True
        case "false" | "no":
            return False
        case _:
            raise mistake(
                Issue(BAD_VALUE, f"'{word}' is neither true nor false", "write true or false")
            )


def _whole(word: Word) -> int:
    if re.fullmatch(r"[1-9][0-9]{0,5}", word):
        return int(word)
    raise mistake(
        Issue(BAD_VALUE, f"'{word}' is not a whole number from 1", "write it in digits, like 3")
    )


def _duration(word: Word) -> Duration:
    try:
        return parse_duration(word)
    except DurationError as error:
        raise mistake(Issue(BAD_DURATION, str(error))) from error


def _moment(word: Word) -> Written[Moment]:
    try:
        return Written(parse_moment(word), word)
    except MomentError as error:
        raise mistake(Issue(BAD_MOMENT, str(error))) from error


def _condition(value: object, info: ValidationInfo) -> Written[Expr]:
    if isinstance(value, Seq):
        message = "expected one condition, found a list"
        raise mistake(Issue(WRONG_KIND, message, "join them: … and …, or … or …"))
    word = need_word(value)
    try:
        return Written(parse_condition(word, info.context or "lead"), word)
    except ConditionError as error:
        raise mistake(
            *(Issue(BAD_CONDITION, e.message, e.hint or "", e.column_offset) for e in error.all)
        ) from error


def _days(word: Word) -> tuple[int, ...]:
    try:
        return parse_days(word)
    except CalendarError as error:
        raise mistake(Issue(BAD_VALUE, str(error))) from error


def _hours(*, wraps: bool) -> Callable[[Word], tuple[int, int]]:
    def check(word: Word) -> tuple[int, int]:
        try:
            return parse_hours(word, wraps=wraps)
        except CalendarError as error:
            raise mistake(Issue(BAD_VALUE, str(error))) from error

    return check


def _timezone(word: Word) -> Word:
    try:
        zone(word)
    except CalendarError as error:
        raise mistake(
            Issue(BAD_TIMEZONE, str(error), "name it by continent and city, like Europe/Moscow")
        ) from error
    return word


def _quoted(pattern: str, *examples: str) -> WithJsonSchema:
    schema: dict[str, Any] = {"type": "string", "pattern": pattern}
    return WithJsonSchema(schema | ({"examples": list(examples)} if examples else {}))


_DURATION = {
    "type": "string",
    "examples": ["15 working minutes", "2 hours", "1 working day", "3 weeks"],
}

Id = Annotated[
    Word,
    PlainValidator(parsed(_id(_ID, "small Latin letters, digits and _"))),
    _quoted("^[a-z][a-z0-9_]*$"),
]
"""A stable name: of a stage, field, task, checklist item, signal …"""
PipelineId = Annotated[
    Word,
    PlainValidator(parsed(_id(_PIPELINE_ID, "small Latin letters, digits, _ and -"))),
    _quoted("^[a-z][a-z0-9_-]*$"),
]
"""A stable name of a pipeline, connection, team … where a hyphen is allowed too."""
TemplateName = Annotated[
    Word,
    PlainValidator(parsed(_id(_TEMPLATE, "Latin letters, digits, _ and -"))),
    WithJsonSchema(
        {"type": "string", "description": "The file's name without language and ending."}
    ),
]
Flag = Annotated[bool, PlainValidator(parsed(_flag)), WithJsonSchema({"type": "boolean"})]
Whole = Annotated[
    int, PlainValidator(parsed(_whole)), WithJsonSchema({"type": "integer", "minimum": 1})
]
Span = Annotated[Duration, PlainValidator(parsed(_duration)), WithJsonSchema(_DURATION)]
"""A duration: ``2 working hours``."""
SpanOrFalse = Annotated[
    Duration | Literal[False],
    PlainValidator(parsed(lambda word: False if word == "false" else _duration(word))),
    WithJsonSchema({"anyOf": [_DURATION, {"const": False}]}),
]
At = Annotated[
    Written[Moment],
    PlainValidator(parsed(_moment)),
    WithJsonSchema(
        {"type": "string", "examples": ["1 working day", "3 days before visit_on at 10:00"]}
    ),
]
"""A moment: a duration from now, a field, or so long before or after a field."""
Condition = Annotated[
    Written[Expr],
    PlainValidator(_condition),
    WithJsonSchema(
        {"type": "string", "examples": ['lead.client == "legal"', "lead.price >= 50000"]}
    ),
]
Days = Annotated[
    tuple[int, ...],
    PlainValidator(parsed(_days)),
    WithJsonSchema({"type": "string", "examples": ["mon-fri", "mon, wed, sat-sun"]}),
]
_HOURS = WithJsonSchema({"type": "string", "examples": ["09:00-18:00"]})
Hours = Annotated[tuple[int, int], PlainValidator(parsed(_hours(wraps=False))), _HOURS]
WrappingHours = Annotated[tuple[int, int], PlainValidator(parsed(_hours(wraps=True))), _HOURS]
"""Hours that may go over midnight: quiet hours."""
Timezone = Annotated[Word, PlainValidator(parsed(_timezone)), _quoted("^[A-Za-z]", "Europe/Moscow")]


class Listed:
    """``Annotated[Literal["lead", "deal"], Listed()]``: one of the words, with *did you mean*."""

    def __get_pydantic_core_schema__(
        self, source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        words: tuple[str, ...] = get_args(source)

        def check(value: object) -> str:
            word = need_word(value)
            if word in words:
                return str(word)
            near = did_you_mean(word, words)
            hint = f"did you mean '{near}'?" if near else f"write one of: {', '.join(words)}"
            raise mistake(Issue(NOT_LISTED, f"'{word}' is not possible here", hint))

        metadata = {"words": list(words)}
        return core_schema.no_info_plain_validator_function(check, metadata=metadata)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"enum": schema["metadata"]["words"]}


class _OneOrMany:
    """One value may be written without the brackets of a list."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_list, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        whole = handler(schema)
        return {"anyOf": [whole["items"], whole]}


def _as_list(value: object) -> object:
    return value if isinstance(value, Seq) else [value]


OneOrMany = Annotated[list[T], _OneOrMany()]


def _options(value: object) -> object:
    """A list of options is a map of each to itself."""
    if isinstance(value, Seq):
        return {need_word(item): item for item in value}
    if isinstance(value, Map):
        return value
    raise mistake(
        Issue(
            WRONG_KIND, f"expected a list of options, or a map of id: label, found {shape(value)}"
        )
    )


Options = Annotated[
    dict[Id, Word],
    BeforeValidator(_options),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": ["string", "number"]}},
                {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
            ]
        }
    ),
]
"""Option ids with their labels."""

Raw = Annotated[Any, WithJsonSchema({})]
"""A value as written; its field says later what it means."""
Values = dict[Id, Raw]
"""Field → value as written."""
