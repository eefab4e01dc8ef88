"""A template's source as Jinja's syntax tree, and where in it each word stands.

Jinja's tree knows lines only. The token stream knows columns; the tree is walked in the order of the source, so the
n-th ``lead`` of the tree is the n-th ``lead`` among the tokens.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Literal, NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from leadflow.text.errors import TemplateIssue, TemplateRefused
from leadflow.text.sandbox import ENVIRONMENTS

LONGEST = 131_072
"""Characters of a template."""
MOST_NODES = 5_000
DEEPEST = 30

WordKind = Literal["name", "attribute", "filter", "test", "tag", "operator", "print"]


class Place(NamedTuple):
    """Line and column, from 1, in characters."""

    line: int
    column: int


class Places:
    """Where each word of a kind stands, given out in the order of the source."""

    def __init__(self, source: str) -> None:
        self._found: dict[tuple[WordKind, str], deque[Place]] = defaultdict(deque)
        before: list[str] = ["", ""]
        for place, token, text in _tokens(source):
            kind = _kind(token, text, before)
            if kind is not None:
                self._found[kind, "" if kind == "print" else text].append(place)
            if token not in ("whitespace", "comment", "comment_begin", "comment_end"):
                before = [before[-1], token if token.endswith("_begin") else text]

    def take(self, kind: WordKind, word: str = "") -> Place | None:
        """The next place of that word, if one is left."""
        found = self._found[kind, word]
        return found.popleft() if found else None


def _kind(sort: str, text: str, before: list[str]) -> WordKind | None:
    if sort == "variable_begin":
        return "print"
    if sort == "operator":
        return "operator"
    if sort != "name":
        return None
    known: dict[str, WordKind] = {
        ".": "attribute",
        "|": "filter",
        "is": "test",
        "block_begin": "tag",
    }
    if before == ["is", "not"]:
        return "test"
    if before[-1] == "is" and text == "not":
        return None
    return known.get(before[-1], "name")


def _tokens(source: str) -> Iterator[tuple[Place, str, str]]:
    """Jinja's raw tokens with their places. It drops white space, so each is looked for from the last one's end."""
    position = line = 0
    line_start = 0
    for _, token, text in ENVIRONMENTS["plain"].lex(source):
        start = max(source.find(text, position), position)
        line += source.count("\n", position, start)
        line_start = source.rfind("\n", 0, start) + 1
        yield Place(line + 1, start - line_start + 1), token, text
        position = start + len(text)
        line += text.count("\n")


def unified(source: str) -> str:
    """The source with a line feed for every newline, as Jinja counts lines."""
    return re.sub("\r\n?", "\n", source)


def parse(source: str) -> nodes.Template:
    """The syntax tree of a template.

    Raises:
        TemplateRefused: it is too long or too deep, or it is not a Jinja template.
    """
    if len(source) > LONGEST:
        raise _refused(
            1, 1, f"the template has {len(source):,} characters; {LONGEST:,} are allowed"
        )
    try:
        tree = ENVIRONMENTS["plain"].parse(source)
    except TemplateSyntaxError as error:
        raise TemplateRefused((_syntax_issue(source, error),)) from None
    except RecursionError:
        raise _refused(1, 1, "the template is nested too deeply") from None
    except (ValueError, OverflowError):
        raise _refused(1, 1, "a number in the template is too long") from None
    _limit(tree)
    return tree


def _limit(tree: nodes.Template) -> None:
    count = 0
    pending: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        count += 1
        if depth > DEEPEST:
            raise _refused(node.lineno, 1, "the template is nested too deeply", "split it up")
        if count > MOST_NODES:
            raise _refused(node.lineno, 1, "the template has too many parts", "shorten it")
        pending.extend((child, depth + 1) for child in node.iter_child_nodes())


def _refused(line: int, column: int, message: str, hint: str = "") -> TemplateRefused:
    return TemplateRefused((TemplateIssue(line, column, message, hint),))


_SAYINGS: tuple[tuple[str, str, str], ...] = (
    (r"Encountered unknown tag '(else|elif|endif|endfor|endraw)'.*", "'{0}' has no beginning here",
     "write {{% if … %}} or {{% for x in … %}} before it"),
    (
        r"Encountered unknown tag '(\w+)'.*",
        "there is no tag '{0}' in a text",
        "there are {{% if … %}}, {{% elif … %}}, {{% else %}}, {{% endif %}} and {{% for x in … %}}",
    ),
    (r"Unexpected end of template.*innermost block.*'(\w+)'.*", "the tag '{0}' is never closed",
     "write {{% end{0} %}} where it ends"),
    (r"unexpected char (.+) at (\d+)", "the character {0} cannot stand between the braces", ""),
    (r"expected token 'end of print statement', got (.+)", "{0} is not expected here",
     "write a name, such as {{{{ lead.name }}}}"),
    (r"expected token 'end of statement block', got (.+)", "{0} is not expected here",
     "a comparison is written with two signs: =="),
    (r"Expected an expression, got 'end of .+ statement'", "there is nothing between the braces",
     "write a name there, such as {{{{ lead.name }}}}"),
    (r"Expected an expression, got '(.+)'", "something is missing before the {0}",
     "write a name between the braces, such as {{{{ lead.name }}}}"),
    (r"unexpected '?end of template.*", "a {{{{ or {{% is not closed", "close it with }}}} or %}}"),
    (r"expected name or number", "a name ends in a dot", "write it like lead.name"),
    (r"tag name expected", "there is nothing between the braces", "write {{% if … %}}"),
    (r"Missing end of raw directive", "the tag 'raw' is never closed", "write {{% endraw %}}"),
    (r"unexpected '\}'", "only one of the two braces stands here", "close it with }}}}"),
    (r"expected token '.+', got ('.+')", "{0} is not expected here", ""),
    (r"Missing end of comment tag", "a comment is not closed", "close it with #}}"),
)  # fmt: skip


def _syntax_issue(source: str, error: TemplateSyntaxError) -> TemplateIssue:
    said = error.message or "this is not a template"
    line = error.lineno
    column = _column_of_fault(source, said, line)
    for pattern, message, hint in _SAYINGS:
        found = re.fullmatch(pattern, said, re.DOTALL | re.IGNORECASE)
        if found:
            return TemplateIssue(
                line, column, message.format(*found.groups()), hint.format(*found.groups())
            )
    return TemplateIssue(line, column, said, "write a name, such as {{ lead.name }}")


def _column_of_fault(source: str, said: str, line: int) -> int:
    """The character that Jinja names, or the word it quotes last, or the first braces of the line."""
    at = re.search(r" at (\d+)$", said)
    if at:
        return int(at[1]) - source.rfind("\n", 0, int(at[1]))
    text = [*source.split("\n"), ""][line - 1]
    quoted = re.findall(r"'([^']+)'", said)
    for word in [*(quoted[-1:]), "{{", "{%", "{#"]:
        if word in text:
            return text.index(word) + 1
    return 1
