"""Text, flags, users and files."""

from __future__ import annotations

from leadflow.engine.fields import Value
from leadflow.values.circumstances import Circumstances
from leadflow.values.clean import Wrong, as_line, block, kind, line, quoted, within

_TEXT_LIMIT = 1_000
_LONG_TEXT_LIMIT = 20_000
_ID_LIMIT = 200
_TRUE = frozenset({"да", "yes", "y", "true", "on", "1"})
_FALSE = frozenset({"нет", "no", "n", "false", "off", "0"})


def text(raw: object, _: Circumstances) -> Value:
    """One line of at most 1,000 characters."""
    return within(as_line(_written(raw), "text; write it in words"), _TEXT_LIMIT)


def long_text(raw: object, _: Circumstances) -> Value:
    """Several lines, at most 20,000 characters together."""
    if isinstance(raw, str):
        return within(block(raw), _LONG_TEXT_LIMIT)
    return as_line(_written(raw), "text; write it in words")


def _written(raw: object) -> object:
    """A fraction that YAML or JSON has read as a number is as good a text as a whole number."""
    return repr(raw) if isinstance(raw, float) else raw


def user(raw: object, _: Circumstances) -> Value:
    """A user id; whether there is such a user is for the settings to say."""
    return within(as_line(raw, "a user; write the user's id, such as anna"), _ID_LIMIT)


def flag(raw: object, _: Circumstances) -> Value:
    """Yes or no, in Russian, English or figures."""
    if isinstance(raw, bool):
        return raw
    what = "yes or no; write да or нет"
    word = as_line(raw, what).casefold()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    message = f"{quoted(word)} is not {what}"
    raise Wrong(message)


def file(raw: object, _: Circumstances) -> Value:
    """A stored file: its id, the name it came with, its size in bytes."""
    match raw:
        case {"id": str(file_id), "name": str(name), "size": int(size), **rest} if (
            not rest and not isinstance(size, bool) and 0 <= size < 2**53
        ):
            clean_id, clean_name = line(file_id), line(name)
            if clean_id and clean_name:
                return {
                    "id": within(clean_id, _ID_LIMIT),
                    "name": within(clean_name, _ID_LIMIT),
                    "size": size,
                }
    message = f"{kind(raw)} is not a stored file; upload it and give its id, name and size"
    raise Wrong(message)
