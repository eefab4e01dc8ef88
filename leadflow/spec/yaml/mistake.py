"""Mistakes in YAML: what the parser cannot read, and what it could read but the language leaves out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from leadflow.spec.problems import quoted


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a text: the code of its problem, the index of its place, what is wrong, what to do."""

    code: str
    index: int
    message: str
    hint: str


def braces(index: int) -> Mistake:
    """A template that is not in quotes; YAML would read a map inside a map."""
    hint = 'put the whole text in quotes: "… {{ lead.name }} …"'
    return Mistake("LF020", index, "the text contains a template and is not in quotes", hint)


_OF_A_TEXT_PROCESSOR = re.compile("[“”„‟]")


def all_in_quotes(line: str) -> str:
    """What to do with a text that needs quotes; those that a text processor makes are none."""
    if _OF_A_TEXT_PROCESSOR.search(line):
        return 'put the whole text in straight quotes: "…"; “ and ” are letters like any other'
    return "put the whole text in quotes"


def bare_template(index: int, text: str) -> Mistake:
    """A text that YAML can still read, with a template in it."""
    message = "a text with a template should stand in quotes"
    return Mistake("LF021", index, message, all_in_quotes(text))


def tag(index: int) -> Mistake:
    """``!name``."""
    hint = "delete it; a text that begins with '!' goes in quotes"
    return Mistake("LF027", index, "tags ('!name') are not part of the language", hint)


def directive(index: int) -> Mistake:
    """``%YAML 1.1``."""
    message = "a line that begins with '%' gives orders to the YAML reader"
    return Mistake("LF028", index, message, "delete it")


def second_document(index: int) -> Mistake:
    """``---`` after the beginning."""
    hint = "a file holds one document; move what follows into a file of its own"
    return Mistake("LF028", index, "another document begins here", hint)


def anchor(index: int, name: str) -> Mistake:
    """``&name``."""
    hint = "put what is shared into a shared file; a text that begins with '&' goes in quotes"
    return Mistake("LF025", index, f"{quoted('&' + name)} is an anchor", hint)


def reference(index: int, name: str) -> Mistake:
    """``*name``."""
    hint = "write the value out; a text that begins with '*' goes in quotes"
    return Mistake("LF025", index, f"{quoted('*' + name)} is a reference", hint)


def twice(index: int, key: str, first_line: int | None) -> Mistake:
    """A key that its map has already."""
    there = f"it stands in line {first_line} already; " if first_line else ""
    message = f"the key {quoted(key)} is given twice"
    return Mistake("LF022", index, message, f"{there}join the two, or rename one")


def structured_key(index: int, written: str) -> Mistake:
    """``[a]: …``, ``{a: b}: …``."""
    message = f"a list or a map cannot be a key: {quoted(written)}"
    return Mistake("LF024", index, message, "a key is a single word")


def entry_without_value(index: int, written: str) -> Mistake:
    """``{a, b}``: often a comma inside a text."""
    hint = "write `key: value`; a list goes in [ ], a text with a comma in quotes"
    return Mistake("LF013", index, f"a colon is missing after {quoted(written)}", hint)


def empty(index: int) -> Mistake:
    """A file without content."""
    return Mistake("LF007", index, "the file is empty", "a pipeline begins with `pipeline: NAME`")


def no_map(index: int, kind: str) -> Mistake:
    """A list or a single text at the top."""
    hint = "begin with lines of the form `key: value`"
    return Mistake("LF008", index, f"the file should be a map of keys, not {kind}", hint)


def hidden(index: int, what: str, character: str) -> Mistake:
    """A character nobody sees, in a text or a key."""
    return Mistake(
        "LF004", index, f"{what} the character {character}", "delete it, or type a space"
    )


def too_deep(index: int, limit: int) -> Mistake:
    """Maps and lists nested beyond reason."""
    hint = "a pipeline needs about ten; look for brackets that are not closed"
    return Mistake(
        "LF005", index, f"more than {limit} maps and lists stand inside each other", hint
    )


def too_many(index: int, limit: int) -> Mistake:
    """More values than any pipeline has."""
    hint = "split it into several pipelines, or several shared files"
    return Mistake("LF006", index, f"the file holds more than {limit:,} values", hint)


_BOOLEANS = frozenset({"y", "yes", "n", "no", "on", "off", "true", "false"})
_NO_WORD = re.compile(
    r"[-+.]?[0-9][-+0-9.,_:/]*(?:e[-+]?[0-9]+)?|0x[0-9a-f]+|[-+]?\.(?:inf|nan)|~|null|",
    re.IGNORECASE,
)


_GLUED_ITEM = re.compile(r"-[^\W\d]")


def no_space_after_hyphen(index: int) -> Mistake:
    """``-send_email: offer``: without the space the hyphen belongs to the word."""
    hint = "write `- `, a hyphen and a space, before each item of a list"
    return Mistake("LF011", index, "after the hyphen a space is missing", hint)


def bare_key(index: int, key: str) -> Mistake | None:
    """What is wrong with a key written without quotes: other YAML programs would not read it as a word."""
    if key == "<<":
        message = "merge keys ('<<') are not part of the language"
        return Mistake("LF026", index, message, "write the keys out")
    if key.lower() in _BOOLEANS:
        message = f"the key {quoted(key)} means yes or no to many YAML programs"
        return Mistake(
            "LF023", index, message, f'choose a clearer word, or put it in quotes: "{key}"'
        )
    if _GLUED_ITEM.match(key):
        return no_space_after_hyphen(index)
    if not key:
        hint = "write one, or delete the colon"
        return Mistake("LF024", index, "the key before this colon is missing", hint)
    if _NO_WORD.fullmatch(key):
        message = f"the key {quoted(key)} is not a word"
        return Mistake("LF024", index, message, f'put it in quotes: "{key}"')
    return None
