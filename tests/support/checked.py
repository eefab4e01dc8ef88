"""Small pipelines checked in memory, for tests of the checks."""

from pathlib import Path

from leadflow.installation import Connection, Installation, User
from leadflow.spec.check import check_project
from leadflow.spec.loader import load_text
from leadflow.spec.problems import Problem
from leadflow.spec.project import PipelineFile, Project, read_pipeline
from leadflow.spec.templates import by_key, template_file

PEOPLE = Installation(
    users={name: User(id=name, name=name) for name in ("anna", "boris")},
    teams={"sales": ("anna", "boris")},
    connections={
        "mail": Connection(id="mail", type="email"),
        "gate": Connection(id="gate", type="sms"),
    },
)


def checked(text: str, templates: dict[str, str] | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong with a pipeline.

    Args:
        text: its file.
        templates: bodies by file name (``offer.email.md``).
    """
    document = load_text(text.encode(), "p.yaml")
    assert document.problems == (), document.problems
    model, problems = read_pipeline(document)
    assert model is not None, problems
    folder = Path()
    files = [template_file(name, name, body) for name, body in (templates or {}).items()]
    project = Project(
        pipelines=[PipelineFile("p.yaml", folder, document, asked=True, model=model)],
        templates={folder: by_key([file for file in files if file])},
        named={"pipeline": ["p"], "shared": []},
        installation=PEOPLE,
        settings="leadflow.yaml",
    )
    return check_project(project, year=2026).problems


def told(text: str, templates: dict[str, str] | None = None) -> list[str]:
    """``line CODE`` of every problem."""
    return [f"{problem.line} {problem.code}" for problem in checked(text, templates)]
