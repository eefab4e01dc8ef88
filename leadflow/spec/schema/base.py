"""What every part of the authoring schema shares: scalars as written, their places, mistakes told in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typing_extensions import override

from leadflow.spec.positions import NodePath, Position
from leadflow.spec.problems import Located, Problem, problem

T = TypeVar("T")

# The problems that a shape can have (`leadflow.spec.codes`).
UNKNOWN_KEY = "LF101"
MISSING_KEY = "LF102"
WRONG_KIND = "LF103"
BAD_ID = "LF104"
NOT_LISTED = "LF105"
CONFLICT = "LF106"
EMPTY_VALUE = "LF107"
BAD_DURATION = "LF108"
BAD_MOMENT = "LF109"
BAD_CONDITION = "LF110"
BAD_VALUE = "LF111"
NOT_ONE_ACTION = "LF113"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands: a node of a file, at its value or at its key."""

    source: Located
    path: NodePath = ()
    key: bool = False

    def position(self, offset: int | None = None) -> Position:
        """The line and column, of a character of the text that stands here where an offset is given."""
        return self.source.locate(self.path, key=self.key, offset=offset)

    def problem(
        self, code: str, message: str, hint: str = "", *, offset: int | None = None
    ) -> Problem:
        """A problem that stands here."""
        return problem(self.source.path, self.position(offset), code, message, hint)

    @override
    def __str__(self) -> str:
        line, column = self.position()
        return f"{self.source.path}:{line}:{column}"


class Issue(NamedTuple):
    """A mistake found in a value: at its start, ``offset`` characters into it, or at one of the map's keys."""

    code: str
    message: str
    hint: str = ""
    offset: int | None = None
    key: str = ""


def mistake(*issues: Issue) -> PydanticCustomError:
    """The error that makes pydantic collect these issues at the value under validation."""
    kind = "leadflow"
    return PydanticCustomError(kind, "{text}", {"text": issues[0].message, "issues": issues})


class Word(str):
    """A scalar exactly as written, with its spot."""

    __slots__ = ("spot",)
    spot: Spot

    @classmethod
    def make(cls, text: str, spot: Spot) -> Word:
        """A word at a spot."""
        word = cls(text)
        word.spot = spot
        return word

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(need_word)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": ["string", "number"]}


class Map(dict[Word, Any]):
    """A YAML map with its spot; ``model``: what it was checked against, for *did you mean*."""

    spot: Spot
    model: type[Part] | None = None
    empty: frozenset[str] = frozenset()
    """Keys that stand there without a value; they are not among the items."""

    @classmethod
    def make(cls, items: dict[Word, Any], spot: Spot, empty: frozenset[str] = frozenset()) -> Map:
        """A map at a spot."""
        made = cls(items)
        made.spot, made.empty = spot, empty
        return made

    def key(self, name: str) -> Word | None:
        """The key as it stands in the file."""
        return next((key for key in self if key == name), None)


class Seq(list[Any]):
    """A YAML list with its spot."""

    spot: Spot

    @classmethod
    def make(cls, items: list[Any], spot: Spot) -> Seq:
        """A list at a spot."""
        made = cls(items)
        made.spot = spot
        return made


def shape(value: object) -> str:
    """What a value looks like, in words."""
    shapes: dict[object, str] = {Word: "a single value", Map: "a map", Seq: "a list"}
    return shapes.get(type(value), "nothing")


def need_word(value: object) -> Word:
    """The word itself; a map or a list where one value is expected is a mistake."""
    if isinstance(value, Word):
        return value
    found = shape(value)
    raise mistake(
        Issue(WRONG_KIND, f"expected a single value, found {found}", _SINGLE.get(found, ""))
    )


_SINGLE = {
    "a list": "write one value, without [ ] and hyphens",
    "a map": "write one value, without { } and keys below",
}


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """Something parsed from a text, with the place and the words of that text."""

    value: T
    text: Word

    @property
    def spot(self) -> Spot:
        """Where the text stands."""
        return self.text.spot


def parsed(parse: Callable[[Word], T]) -> Callable[[object], T]:
    """A validator for a scalar: shape first, then ``parse``."""
    return lambda value: parse(need_word(value))


class Part(BaseModel):
    """A map of the language: only known keys, immutable, knows where it stands."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
        defer_build=True,  # the whole schema is built once, on first use; parts may name later ones
    )
    short: ClassVar[str] = ""
    """The key that a short value (anything but a map) stands for; empty: only a map will do."""

    _spot: Spot = PrivateAttr()
    _keys: Mapping[str, Spot] = PrivateAttr(default_factory=dict)

    @property
    def spot(self) -> Spot:
        """Where the map begins."""
        return self._spot

    def spot_of(self, key: str) -> Spot:
        """Where a key of the map stands; the map's own spot when it is not written."""
        return self._keys.get(key, self._spot)

    def mistakes(self) -> Iterator[Issue]:
        """What single keys cannot show: keys that exclude or need each other."""
        return iter(())

    @model_validator(mode="wrap")
    @classmethod
    def _placed(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if cls.short and isinstance(data, Word | Seq):
            data = Map.make({Word.make(cls.short, data.spot): data}, data.spot)
        if not isinstance(data, Map):
            raise mistake(cls._no_map(data))
        data.model = cls
        part = handler(data)
        part._spot, part._keys = data.spot, {str(key): key.spot for key in data}  # noqa: SLF001  its own
        found = tuple(part.mistakes())
        if found:
            raise mistake(*found)
        return part

    @classmethod
    def _no_map(cls, data: object) -> Issue:
        hint = "write `key: value`"
        if isinstance(data, Word):
            key, _, value = data.partition(" ")
            hint = f"a colon is missing: {key}: {value or '…'}" if key in cls.known_keys() else hint
        return Issue(WRONG_KIND, f"expected a map of keys, found {shape(data)}", hint)

    @classmethod
    def known_keys(cls) -> list[str]:
        """The keys an author may write, in the order of the reference."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @classmethod
    @override
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        whole = handler(schema)
        if not cls.short:
            return whole
        target = handler.resolve_ref_schema(whole)
        brief = {
            k: v
            for k, v in target["properties"][cls.short].items()
            if k not in {"default", "title"}
        }
        long = dict(target)
        target.clear()
        target.update({"anyOf": [brief, long]})
        return whole
