"""The loader on hostile and random files: it always answers, in its place, after little work."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

from leadflow.spec.loader import Document, load_text
from leadflow.spec.yaml import compose
from leadflow.spec.yaml.events import Unreadable, _Text
from leadflow.spec.yaml.explain import explain
from tests.support.trees import nodes


def load(text: str) -> Document:
    return load_text(text.encode(), "f.yaml")


def told(document: Document) -> list[str]:
    return [f"{p.line}:{p.column}: {p.code}" for p in document.problems]


# ---- bounds ---------------------------------------------------------------------------------------------------------


@pytest.fixture(name="characters")
def _characters(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Counts the characters that the scanner passes over."""
    passed = [0]
    forward: Callable[[Any, int], None] = _Text.forward

    def counting(self: _Text, length: int = 1) -> None:
        passed[0] += length
        forward(self, length)

    monkeypatch.setattr(_Text, "forward", counting)
    return iter([passed])


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 100_000, "LF005"),
        ("{" * 100_000, "LF005"),
        ("{a: " * 100_000, "LF005"),
        ("- " * 100_000, "LF005"),
        ("? " * 100_000, "LF005"),
        ("{? " * 100_000, "LF005"),
        ("a: {{" + "[" * 100_000, "LF005"),
        ("".join(" " * i + "a:\n" for i in range(500)), "LF005"),
        ("a: [" + "a," * 60_000 + "]", "LF006"),
        ("x\n" * 60_000, "LF006"),
        ("a: [" + "*x, " * 40_000 + "]", "LF025"),
        ("a: [" + "!x y, " * 40_000 + "]", "LF027"),
        ("a: 1\n" * 49_000, "LF022"),
        (BOMB, "LF025"),
        ("%" * 100_000, "LF028"),
    ],
)
def test_hostile_file_is_refused_after_little_work(
    text: str, code: str, characters: Iterator[list[int]]
) -> None:
    """Bombs, deep nesting and floods are refused before they unfold: a few hundred events, a few thousand characters."""
    (passed,) = characters
    document = load(text)
    assert code in {problem.code for problem in document.problems}
    assert len(document.problems) <= compose.MAX_PROBLEMS + 1
    assert document.work <= 600
    assert passed[0] <= 5_000 or code == "LF028"


@pytest.mark.parametrize("text", ["[" * 5_000, "{" * 5_000, "{a: " * 5_000, "a: {{" + "[" * 5_000])
def test_brackets_are_not_looked_through_for_keys(
    text: str, characters: Iterator[list[int]]
) -> None:
    """The scanner itself stops at the depth allowed, and does not first look ahead for the colon of a key."""
    (passed,) = characters
    assert "LF005" in {problem.code for problem in load(text).problems}
    assert passed[0] <= 200


def test_values_are_counted_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file within the number of separators, but with more values than may be, stops at the limit."""
    monkeypatch.setattr(compose, "MAX_NODES", 100)
    document = load("a: [" + "{a: [b]}," * 30 + "]")
    assert told(document) == ["1:222: LF006"]
    assert (document.data, document.complete) == ({}, False)
    assert load("a: [" + "{a: [b]}," * 16 + "]").complete


@pytest.mark.parametrize(
    "text", ["a: |\n" + " " * 100_000, "a: 1" + " \t" * 50_000 + "x", '"' * 9999]
)
def test_long_lines_cost_their_length_only(text: str, characters: Iterator[list[int]]) -> None:
    """Runs of spaces, tabs and quotes are passed over once or twice, not once for every character."""
    (passed,) = characters
    load(text)
    assert passed[0] <= 3 * len(text)


# ---- anything at all ------------------------------------------------------------------------------------------------

YAMLISH = st.text(alphabet=" \n\t:-,[]{}\"'#&*!|>%@?~<=.abn01я\u00a0\r\\u{%", max_size=80)


@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(str.encode), YAMLISH.map(str.encode)
    )
)
def test_any_bytes_are_answered(raw: bytes) -> None:
    """Whatever the bytes: a document; either it is whole, or it says why not, in a place that the file has."""
    document = load_text(raw, "f.yaml")
    assert document.complete or document.problems
    assert document.work <= 20 + 8 * len(raw)
    lines = raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in document.problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert "\n" not in problem.message
        assert problem.message
        assert problem.hint


@given(YAMLISH)
def test_every_place_is_in_the_file(text: str) -> None:
    """The place of every node of any document is a character of its text, and every node of the data has one."""
    document = load(text)
    if not document.complete:
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert set(document.positions) == {path for path, _ in nodes(document.data)}
    for path in document.positions:
        for where in (document.locate(path), document.locate(path, key=True)):
            assert 1 <= where.column <= len(lines[where.line - 1]) + 1


@given(
    YAMLISH,
    st.text(max_size=30),
    st.text(max_size=30),
    st.integers(0, 80),
    st.none() | st.integers(0, 80),
)
def test_any_error_of_the_parser_is_explained(
    text: str, words: str, context: str, index: int, began: int | None
) -> None:
    """Even words that no rule knows, at any place, give a mistake inside the text."""
    place = min(index, len(text))
    start = None if began is None else min(began, place)
    mistake = explain(text, Unreadable(words, place, context, start))
    assert mistake.code.startswith("LF0")
    assert 0 <= mistake.index <= len(text)
