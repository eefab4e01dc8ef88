"""The graph of a pipeline: every way in words, Mermaid that cannot break, an SVG where nothing lies over anything."""

import re
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings, strategies as st

from leadflow.engine.moments import parse_moment
from leadflow.engine.pipeline import Pipeline
from leadflow.spec.compile.pipeline import compile_path, compile_text
from leadflow.spec.graph.layout import Line, arrange
from leadflow.spec.graph.svg import graph_svg
from leadflow.spec.graph.ways import ANYWHERE, Way, graph, moment_text, ways
from tests.support.spec_text import END, VALID, pipeline

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def everything() -> Pipeline:
    return compile_path(VALID / "everything.yaml", year=2026)[0].pipeline


def picture(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  our own drawing


def labels(stage: str, top: str = "") -> list[tuple[str, str, str, str]]:
    return [tuple(way) for way in ways(pipeline(stage, top))]  # type: ignore[misc]  # a Way has four members


@pytest.mark.parametrize(
    ("exit_", "label", "mood"),
    [
        ("signal: go, label: Дальше", "Дальше", "person"),
        ("signal: [a, b]", "a / b", "person"),
        ("task: call", "call done", "person"),
        ("task: call, outcome: reached", "call: Дозвонились", "person"),
        ("sent: offer", "offer sent", "person"),
        ("changed: price", "price changed", "by itself"),
        ("after: 2 working days", "after 2 working days", "time"),
        ("at: 3 days before day at 10:00", "at 3 days before day at 10:00", "time"),
        ("if: lead.flag", "lead.flag", "by itself"),
        ("signal: go, if: lead.flag", "go, if lead.flag", "person"),
        ("requires: name", "at once", "by itself"),
    ],
)
def test_a_way_is_told_in_words(exit_: str, label: str, mood: str) -> None:
    """The author's label, else what sets it in motion, with its condition."""
    task = "on_enter: [{create_task: {id: call, title: C, outcomes: {reached: Дозвонились}}}]"
    assert labels(f"{task}, exits: [{{{exit_}, goto: end}}]") == [("new", "end", label, mood)]


def test_an_outcome_is_told_in_the_words_of_its_own_task() -> None:
    """Two tasks may end in outcomes of one id and say them differently."""
    tasks = ", ".join(
        f"{{create_task: {{id: {task}, title: T, outcomes: {{refused: {said}}}}}}}"
        for task, said in (("call", "Не стали говорить"), ("reach", "Отказ"))
    )
    exits = ", ".join(
        f"{{task: {task}, outcome: refused, goto: end}}" for task in ("call", "reach")
    )
    told = [label for *_, label, _ in labels(f"on_enter: [{tasks}], exits: [{exits}]")]
    assert told == ["call: Не стали говорить", "reach: Отказ"]


def test_all_kinds_of_ways_are_drawn(everything: Pipeline) -> None:
    """Exits of stages, tracks and the pipeline, attempts, the end of a sequence, reopening, moving by hand."""
    found = ways(everything)
    assert Way("new", "lost", "first_call: Не ответил × 4", "person") in found
    assert Way("talk", "lost", "sequence over", "time") in found
    assert Way("legal.review", "legal.done", "Согласовано", "person") in found
    assert Way("lost", "new", "reopened", "person") in found
    assert Way("new", "lost", "Мусор", "person") in found
    assert Way(ANYWHERE, "lost", "after 60 days", "time") in found
    assert Way(ANYWHERE, "lost", "by hand", "person") in found


def test_long_conditions_are_shortened_and_dangling_ways_left_out() -> None:
    """A label stays a label; a way to nowhere is the checks' business."""
    long = "exits: [{if: 'lead.price > 1000 and lead.price < 2000 and lead.qty > 17 and lead.flag', goto: end}, {goto: none}]"
    ((_, _, label, _),) = labels(long)
    assert len(label) == 60
    assert label.endswith("…")


@pytest.mark.parametrize(
    "text",
    ["2 working days", "day", "1 day before day", "1 hour after day at 09:05", "1 day at 10:00"],
)
def test_a_moment_is_written_as_it_is_read(text: str) -> None:
    """Reading what is shown gives the same moment."""
    assert moment_text(parse_moment(text)) == text


def test_mermaid_shows_stages_tracks_ways_and_ends(everything: Pipeline) -> None:
    """Stages as nodes, tracks as subgraphs in their stage, final stages in their colours."""
    lines = [line.strip() for line in graph(everything).splitlines()]
    assert lines[0] == "flowchart TD"
    assert 's_new["Новый"]' in lines
    assert lines[lines.index('subgraph s_papers["Документы"]') + 1] == 'subgraph t_legal["Юристы"]'
    assert 's_legal__review -->|"Согласовано"| s_legal__done' in lines
    assert 'anywhere -.->|"by hand"| s_lost' in lines
    assert "class s_lost failure" in lines
    assert sum(line.startswith("subgraph") for line in lines) == lines.count("end")


def test_mermaid_survives_every_label() -> None:
    """Quotes, brackets and line breaks in titles cannot end a label."""
    text = f"pipeline: p\nstages:\n  new: {{title: 'a \"b\" [c] <d> #e | f', exits: [{{signal: go, label: 'say \"go\"', goto: end}}]}}\n{END}"
    lines = graph(compile_text(text).pipeline).splitlines()
    assert '  s_new["a #quot;b#quot; [c] #lt;d#gt; #35;e | f"]' in lines
    assert '  s_new -->|"say #quot;go#quot;"| s_end' in lines
    for line in lines:
        assert line.count('"') in (0, 2)


def test_the_svg_is_whole_and_safe(everything: Pipeline) -> None:
    """Well-formed, everything is in it, nothing is loaded from elsewhere, titles are escaped."""
    tree = picture(graph_svg(everything))
    shown = {"".join(node.itertext()) for node in tree.iter(f"{SVG}text")}
    assert {
        "Новый",
        "Переговоры",
        "Документы",
        "Юристы",
        "review",
        "won",
        "Потерян",
        "any open stage",
        "Согласовано",
    } <= shown
    hints = [node.text or "" for node in tree.iter(f"{SVG}title")]
    assert any(
        hint.startswith("talk · ") and re.search(r"everything\.yaml:\d+:3$", hint) for hint in hints
    )
    assert not any(attribute.endswith("href") for node in tree.iter() for attribute in node.attrib)
    hostile = compile_text(
        f"pipeline: p\nstages:\n  new: {{title: '<script>&', exits: [{{signal: go, goto: end}}]}}\n{END}"
    )
    assert "<script>" not in graph_svg(hostile.pipeline)
    picture(graph_svg(hostile.pipeline))


def test_a_way_back_to_the_same_stage_stands_in_its_box() -> None:
    """A loop is written, not drawn across its neighbours."""
    tree = picture(
        graph_svg(pipeline("exits: [{signal: again, label: Ещё раз, goto: new}, {goto: end}]"))
    )
    assert "↻ Ещё раз" in {node.text for node in tree.iter(f"{SVG}text")}
    assert len([node for node in tree.iter(f"{SVG}path") if "way" in node.get("class", "")]) == 1


GRAPHS = st.integers(2, 14).flatmap(
    lambda count: st.tuples(
        st.lists(
            st.tuples(st.integers(60, 200), st.integers(30, 60)), min_size=count, max_size=count
        ),
        st.lists(
            st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
                lambda ends: ends[0] != ends[1]
            ),
            max_size=24,
            unique=True,
        ),
    )
)


