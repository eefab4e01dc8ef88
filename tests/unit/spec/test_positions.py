"""Places: every node's place is where its text stands, down to a character inside a value."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from leadflow.spec.loader import Document, load_text
from leadflow.spec.positions import NodePath, Position
from leadflow.spec.scalars import Plain
from tests.support.trees import nodes

WORDS = st.text(alphabet="abzя_", min_size=2, max_size=6).filter(lambda word: word != "no")
TEXTS = (
    st.text(alphabet="abя '\"\\:#-{}[],\n\t", min_size=1, max_size=20).map(str.strip).filter(bool)
)


def at(text: str, where: Position) -> str:
    """The text from a position on."""
    lines = text.split("\n")
    return "\n".join([lines[where.line - 1][where.column - 1 :], *lines[where.line :]])


def load(text: str) -> Document:
    return load_text(text.encode(), "f.yaml")


@st.composite
def scalars(draw: st.DrawFn, indent: int, *, flow: bool) -> tuple[str, str]:
    """A text value and one of the ways to write it."""
    style = draw(
        st.sampled_from(["plain", "single", "double", "escaped", *([] if flow else ["|", ">"])])
    )
    if style == "plain":
        word = draw(WORDS)
        return word, word
    value = draw(TEXTS)
    if style in {"|", ">"}:
        value = " ".join(value.split()) + "\n"
        margin = " " * (indent + 2)
        return value, f"{style}{draw(st.sampled_from(['', '2']))}\n{margin}{value.strip()}"
    if style == "single":
        value = " ".join(value.split())
        return value, "'" + value.replace("'", "''") + "'"
    return value, json.dumps(value, ensure_ascii=style == "escaped")


@st.composite
def written(
    draw: st.DrawFn, depth: int = 0, indent: int = 0, *, flow: bool = False
) -> tuple[Any, str]:
    """Data, and the same as YAML: what follows a key and its colon."""
    kind = (
        "map"
        if depth == 0
        else draw(st.sampled_from(["text", "text", "map", "list"] if depth < 4 else ["text"]))
    )
    if kind == "text":
        value, text = draw(scalars(indent, flow=flow))
        return value, " " + text
    inline = flow or draw(st.booleans())
    keys = draw(st.lists(WORDS, min_size=1, max_size=3, unique=True))
    inner = indent if depth == 0 else indent + 2
    parts = [draw(written(depth + 1, inner, flow=inline)) for _ in keys]
    items = list(zip(keys, parts, strict=True))
    data: Any = (
        {key: value for key, (value, _) in items}
        if kind == "map"
        else [value for value, _ in parts]
    )
    if inline:
        entries = [f"{key}:{text}" if kind == "map" else text.strip() for key, (_, text) in items]
        left, right = "{}" if kind == "map" else "[]"
        return data, f" {left}{', '.join(entries)}{right}"
    lines = [
        " " * inner + (f"{key}:{text}" if kind == "map" else f"-{text}") for key, (_, text) in items
    ]
    return data, "\n" + "\n".join(lines)


@given(written())
def test_every_place_points_at_the_text_of_its_node(sample: tuple[Any, str]) -> None:
    """Keys stand where they are written, values where they begin: with their quote, bracket, first key or hyphen."""
    data, text = sample
    text = text.lstrip() + "\n"
    document = load(text)
    assert document.problems == ()
    assert document.data == data
    for path, value in nodes(data):
        here = at(text, document.locate(path))
        if isinstance(value, str):
            first = value if isinstance(document.get(path), Plain) else ("'", '"', "|", ">")
            assert here.startswith(first)
        else:
            first_key = next(iter(value)) if isinstance(value, dict) else "-"
            assert here.startswith(("{" if isinstance(value, dict) else "[", first_key))
        if path and isinstance(path[-1], str):
            assert at(text, document.locate(path, key=True)).startswith(f"{path[-1]}:")


@given(written())
def test_every_character_of_a_value_is_found_in_the_file(sample: tuple[Any, str]) -> None:
    """However a value is written, each visible character of it is found: itself, its escape, or its doubled quote."""
    data, text = sample
    text = text.lstrip() + "\n"
    document = load(text)
    for path, value in nodes(data):
        for offset, character in enumerate(value if isinstance(value, str) else ""):
            here = at(text, document.locate(path, offset=offset))
            escaped = json.dumps(character)[1:-1]
            assert here.startswith((character, escaped, "''")) or character in " \n\t"


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("if: lead.price >\n  1000", 13, "2:3"),
        ("if: 'a == ''b'''", 5, "1:11"),
        ('if: "a == \\"b\\""', 6, "1:13"),
        ('if: "\\u0061\\x62c"', 2, "1:16"),
        ('if: "a\\\n  b"', 1, "2:3"),
        ('if: "a\\tb\\x20c"', 4, "1:14"),
        ("if: |\n  one\n\n    two", 7, "4:5"),
        ("if: >- # why\n  one\n  two", 4, "3:3"),
        ("if: one two", 3, "1:8"),
        ("if: one", 3, "1:8"),
        ("if: 'one'", 3, "1:9"),
        ("if: one", 99, "1:8"),
        ("if: ''", 0, "1:6"),
        ("if: |\n", 0, "1:5"),
        ("if:", 0, "1:1"),
        ("if: [a]", 1, "1:5"),
    ],
)
def test_character_inside_a_value(text: str, offset: int, expected: str) -> None:
    """The n-th character of a value is found through folding, escapes, doubled quotes, block headers and comments."""
    assert str(load(text).locate(("if",), offset=offset)) == expected


FILE = """\
stages:
  new:
    title: Новый
    exits:
      - {goto: won}
      -
    note:
