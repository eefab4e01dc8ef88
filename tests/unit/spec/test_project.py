"""Finding and reading a project's files: what was asked for, what belongs to it, which problems are told."""

from pathlib import Path

import pytest

from leadflow.spec.check import check_paths
from leadflow.spec.compile.pipeline import compile_path, compile_pipeline
from leadflow.spec.project import Project, load_project
from tests.support.spec_text import VALID

PIPELINE = "pipeline: {name}\n{more}stages:\n  new: {{exits: [{{signal: go, goto: end}}]}}\n  end: {{final: success}}\n"


def write(folder: Path, **files: str) -> None:
    """Files by name, ``__`` for ``/`` and ``_`` before the ending for a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml").replace(
            "_md", ".md"
        ).replace("_test", ".test")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def pipeline(name: str, more: str = "") -> str:
    return PIPELINE.format(name=name, more=more)


def codes(project: Project) -> list[tuple[str, str]]:
    return [(Path(p.path).name, p.code) for p in sorted(project.problems)]


def test_a_folder_is_read_whole() -> None:
    """Pipelines, shared files, rights, templates, settings; nothing wrong with the examples."""
    project = load_project([VALID])
    assert project.problems == []
    assert [file.model.pipeline for file in project.pipelines] == ["everything", "permits", "trade"]
    assert [file.model.shared for file in project.shared] == ["common"]
    assert [rights.rights for rights in project.rights] == ["team_rights"]
    assert set(project.templates[VALID]) >= {"offer.email", "hello.sms", "contract.document"}
    assert sorted(file.language for file in project.templates[VALID]["offer.email"]) == ["", "en"]
    assert project.installation.users["anna"].name == "Анна Лактионова"
    assert project.settings.endswith("leadflow.yaml")


def test_of_one_file_only_its_own_problems_are_told(tmp_path: Path) -> None:
    """What stands beside it is read, because it may be used, but its mistakes are another day's work."""
    write(
        tmp_path,
        a_yaml=pipeline("a"),
        b_yaml="pipeline: b\nbroken: true\n",
        c_yaml="x: [",
        d_test_yaml="pipeline: a\n",
    )
    project = load_project([tmp_path / "a.yaml"])
    assert project.problems == []
    assert [(file.model.pipeline, file.asked) for file in project.pipelines] == [("a", True)]
    assert project.scenarios == []
    assert [made.pipeline.id for made in compile_path(tmp_path / "a.yaml")] == ["a"]


def test_a_neighbour_can_be_named(tmp_path: Path) -> None:
    """Other pipelines of the folder are known, for conversions."""
    write(tmp_path, a_yaml=pipeline("a"), b_yaml=pipeline("b"))
    project = load_project([tmp_path / "a.yaml"])
    other = project.pipeline("b")
    assert other is not None
    assert not other.asked
    assert project.pipeline("c") is None


def test_folders_below_and_scenarios(tmp_path: Path) -> None:
    """Folders are searched to the bottom; hidden ones are not; scenario files are kept as data."""
    write(tmp_path, x__a_yaml=pipeline("a"), x__a_test_yaml="pipeline: a\nscenarios: []\n")
    write(tmp_path / ".git", b_yaml="nonsense: 1\n")
    project = load_project([tmp_path])
    assert project.problems == []
    assert [
        (Path(file.path).name, file.document.data["pipeline"]) for file in project.scenarios
    ] == [("a.test.yaml", "a")]


def test_what_is_no_file_of_ours_is_told(tmp_path: Path) -> None:
    """The first key says what a file is; templates are told by their names."""
    write(
        tmp_path,
        a_yaml="pipelne: a\n",
        templates__x_md="hello",
        templates__y_email_md="Subject: x\n\ny",
    )
    (tmp_path / "templates" / "z.sms.txt").write_bytes("Привет".encode("cp1251"))
    (tmp_path / "templates" / ".keep").write_text("")
    project = load_project([tmp_path])
    assert codes(project) == [
        ("a.yaml", "LF112"),
        ("x.md", "LF112"),
        ("y_email.md", "LF112"),
        ("z.sms.txt", "LF003"),
    ]
    assert project.problems[0].hint == "did you mean 'pipeline'?"


def test_missing_paths_and_empty_folders(tmp_path: Path) -> None:
    """A clear problem instead of silence."""
    (tmp_path / "empty").mkdir()
    project = load_project([tmp_path / "none.yaml", tmp_path / "empty"])
    assert codes(project) == [("empty", "LF001"), ("none.yaml", "LF001")]


def test_a_name_stands_in_one_file(tmp_path: Path) -> None:
    """Pipelines and shared files are found by name."""
    write(
        tmp_path,
        a_yaml=pipeline("a"),
        b_yaml=pipeline("a"),
        c_yaml="shared: s\n",
        d_yaml="shared: s\n",
    )
    assert codes(load_project([tmp_path])) == [("b.yaml", "LF224"), ("d.yaml", "LF224")]


