"""The loader: what a file holds, where it stands, and what is wrong with it."""

import os
import stat
from pathlib import Path

import pytest

from leadflow.spec.loader import Document, load_file, load_text
from leadflow.spec.positions import Position
from leadflow.spec.scalars import Plain
from leadflow.spec.yaml import source

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
