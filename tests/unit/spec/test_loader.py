"""The loader: what a file holds, where it stands, and what is wrong with it."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from leadflow.spec.loader import Document, load_file, load_text
from leadflow.spec.positions import Position
from leadflow.spec.scalars import Plain
from leadflow.spec.yaml import compose, source
from leadflow.spec.yaml.events import Unreadable, _Text
from leadflow.spec.yaml.explain import explain

CORPUS = Path(__file__).parents[2] / "specs" / "invalid" / "yaml"


def load(text: str) -> Document:
    return load_text(text.encode(), "f.yaml")


def told(document: Document) -> list[str]:
    return [f"{p.line}:{p.column}: {p.code}" for p in document.problems]


# ---- mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.yaml")), ids=lambda file: file.stem)
def test_mistake_is_told_in_its_place_and_in_plain_words(file: Path) -> None:
    """Each file of the corpus has exactly the problems, places, sentences and hints written beside it."""
    document = load_text(file.read_bytes(), "f.yaml")
    shown = "".join(f"{problem}\n" for problem in document.problems).replace("f.yaml:", "")
    assert shown == file.with_suffix(".expected").read_text("utf-8")


def test_corpus_is_whole() -> None:
    """Every file of the corpus has its expectation and the other way round."""
    files = sorted(CORPUS.iterdir())
    assert len(files) > 160
    assert {f.stem for f in files if f.suffix == ".yaml"} == {
        f.stem for f in files if f.suffix == ".expected"
    }


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("title: x".encode("utf-16"), "1:1: LF003"),
        ("title: x".encode("utf-32"), "1:1: LF003"),
        ("title: Пропуска".encode("utf-16-le"), "1:2: LF003"),
        ("a: 1\ntitle: Пропуска".encode("cp1251"), "2:8: LF003"),
        ("a: 1\r\n\r\ntitle: Пропуска".encode("koi8-r"), "3:8: LF003"),
        (b"a: 1\nb: \x00\x01", "2:4: LF003"),
        (b"a: \xf0\x9f", "1:4: LF003"),
        (b"\xef\xbb\xbfa: 1\n\xff", "2:1: LF003"),
        (b"a: \x1b[31m\n", "1:4: LF004"),
        (b"#" * (source.MAX_BYTES + 1), "1:1: LF002"),
    ],
)
def test_bytes_that_are_no_text_are_refused_where_they_stand(raw: bytes, expected: str) -> None:
    """Wrong encodings, binary content and files that are too large are one problem, and nothing is read."""
    document = load_text(raw, "f.yaml")
    assert told(document) == [expected]
    assert (document.data, document.complete, document.work) == ({}, False, 0)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("title: x".encode("utf-16"), "saved as UTF-16"),
        ("title: Пропуска".encode("utf-16-le"), "looks like UTF-16"),
        ("title: Пропуска".encode("cp1251"), "looks like Windows-1251"),
        ("title: Пропуска".encode("koi8-r"), "not UTF-8 text"),
        (b"\x7fELF\x00\x01\x02", "looks like a binary file"),
    ],
)
def test_encoding_is_named(raw: bytes, words: str) -> None:
    """The message names the encoding that the file was probably saved in."""
    (problem,) = load_text(raw, "f.yaml").problems
    assert words in problem.message
    assert "UTF-8" in problem.hint


def test_marks_and_line_ends_of_windows_do_not_matter() -> None:
    """A byte order mark, CR LF, a lone CR and tabs at line ends change neither data nor places."""
    document = load_text("\ufefftitle: Новый \t\r\nkind:\tlead".replace("\t", " ").encode(), "f")
    assert document.data == {"title": "Новый", "kind": "lead"}
    assert document.locate(("kind",)) == Position(2, 7)
    assert load("a: 1\t\n\t\nb: 2").data == {"a": "1", "b": "2"}
    assert load("a: 1\rb: 2").locate(("b",), key=True) == Position(2, 1)


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


# ---- content --------------------------------------------------------------------------------------------------------


def test_scalars_stay_as_written() -> None:
    """No word is read as a truth value, number or date; only what is left empty, `null` and `~` are nothing."""
    document = load(
        'a: [010, no, "no", 12:30, 1_000, +7 916 123-45-67, 2026-11-25, 0x1F, true]\n'
        "b:\nc: null\nd: ~\ne: \"\"\nf: 'null'\n"
    )
    assert document.data == {
        "a": [
            "010",
            "no",
            "no",
            "12:30",
            "1_000",
            "+7 916 123-45-67",
            "2026-11-25",
            "0x1F",
            "true",
        ],
        "b": None,
        "c": None,
        "d": None,
        "e": "",
        "f": "null",
    }
    assert not document.problems


def test_quotes_are_remembered() -> None:
    """Text without quotes is Plain; in quotes or after | and > it is not."""
    document = load("a: x\nb: 'x'\nc: \"x\"\nd: |\n  x\ne: >\n  x\n")
    assert [type(value) is Plain for value in document.data.values()] == [True] + [False] * 4


def test_long_texts_keep_their_lines() -> None:
    """Block texts keep or fold their lines as YAML says."""
    document = load("a: |\n  one\n    two\n\n  three\nb: >-\n  one\n  two\n\n  three\n")
    assert document.data == {"a": "one\n  two\n\nthree\n", "b": "one two\nthree"}


def test_the_first_of_two_equal_keys_wins() -> None:
    """A key given twice is a problem, and the places are those of the first."""
    document = load("a: {x: 1}\na: {y: 2}\n")
    assert document.data == {"a": {"x": "1"}}
    assert sorted(document.positions) == [(), ("a",), ("a", "x")]


def test_unquoted_template_still_reads_as_the_text_it_was_meant_to_be() -> None:
    """After the problem the value is the template, so that nothing else complains about a map."""
    document = load("title: {{ lead.name }}\nkind: lead\n")
    assert document.data == {"title": "{{ lead.name }}", "kind": "lead"}
    assert document.complete
    assert document.locate(("title",), offset=3) == Position(1, 11)


def test_unreadable_file_has_no_data() -> None:
    """After a syntax error nothing is known of the rest, so no half of a file is handed on."""
    document = load("pipeline: permits\ntitle: 'x\n")
    assert (document.data, document.complete) == ({}, False)
    assert document.locate(("pipeline",)) == Position(1, 1)


# ---- files ----------------------------------------------------------------------------------------------------------


def test_file_is_read_and_named(tmp_path: Path) -> None:
    """A file's problems carry its path, or the name it is to be shown by."""
    file = tmp_path / "p.yaml"
    file.write_text("on: 1\n")
    assert [p.path for p in load_file(file).problems] == [str(file)]
    assert [p.path for p in load_file(file, "specs/p.yaml").problems] == ["specs/p.yaml"]


