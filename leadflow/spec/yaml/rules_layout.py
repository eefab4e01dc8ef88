"""Rules for mistakes in the order of things: tabs, colons, indentation, brackets, commas."""

from __future__ import annotations

import re

from leadflow.spec.problems import quoted
from leadflow.spec.yaml import mistake
from leadflow.spec.yaml.mistake import Mistake, all_in_quotes, no_space_after_hyphen
from leadflow.spec.yaml.spot import Spot, indent

_LONGEST_KEY = 1024
"""Characters; YAML's own limit."""


def tab(spot: Spot) -> Mistake | None:
    """A tab where YAML wants spaces."""
    if spot.here != "\t":
        return None
    hint = "replace it with spaces; editors can do so by themselves"
    return Mistake("LF012", spot.index, "a tab stands where only spaces may stand", hint)


def left_out(spot: Spot) -> Mistake | None:
    """Tags and directives that are not even well written."""
    if "directive" in spot.context or "directive" in spot.problem:
        return mistake.directive(spot.began)
    if "tag" in spot.context or "tag" in spot.problem:
        return mistake.tag(spot.began)
    return None


# ---- colons ---------------------------------------------------------------------------------------------------------

_NO_SPACE = re.compile(r"[ \-]*[\w\-]+(:)(?!//)\S")
_GLUED_ITEM = re.compile(r"[ ]*(-)[\w{\[]")


def colon_missing(spot: Spot) -> Mistake | None:
    """A line among keys that is none."""
    if "could not find expected ':'" not in spot.problem:
        return None
    start = spot.start_of_line(spot.began)
    line = spot.line_at(start)
    if glued := _glued(start, line):
        return glued
    _, above = spot.line_above(start)
    if above.rstrip("+-").endswith(("|", ">")):
        message = "a text after '|' or '>' must be indented"
        return Mistake("LF011", spot.began, message, "put spaces before its lines")
    return _no_colon(spot.began, line)


def _glued(start: int, line: str) -> Mistake | None:
    """A line whose colon has no space behind it, so that it is one word."""
    found = _NO_SPACE.match(line)
    if not found:
        return None
    message = "after a colon a space is missing"
    return Mistake("LF013", start + found.start(1), message, "write `key: value`")


def _glued_item(spot: Spot, line: str) -> Mistake | None:
    """A line that begins with a hyphen without a space behind it."""
    found = _GLUED_ITEM.match(line)
    return no_space_after_hyphen(spot.line_start + found.start(1)) if found else None


def _no_colon(index: int, line: str) -> Mistake:
    word = quoted(line.split("#", maxsplit=1)[0].strip(" -"))
    hint = "write `key: value`, or `key:` alone"
    return Mistake("LF013", index, f"a colon is missing after {word}", hint)


_EARLIER_COLON = re.compile(r":[ ]|^[ ]*(?:-[ ]+)+[\"']|[\"'][ ]*$")


def colon_too_many(spot: Spot) -> Mistake | None:
    """A colon where no key can be: in a text, on a line indented too far, or below a key without its colon."""
    if "mapping values are not allowed" not in spot.problem:
        return None
    if len(spot.before) > _LONGEST_KEY:
        message = f"a key is longer than {_LONGEST_KEY} characters"
        return Mistake("LF010", spot.first, message, "a key is a single word")
    if glued := _glued_item(spot, spot.before):
        return glued
    if _EARLIER_COLON.search(spot.before):
        return _colon_in_text(spot)
    above = spot.line_above(spot.line_start)
    return _glued(*above) or _bare_line_above(spot) or _misplaced(spot.first)


def _bare_line_above(spot: Spot) -> Mistake | None:
    """The line above begins something, but has no colon."""
    start, above = spot.line_above(spot.line_start)
    if not above or indent(above) >= indent(spot.line) > 0 or re.search(r"[\"']|:(?: |$)", above):
        return None
    return _no_colon(start + len(above) - len(above.lstrip(" -")), above)