"""


@pytest.mark.parametrize(
    ("path", "key", "expected"),
    [
        ((), False, "1:1"),
        ((), True, "1:1"),
        (("stages", "new"), False, "3:5"),
        (("stages", "new"), True, "2:3"),
        (("stages", "new", "title"), False, "3:12"),
        (("stages", "new", "exits", 0), True, "5:9"),
        (("stages", "new", "exits", 1), False, "6:8"),
        (("stages", "new", "note"), False, "7:5"),
        (("stages", "new", "label"), False, "2:3"),
        (("stages", "new", "label"), True, "2:3"),
        (("stages", "new", "exits", 0, "set", "price"), False, "5:9"),
        (("stages", "new", "exits", 7), False, "4:5"),
        (("pipeline",), False, "1:1"),
    ],
)
def test_place_of_a_node(path: NodePath, key: bool, expected: str) -> None:
    """Values and keys; what is left empty stands at its key, what is missing at the key of what it is missing in."""
    assert str(load(FILE).locate(path, key=key)) == expected


def test_offset_in_what_is_missing_is_the_place_of_what_it_is_missing_in() -> None:
    """A character of a text that is not there stands where the text should be added."""
    document = load(FILE)
    assert document.locate(("stages", "new", "label"), offset=3) == Position(2, 3)
    assert document.positions.character(("stages", "new", "label"), "x", 0) == Position(2, 3)


def test_places_are_a_mapping() -> None:
    """Places can be asked for, counted and passed through by node path."""
    positions = load(FILE).positions
    assert len(positions) == len(list(positions)) == 9
    assert ("stages", "new") in positions
    assert ("stages", "old") not in positions
    assert positions["stages", "new"].key == Position(2, 3)


def test_get_answers_nothing_where_nothing_is() -> None:
    """A path that leads nowhere has no value, whatever it leads through."""
    document = load(FILE)
    assert document.get(("stages", "new", "title")) == "Новый"
    nowhere: list[NodePath] = [
        ("x",),
        ("stages", 0),
        ("stages", "new", "exits", 5),
        ("stages", "new", "title", "x"),
    ]
    assert [document.get(path) for path in nowhere] == [None] * 4