def test_missing_file_and_folder_are_problems(tmp_path: Path) -> None:
    """What is no file is a problem at its beginning, not an exception."""
    missing, folder = load_file(tmp_path / "no.yaml", "no.yaml"), load_file(tmp_path, "folder")
    assert [str(p).split("\n")[0] for p in (*missing.problems, *folder.problems)] == [
        "no.yaml:1:1: LF001 the file does not exist",
        "folder:1:1: LF001 the file is not a file",
    ]


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe, which nobody writes to, is refused instead of read."""
    os.mkfifo(tmp_path / "pipe.yaml")
    assert stat.S_ISFIFO((tmp_path / "pipe.yaml").stat().st_mode)
    assert told(load_file(tmp_path / "pipe.yaml")) == ["1:1: LF001"]


def test_unreadable_file_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the system becomes a problem with its reason."""
    file = tmp_path / "p.yaml"
    file.write_text("a: 1")

    def refuse(*_args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    (problem,) = load_file(file, "p.yaml").problems
    assert str(problem).startswith("p.yaml:1:1: LF001 the file cannot be opened: permission denied")


def test_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Of a sparse file of a terabyte only as much is read as is needed to refuse it."""
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        stream.truncate(1 << 40)
    assert told(load_file(file)) == ["1:1: LF002"]


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
    assert set(document.positions) == set(_paths(document.data))
    for path in document.positions:
        for where in (document.locate(path), document.locate(path, key=True)):
            assert 1 <= where.column <= len(lines[where.line - 1]) + 1


def _paths(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    items = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for step, value in items:
        yield from _paths(value, (*path, step))


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
