"""The pipelines that come with the program: their scenarios hold, and leave nothing untried."""

from pathlib import Path

import pytest

from leadflow.engine.pipeline import Pipeline
from leadflow.simulate.coverage import KINDS
from leadflow.simulate.runner import run_paths
from leadflow.spec.compile.pipeline import compile_path

SPECS = Path(__file__).parents[2] / "specs"
CHECKLIST = [
    "Определено какой канал сбыта",
    "Определена ниша компании",
    "Определено количество сотрудников работающих в компании",
    "Определен ЛПР/ЛВР и его минимальные данные (ФИО, номер телефона или доб.)",
    "Осуществлен разговор с ЛПР/ЛВР",
    "Определен предполагаемый продукт к продаже",
    "ЛПР/ЛВР ознакомлен в телефонном разговоре с УТП компании «Решение»",
    "Определено, каким продуктом пользуется компания уже сейчас",
    "Есть договоренность о следующем касании или о бесплатном продукте",
    "Определено, какое обучение проводят для сотрудников компании",
]
"""Seed 002, «Выход на ЛПР», in its words and its order (S20)."""


@pytest.fixture(name="razvedka", scope="module")
def _razvedka() -> Pipeline:
    return compile_path(SPECS / "razvedka.yaml", year=2026)[0].pipeline


def test_the_scenarios_of_the_examples_hold_and_reach_everything() -> None:
    """Every stage, exit, outcome and deadline of every example is reached by one of its scenarios."""
    report = run_paths([SPECS])
    assert report.ok
    assert {each.pipeline for each in report.coverage} == {"permits", "permits-deal", "razvedka"}
    assert [
        (covered.pipeline, point.text)
        for covered in report.coverage
        for kind in KINDS
        for point in covered.missed(kind)
    ] == []


def test_the_stages_of_razvedka_are_those_of_its_seed(razvedka: Pipeline) -> None:
    """S17: the stages in their order, one success, several ways to close without it."""
    titles = [stage.title for stage in razvedka.stages.values()]
    assert titles[:5] == [
        "Не обработан", "Первый звонок", "Квалификация", "Разведка", "Выход на ЛПР",
    ]  # fmt: skip
    ends = {stage.title: stage.final for stage in razvedka.stages.values() if stage.final}
    assert ends == {
        "Успешный": "success",
        "Не успешный": "failure",
        "Некачественный лид": "failure",
    }
    assert len(razvedka.fields["closing"].options) > 5


def test_the_checklist_of_razvedka_is_the_one_of_its_seed(razvedka: Pipeline) -> None:
    """S20: ten items, word for word, before «Выход на ЛПР» is reached."""
    gates = [gate.item for gate in razvedka.stages["lpr"].enter if gate.item]
    assert [razvedka.stages["lpr"].checklist[item] for item in gates] == CHECKLIST
