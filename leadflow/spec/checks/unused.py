"""What nothing uses: documents and templates, told sparingly (LF225, LF509)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from leadflow.engine.expr import paths
from leadflow.spec.checks.subject import Subject
from leadflow.spec.compile.draft import View
from leadflow.spec.positions import START
from leadflow.spec.problems import Problem, problem
from leadflow.spec.project import Project


def check(subject: Subject) -> Iterator[Problem]:
    """Documents that the pipeline declares itself and then never creates, attaches, names."""
    view = subject.view
    used = {use.name for use in view.names if use.kind in {"document", "attachment", "sent"}}
    named = [path for use in view.conditions for path in paths(use.condition.value)]
    named += [name.path for text in view.texts for name in text.names]
    used |= {path[1] for path in named if path[0] == "document" and len(path) > 1}
    for word in view.model.documents:
        if word not in used and word.spot.source.path == subject.compiled.path:
            message = f"the document '{word}' is never created"
            hint = f"create it somewhere: {{create_document: {word}}}, or delete it"
            yield word.spot.problem("LF225", message, hint)


def templates(project: Project, folder: Path, views: Sequence[View]) -> Iterator[Problem]:
    """Templates beside pipelines that none of these asks for."""
    used = {
        f"{use.name}.{use.within}" for view in views for use in view.names if use.kind == "template"
    }
    documents = {f"{word}.document" for view in views for word in view.model.documents}
    for key, files in project.templates.get(folder, {}).items():
        if key not in used | documents:
            for file in files:
                message = f"no pipeline here uses the template '{file.name}' ({file.kind})"
                hint = "see whether its name is right, or delete the file"
                yield problem(file.path, START, "LF509", message, hint)