@given(GRAPHS)
@settings(max_examples=120, deadline=None)
def test_nothing_lies_over_anything(
    drawn: tuple[list[tuple[int, int]], list[tuple[int, int]]],
) -> None:
    """For any graph: boxes and labels keep apart, all is inside the picture, every line begins and ends at its boxes."""
    sizes, ends = drawn
    lines = [Line(source, target, 80, 18) for source, target in ends]
    middles, width, height = arrange(sizes, lines)
    boxes = [
        (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        for (x, y), (w, h) in zip(middles, sizes, strict=True)
    ]
    texts = [(x - 40, y - 9, x + 40, y + 9) for x, y in (line.label for line in lines)]
    for one, other in combinations([*boxes, *texts], 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart
    for left, top, right, bottom in (*boxes, *texts):
        assert left >= -1e-6
        assert top >= -1e-6
        assert right <= width + 1e-6
        assert bottom <= height + 1e-6
    for line in lines:
        for box, (x, y) in (
            (boxes[line.source], line.points[0]),
            (boxes[line.target], line.points[-1]),
        ):
            assert box[0] <= x <= box[2]
            assert min(abs(y - box[1]), abs(y - box[3])) < 1e-6


def test_a_chain_is_drawn_straight_down() -> None:
    """The simplest pipeline is the simplest picture: every stage below the one before."""
    lines = [Line(0, 1, 50, 18), Line(1, 2, 50, 18), Line(2, 3, 50, 18)]
    middles, _, _ = arrange([(100, 40)] * 4, lines)
    assert {round(x) for x, _ in middles} == {50}
    assert [y for _, y in middles] == sorted(y for _, y in middles)
    assert [round(line.label[0]) for line in lines] == [50, 50, 50]


def test_long_titles_are_broken() -> None:
    """Boxes stay narrow enough for a page."""
    title = "Подготовка коммерческого предложения для очень важного клиента"
    tree = picture(graph_svg(pipeline(f"title: {title}, exits: [{{goto: end}}]")))
    widths = [
        float(node.get("width", "0"))
        for node in tree.iter(f"{SVG}rect")
        if "stage" in node.get("class", "")
    ]
    assert max(widths) < 260
    assert re.sub(
        r"\s+", " ", " ".join(node.text or "" for node in tree.iter(f"{SVG}text"))
    ).startswith("at once Подготовка")