def _colon_in_text(spot: Spot) -> Mistake:
    if spot.before.rstrip().endswith(('"', "'")):
        hint = "put the whole text in one pair of quotes"
        return Mistake("LF015", spot.index, "a colon follows the closing quote", hint)
    message = "a colon inside a text that is not in quotes"
    return Mistake("LF014", spot.index, message, all_in_quotes(spot.line))


# ---- indentation ----------------------------------------------------------------------------------------------------

_INDENTED_FIRST = re.compile(r"\A(?:[ ]*(?:#.*)?\n)*[ ]+([^ #\n])")
_NO_PLACE = {
    "expected <block end>, but found '?'": (
        "a key stands among the items of a list",
        "begin the item with '- ', or indent the line",
    ),
    "expected <block end>, but found '-'": (
        "a list item stands among keys",
        "indent it below the key that it belongs to",
    ),
    "sequence entries are not allowed here": (
        "a list begins on a line of its own",
        "move it to the next line, or write [a, b]",
    ),
}


def indentation(spot: Spot) -> Mistake | None:
    """A line that fits none of the levels above it."""
    if spot.problem in _NO_PLACE:
        return _glued_item(spot, spot.line) or _no_place(spot)
    if "but found '<block" in spot.problem:
        return _bare_line_above(spot) or _misplaced(spot.index)
    if "more indented follow up" in spot.context:
        return _misplaced(spot.index)
    if "but found '<scalar>'" in spot.problem and not spot.before.strip():
        return _misplaced(spot.index)
    if "'<document start>'" in spot.problem and spot.at(spot.previous) not in {"}", "]"}:
        first = _INDENTED_FIRST.search(spot.text)
        return _misplaced(first.start(1) if first else spot.index)
    return None


def _no_place(spot: Spot) -> Mistake:
    return Mistake("LF011", spot.index, *_NO_PLACE[spot.problem])


def _misplaced(index: int) -> Mistake:
    message = "the indentation of this line does not fit the lines above"
    hint = "keys of one map begin in the same column, what belongs to a key is indented below it"
    return Mistake("LF011", index, message, hint)


# ---- brackets -------------------------------------------------------------------------------------------------------

_KEY = re.compile(r"(?:^|[ \"'])([a-z_][a-z0-9_]*)[ ]*$")


def brackets(spot: Spot) -> Mistake | None:
    """Brackets that do not pair, or entries that no comma separates."""
    closes = spot.here in {"]", "}"}
    if closes and "expected <block end>" in spot.problem:
        hint = "delete it, or add what it should close"
        return Mistake("LF016", spot.index, f"'{spot.here}' closes nothing", hint)
    if not spot.problem.startswith("expected ',' or"):
        return None
    opened = spot.at(spot.began)
    if closes:
        message = f"'{spot.here}' stands where '{']' if opened == '[' else '}'}' is expected"
        return Mistake("LF016", spot.index, message, f"the '{opened}' opened last is closed first")
    if not spot.here or _outside(spot):
        return Mistake(
            "LF016", spot.began, f"'{opened}' is not closed", "close it after its last entry"
        )
    return _comma(spot)


def _outside(spot: Spot) -> bool:
    """Whether the place is on a later line that is not indented as what stands in the brackets would be."""
    opened = spot.start_of_line(spot.began)
    return opened != spot.line_start and indent(spot.line) <= indent(spot.line_at(opened))


def _comma(spot: Spot) -> Mistake:
    """Between entries a comma is missing, or a colon or a bracket stands in a text."""
    index = spot.index
    if spot.here in {"[", "{"} and spot.at(spot.previous) not in {"]", "}", '"', "'"}:
        message = f"'{spot.here}' inside braces or brackets ends the text before it"
        return Mistake("LF017", index, message, all_in_quotes(spot.line))
    if spot.here == ":":
        key = _KEY.search(spot.before)
        if not key:
            return _colon_in_text(spot)
        index = spot.line_start + key.start(1)
    return Mistake(
        "LF018", index, "a comma is missing before this", "separate the entries with commas"
    )