def test_settings_that_are_passed_over_are_told(tmp_path: Path) -> None:
    """One `leadflow.yaml` counts; another, below or beside a second path, would be missed by whoever wrote it."""
    write(
        tmp_path,
        a__a_yaml=pipeline("a"),
        b__b_yaml=pipeline("b"),
        a__leadflow_yaml="region: RU\n",
        b__leadflow_yaml="region: RU\n",
    )
    assert codes(load_project([tmp_path / "a"])) == []
    assert codes(load_project([tmp_path])) == [("leadflow.yaml", "LF606")] * 2
    (found,) = load_project([tmp_path / "a", tmp_path / "b"]).problems
    assert found.path == str(tmp_path / "b" / "leadflow.yaml")
    write(tmp_path, leadflow_yaml="region: RU\n")
    (tmp_path / "b").rename(tmp_path / ".b")
    (found,) = load_project([tmp_path]).problems
    assert found.path == str(tmp_path / "a" / "leadflow.yaml")
    assert (found.code, found.severity) == ("LF606", "warning")


@pytest.mark.parametrize("where", ["specs/leadflow.yaml", "leadflow.yaml"])
def test_settings_stand_in_the_folder_or_above(tmp_path: Path, where: str) -> None:
    """The nearest `leadflow.yaml` counts; its problems are told."""
    write(tmp_path, specs__a_yaml=pipeline("a"))
    (tmp_path / where).write_text("region: DE\nbad: 1\n", "utf-8")
    project = load_project([tmp_path / "specs"])
    assert project.settings == str(tmp_path / where)
    assert codes(project) == [("leadflow.yaml", "LF101")]


def test_settings_are_shown_as_people_type_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the working directory the path is relative."""
    write(tmp_path, specs__a_yaml=pipeline("a"), leadflow_yaml="bad: 1\n")
    monkeypatch.chdir(tmp_path)
    project = load_project(["specs"])
    assert [p.path for p in project.problems] == ["leadflow.yaml"]
    assert [file.path for file in project.pipelines] == ["specs/a.yaml"]


# ---- use ----------------------------------------------------------------------------------------------------------------


def merge(folder: Path, own: str, **shared: str) -> tuple[Project, list[str]]:
    uses = ", ".join(shared)
    write(folder, main_yaml=pipeline("main", f"use: [{uses}]\n{own}"))
    write(folder, **{f"{name}_yaml": f"shared: {name}\n{text}" for name, text in shared.items()})
    project = load_project([folder / "main.yaml"])
    made = compile_pipeline(project.pipelines[0], project, year=2026)
    return project, [
        f"{p.line}:{p.column} {p.code} {p.message}" for p in (*project.problems, *made.problems)
    ]


def test_own_entries_win_and_shared_ones_follow(tmp_path: Path) -> None:
    """Entry by entry: fields join by id, single values are taken where the pipeline has none, lists get longer."""
    project, problems = merge(
        tmp_path,
        "fields: {a: {type: text, label: own}}\nlanguage: en\nexits: [{id: x, signal: own, goto: end}]\n",
        one="fields: {a: number, b: date}\nlanguage: de\nconsent: opt_in\nexits: [{id: x, signal: lost, goto: end}, {signal: more, goto: end}]\n",
    )
    made = compile_pipeline(project.pipelines[0], project).pipeline
    assert problems == []
    assert [(field.id, field.type) for field in made.fields.values()] == [
        ("a", "text"),
        ("b", "date"),
    ]
    assert (made.language, made.consent) == ("en", "opt_in")
    assert [way.trigger.names for way in made.exits] == [("own",), ("more",)]
    assert made.fields["b"].pos.endswith("one.yaml:2:21")


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("fields: {a: text}\n", "fields.a"),
        ("consent: opt_in\n", "consent"),
        ("calendar: {timezone: Asia/Omsk}\n", "calendar"),
        ("exits: [{id: x, signal: s, goto: end}]\n", "exits.x"),
        ("sources: {site: Сайт}\n", "sources.site"),
    ],
)
def test_two_shared_files_clash(tmp_path: Path, entry: str, what: str) -> None:
    """Nobody could say which is meant; the pipeline's own entry settles it."""
    _, problems = merge(tmp_path, "", one=entry, two=entry)
    assert problems == [f"2:12 LF221 'two' and a shared file before it both give '{what}'"]
    assert merge(tmp_path, entry, one=entry, two=entry)[1] == []


def test_an_unknown_shared_file(tmp_path: Path) -> None:
    """Told at its name, with the near miss; a broken one has its own problems as well."""
    write(tmp_path, main_yaml=pipeline("main", "use: comon\n"), common_yaml="shared: common\n")
    project = load_project([tmp_path / "main.yaml"])
    (problem,) = compile_pipeline(project.pipelines[0], project).problems
    assert (problem.line, problem.column, problem.code) == (2, 6, "LF212")
    assert problem.hint == "did you mean 'common'?"
    write(
        tmp_path,
        main_yaml=pipeline("main", "use: common\n"),
        common_yaml="shared: common\nfield: {}\n",
    )
    project = load_project([tmp_path / "main.yaml"])
    assert codes(project) == [("common.yaml", "LF101")]


def test_an_intake_rule_is_read_by_the_pipeline_it_leads_to(tmp_path: Path) -> None:
    """A shared file serves leads and deals: each rule speaks of what its own pipeline has."""
    shared = """shared: common
intake:
  - {if: lead.channel == "call", pipeline: calls}
  - {if: deal.channel == "form", pipeline: orders}
"""
    write(
        tmp_path,
        calls_yaml=pipeline("calls", "use: [common]\n"),
        orders_yaml=pipeline("orders", "kind: deal\nuse: [common]\n"),
        common_yaml=shared,
    )
    assert check_paths([tmp_path]).problems == ()
    write(tmp_path, common_yaml=shared.replace("deal.channel", "lead.channel"))
    assert [p.code for p in check_paths([tmp_path]).problems] == ["LF214"]
