"""Problems: their forms, the registry of codes, and a page for each."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from leadflow.spec.codes import CODES
from leadflow.spec.loader import load_text
from leadflow.spec.positions import NodePath, Position
from leadflow.spec.problems import (
    Problem,
    Problems,
    has_errors,
    problem,
    quoted,
    render_json,
    render_text,
)
from leadflow.spec.yaml import mistake

PAGES = Path(__file__).parents[3] / "docs" / "problems"
UNREACHED = problem(
    "specs/permits.yaml", Position(41, 9), "LF301", "stage 'consent' cannot be reached", "delete it"
)


# ---- forms ----------------------------------------------------------------------------------------------------------


def test_text_form() -> None:
    """`path:line:column: CODE message`, and the hint indented on the next line."""
    assert str(UNREACHED) == (
        "specs/permits.yaml:41:9: LF301 stage 'consent' cannot be reached\n    hint: delete it"
    )


def test_text_form_without_a_hint() -> None:
    """Without a hint there is no second line."""
    assert "\n" not in str(problem("a.yaml", Position(1, 1), "LF302", "no way out"))


def test_json_form() -> None:
    """The seven keys that programs read."""
    assert render_json([UNREACHED]) == [
        {
            "path": "specs/permits.yaml",
            "line": 41,
            "column": 9,
            "code": "LF301",
            "severity": "error",
            "message": "stage 'consent' cannot be reached",
            "hint": "delete it",
        }
    ]


def test_problems_are_sorted_by_place_and_told_once() -> None:
    """Path, then line, then column, as numbers; the same problem twice is one."""
    places = [("b", 1, 1), ("a", 10, 1), ("a", 9, 30), ("a", 9, 4), ("a", 9, 4)]
    problems = [
        problem(path, Position(line, column), "LF101", "x") for path, line, column in places
    ]
    expected = ["a:9:4: LF101 x", "a:9:30: LF101 x", "a:10:1: LF101 x", "b:1:1: LF101 x"]
    assert render_text(problems).split("\n") == expected
    assert [p["line"] for p in render_json(problems)] == [9, 9, 10, 1]
    assert render_text([]) == ""


def test_severity_is_that_of_the_code() -> None:
    """Whether a problem stops the pipeline is the registry's business; an unknown code is a bug."""
    assert UNREACHED.severity == "error"
    warned = problem("a", Position(1, 1), "LF021", "x")
    assert warned.severity == "warning"
    assert has_errors([warned, UNREACHED])
    assert not has_errors([warned])
    with pytest.raises(KeyError, match="LF999"):
        problem("a", Position(1, 1), "LF999", "x")


@dataclass
class File:
    """A file whose nodes stand at places that can be told apart."""

    path: str = "a.yaml"

    def locate(self, path: NodePath, *, key: bool = False, offset: int | None = None) -> Position:
        return Position(len(path) + 1, 100 * key + (offset or 0) + 1)


def test_collector_finds_the_places() -> None:
    """A problem is added at a node's value, at its key, at a character of its text, or at a place."""
    problems = Problems(File())
    problems.add("LF302", ("stages", "new"), "key", "hint", key=True)
    problems.add("LF110", ("stages",), "offset", offset=4)
    problems.add("LF101", (), "value")
    problems.add("LF101", Position(9, 9), "place")
    problems.add("LF101", (), "value")
    assert [(p.line, p.column, p.message, p.hint) for p in problems] == [
        (1, 1, "value", ""),
        (2, 5, "offset", ""),
        (3, 101, "key", "hint"),
        (9, 9, "place", ""),
    ]
    assert len(problems) == 4
    assert problems.errors


def test_collector_takes_over_problems() -> None:
    """Problems found by others join in, without doubles; warnings alone are no errors."""
    problems = Problems(File())
    assert not problems.errors
    warned = problem("a.yaml", Position(1, 1), "LF021", "x")
    problems.extend([warned, warned])
    problems.extend([warned])
    assert list(problems) == [warned]
    assert not problems.errors


def test_collector_works_on_a_loaded_file() -> None:
    """A document is such a source of places."""
    document = load_text(b"stages:\n  new: {if: 'a = b'}\n", "p.yaml")
    problems = Problems(document)
    problems.add("LF110", ("stages", "new", "if"), "not a comparison", offset=2)
    assert render_text(problems) == "p.yaml:2:16: LF110 not a comparison"


