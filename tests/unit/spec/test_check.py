"""`check_paths`: what it reads, what it compiles, what it tells, and what it does not tell twice."""

from pathlib import Path

import pytest

from leadflow.spec.check import check_paths

ROOT = Path(__file__).parents[3]
VALID = ROOT / "tests" / "specs" / "valid"

DEAL = """
pipeline: permits-deal
kind: deal
stages:
  work: {exits: [{signal: paid, goto: done}]}
  done: {final: success}
"""


def files(folder: Path, **texts: str) -> Path:
    """A folder with these pipelines: name without ending → text."""
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text.lstrip("\n"), "utf-8")
    return folder


def test_the_pipeline_of_the_reference_is_right(tmp_path: Path) -> None:
    """No false alarm, not even a warning, on the example of the language reference with its templates and people."""
    folder = files(tmp_path, permits_deal=DEAL)
    (folder / "permits.yaml").write_text((VALID / "permits.yaml").read_text("utf-8"), "utf-8")
    (folder / "leadflow.yaml").write_text("users: {anna: {}}\nteams: {sales: [anna]}\n", "utf-8")
    templates = folder / "templates"
    templates.mkdir()
    for name in ("offer", "offer_reminder"):
        (templates / f"{name}.email.md").write_text("Subject: КП\n\nЗдравствуйте!\n", "utf-8")
    (templates / "contact.task.md").write_text("Узнайте, что нужно.\n", "utf-8")
    assert check_paths([folder], year=2026).problems == ()


def test_the_example_pipelines_are_right() -> None:
    """What comes with the program passes its own check without a word."""
    found = check_paths([ROOT / "specs"], year=2026)
    assert [each.pipeline.id for each in found.compiled] == ["permits-deal", "permits", "razvedka"]
    assert found.text() == ""


def test_every_key_of_the_language_passes() -> None:
    """A pipeline with every key has no error; its warnings are true ones."""
    found = check_paths([VALID / "everything.yaml"], year=2026)
    assert not found.errors
    assert {problem.code for problem in found.problems} == {"LF308", "LF504"}


def test_only_what_was_asked_for_is_told(tmp_path: Path) -> None:
    """A wrong pipeline beside the one that is checked is its own business; its name is known all the same."""
    text = """
pipeline: one
stages:
  new: {exits: [{signal: next, label: Дальше, goto: won}]}
  won: {final: success, convert: [{create: [deal], pipeline: permits-deal}]}
"""
    folder = files(tmp_path, one=text, permits_deal=DEAL.replace("goto: done", "gto: done"))
    found = check_paths([folder / "one.yaml"])
    assert found.problems == ()
    assert [each.pipeline.id for each in found.compiled] == ["one"]
    assert {problem.code for problem in check_paths([folder]).problems} == {"LF101"}


def test_a_broken_shared_file_is_told_once(tmp_path: Path) -> None:
    """What a pipeline takes from it is not called unknown: the file's own mistake is the only one."""
    shared = "shared: common\nfields:\n  email: {typ: email}\n"
    text = """
pipeline: one
use: common
stages:
  new: {requires: [email], exits: [{signal: next, label: Дальше, goto: won}]}
  won: {final: success}
"""
    found = check_paths([files(tmp_path, one=text, common=shared)])
    assert [problem.code for problem in found.problems] == ["LF101"]


def test_broken_settings_make_nobody_unknown(tmp_path: Path) -> None:
    """While `leadflow.yaml` cannot be read nobody knows who works here."""
    text = """
pipeline: one
routing: [{assign: {round_robin: sales}}]
stages:
  new: {exits: [{signal: next, label: Дальше, goto: won}]}
  won: {final: success}
"""
    folder = files(tmp_path, one=text, leadflow="users: {anna: {nme: Анна}}\n")
    assert [problem.code for problem in check_paths([folder]).problems] == ["LF101"]
    (folder / "leadflow.yaml").write_text("users: {anna: {}}\nteams: {sales: [anna]}\n", "utf-8")
    assert check_paths([folder]).problems == ()


def test_settings_alone_can_be_checked(tmp_path: Path) -> None:
    """`leadflow check leadflow.yaml` tells what is wrong with it."""
    folder = files(tmp_path, leadflow="users: {anna: {supervisor: ana}}\n")
    found = check_paths([folder / "leadflow.yaml"])
    assert [problem.code for problem in found.problems] == ["LF207"]


def test_the_environment_is_looked_into_when_given(tmp_path: Path) -> None:
    """A variable that is not set is a warning; without an environment nobody looks."""
    connections = 'connections: {crm: {type: sms, url: "https://${HOST}/"}}\n'
    file = files(tmp_path, leadflow=connections) / "leadflow.yaml"
    assert [problem.code for problem in check_paths([file], {}).problems] == ["LF603"]
    assert check_paths([file], {"HOST": "x"}).problems == ()
    assert check_paths([file]).problems == ()


def test_text_and_json_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`path:line:column: CODE message` with the hint below; as data the same seven things."""
    monkeypatch.chdir(tmp_path)
    files(tmp_path, one="pipeline: one\nstages:\n  new: {title: Новый}\n")
    found = check_paths(["one.yaml"])
    hint = "give it exits, or make it final: success or final: failure"
    assert found.text() == f"one.yaml:3:3: LF302 stage 'new' has no way out\n    hint: {hint}"
    assert found.json() == [
        {
            "path": "one.yaml",
            "line": 3,
            "column": 3,
            "code": "LF302",
            "severity": "error",
            "message": "stage 'new' has no way out",
            "hint": hint,
        }
    ]
    assert found.errors


def test_templates_of_a_neighbour_are_not_unused(tmp_path: Path) -> None:
    """Checking one of two pipelines, a template that only the other sends is no leftover."""
    text = """
pipeline: NAME
fields: {email: email}
stages:
  new: {on_enter: [{send_email: NAME}], exits: [{signal: next, label: Дальше, goto: won}]}
  won: {final: success}
"""
    folder = files(tmp_path, one=text.replace("NAME", "one"), two=text.replace("NAME", "two"))
    (folder / "templates").mkdir()
    for name in ("one", "two", "three"):
        (folder / "templates" / f"{name}.email.md").write_text("Subject: Привет\n\n!\n", "utf-8")
    found = check_paths([folder / "one.yaml"]).problems
    assert [(Path(problem.path).name, problem.code) for problem in found] == [
        ("three.email.md", "LF509")
    ]
