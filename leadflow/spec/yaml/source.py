"""From the bytes of a file to text that a person can see all of: size, encoding, hidden characters."""

from __future__ import annotations

import codecs
import re
import unicodedata

from leadflow.spec.positions import START, position_at
from leadflow.spec.problems import Problem, problem

MAX_BYTES = 512 * 1024

_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_HIDDEN_SHOWN = 20
_SMALL, _GREAT = re.compile("[а-яё]"), re.compile("[А-ЯЁ]")


def read_source(raw: bytes, path: str) -> tuple[str, list[Problem]]:
    """The text of a file, with lines ending in a line feed and without a byte order mark; or problems, and then no text.

    Nothing here takes longer than reading the file once, and a file that is too large is not read at all.
    """
    raw = raw.removeprefix(codecs.BOM_UTF8)
    found = _refused(raw, path)
    if found:
        return "", [found]
    text = _unix(raw.decode("utf-8"))
    hidden = [
        problem(
            path,
            position_at(text, match.start()),
            "LF004",
            f"hidden character {name_of(match.group())}",
            "delete it; it was probably copied from a web page or a letter",
        )
        for match, _ in zip(_HIDDEN.finditer(text), range(_HIDDEN_SHOWN), strict=False)
    ]
    return ("", hidden) if hidden else (_without_last_tabs(text), [])


def name_of(character: str) -> str:
    """A character that cannot be seen, in words: ``U+200B (zero width space)``."""
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'cannot be shown').lower()})"


def hidden_in(text: str) -> str:
    """The first character of ``text`` that cannot be seen or stored, or nothing."""
    match = _HIDDEN.search(text)
    return match.group() if match else ""


def _refused(raw: bytes, path: str) -> Problem | None:
    if len(raw) > MAX_BYTES:
        hint = "split it: shared parts go into files of their own (`use`)"
        message = f"the file is larger than {MAX_BYTES // 1024} KB"
        return problem(path, START, "LF002", message, hint)
    for mark, name in _MARKS.items():
        if raw.startswith(mark):
            return _no_text(path, "", f"the file is saved as {name}, not as UTF-8")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return _no_text(path, raw[: error.start].decode("utf-8"), _looks_like(raw))
    if "\0" in text:
        halves = raw.count(b"\0") + raw.count(
            b"\x04"
        )  # the upper ones of Latin and Russian letters
        looks = "UTF-16 text" if halves * 3 > len(raw) else "a binary file"
        return _no_text(
            path, text.split("\0", 1)[0], f"the file is not text; it looks like {looks}"
        )
    return None


def _no_text(path: str, before: str, message: str) -> Problem:
    """The file stops being text after ``before``."""
    lines = _unix(before)
    hint = "save the file as UTF-8 (in the editor: Save as, encoding UTF-8)"
    return problem(path, position_at(lines, len(lines)), "LF003", message, hint)


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _looks_like(raw: bytes) -> str:
    """Says which encoding a file that is not UTF-8 has, if it reads as Russian in it: mostly small letters."""
    letters = bytes(byte for byte in raw if byte >= 0x80)  # noqa: PLR2004  outside ASCII
    russian = letters.decode("cp1251", "replace")
    small, great = len(_SMALL.findall(russian)), len(_GREAT.findall(russian))
    if small >= great and (small + great) * 10 >= len(letters) * 9:
        return "the file is not UTF-8; it looks like Windows-1251"
    return "the file is not UTF-8 text"


def _without_last_tabs(text: str) -> str:
    """Tabs at the end of a line, that nobody sees, mean nothing; they become spaces, so that columns stay."""
    if "\t" not in text:
        return text
    return "\n".join(line.rstrip(" \t").ljust(len(line)) for line in text.split("\n"))