@given(st.text(max_size=200))
def test_quoted_text_fits_a_line(text: str) -> None:
    """Whatever stands in a file, its quotation is one short printable line."""
    shown = quoted(text)
    assert shown.isprintable()
    assert len(shown) <= 62
    assert shown[0] == shown[-1] == "'"
    if len(text) <= 60 and text.isprintable():
        assert shown == f"'{text}'"


# ---- codes and pages ------------------------------------------------------------------------------------------------


@dataclass
class Page:
    """A page under docs/problems, taken apart."""

    heading: str
    severity: str
    explanation: str
    wrong: list[tuple[str, str]]
    right: list[tuple[str, str]]


def page(code: str) -> Page:
    text = (PAGES / f"{code}.md").read_text("utf-8")
    found = re.fullmatch(
        r"# (.+)\n\n\*(.+)\*\n\n(.+?)\n\n## Wrong\n\n(.+?)\n## Right\n\n(.+)", text, re.DOTALL
    )
    assert found, f"{code}.md is not laid out as the others"
    heading, severity, explanation, wrong, right = found.groups()
    return Page(heading, severity, explanation, examples(wrong), examples(right))


def examples(text: str) -> list[tuple[str, str]]:
    """The files shown in a section: name and content."""
    return re.findall(r"```\w+ (\S+)\n(.*?)```\n", text, re.DOTALL)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    """Codes and pages are the same set."""
    assert {path.stem for path in PAGES.glob("LF*.md")} == set(CODES)


def test_index_lists_every_page_in_order() -> None:
    """The overview has a row for each code: link, title, severity."""
    rows = [line for line in (PAGES / "README.md").read_text("utf-8").split("\n") if "](LF" in line]
    assert rows == [
        f"| [{code}]({code}.md) | {info.title} | {info.severity} |"
        for code, info in sorted(CODES.items())
    ]


@pytest.mark.parametrize("code", sorted(CODES))
def test_page_says_what_the_registry_says(code: str) -> None:
    """A page bears the code's title, severity and explanation, and shows a wrong and a right example."""
    info, shown = CODES[code], page(code)
    assert shown.heading == f"{code}: {info.title}"
    assert shown.severity == info.severity.capitalize()
    assert " ".join(shown.explanation.split()) == info.explanation
    assert shown.wrong
    assert shown.right
    assert shown.wrong != shown.right


@pytest.mark.parametrize("code", sorted(CODES))
def test_entry_reads_well(code: str) -> None:
    """Codes are LF and three digits; titles have no full stop, explanations end with one."""
    info = CODES[code]
    assert re.fullmatch(r"LF[0-7][0-9]{2}", code)
    assert not info.title.endswith(".")
    assert info.title[0].isupper()
    assert info.explanation.endswith((".", "!"))
    assert "  " not in info.explanation


@pytest.mark.parametrize("code", sorted(CODES))
def test_right_example_is_good_yaml(code: str) -> None:
    """Whatever a page shows as right can be loaded without a problem."""
    for name, content in page(code).right:
        if name.endswith(".yaml"):
            assert load_text(content.encode(), name).problems == ()


@pytest.mark.parametrize("code", sorted(CODES))
def test_wrong_example_is_wrong_in_the_way_the_page_says(code: str) -> None:
    """What a page on the file itself shows as wrong has that problem only; what others show is good YAML."""
    expected = {code} if code < "LF100" else set()
    for name, content in page(code).wrong:
        if name.endswith(".yaml"):
            assert {found.code for found in load_text(content.encode(), name).problems} == expected


def test_mistakes_of_the_loader_are_in_the_registry() -> None:
    """Whatever the loader can say has an entry, and the entries about YAML are all said by the corpus."""
    corpus = Path(__file__).parents[2] / "specs" / "invalid" / "yaml"
    said = set(
        re.findall(r"LF\d{3}", "".join(f.read_text("utf-8") for f in corpus.glob("*.expected")))
    )
    said |= {mistake.too_many(0, 1).code, "LF001", "LF002", "LF003"}
    assert said == {code for code in CODES if code < "LF100"}


def test_problem_is_a_value() -> None:
    """Problems can be compared, hashed and never change."""
    again = Problem(**{name: getattr(UNREACHED, name) for name in Problem.__dataclass_fields__})
    assert again == UNREACHED
    assert hash(again) == hash(UNREACHED)
    with pytest.raises(AttributeError, match="line"):
        UNREACHED.line = 1  # type: ignore[misc]  # frozen: that is the point
