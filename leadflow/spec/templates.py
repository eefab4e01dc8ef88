"""Message templates: the files beside a pipeline, and texts written in it; both with the names they use."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

TemplateKind = Literal["email", "sms", "message", "task", "document"]

ENDINGS: Mapping[str, TemplateKind] = {
    ".email.md": "email",
    ".sms.txt": "sms",
    ".message.txt": "message",
    ".task.md": "task",
    ".document.html": "document",
}
_NAME = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9_-]*)(?:\.(?P<language>[a-z]{2}(?:-[A-Z]{2})?))?"
)


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """One template in one language (``""``: the pipeline's)."""

    name: str
    kind: TemplateKind
    language: str
    path: str
    body: str

    @property
    def key(self) -> str:
        """``offer.email``."""
        return f"{self.name}.{self.kind}"

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hex."""
        return hashlib.sha256(self.body.encode()).hexdigest()


def template_file(filename: str, path: str, body: str) -> TemplateFile | None:
    """The template that a file of a ``templates`` folder is; None where the name does not follow the rule."""
    for ending, kind in ENDINGS.items():
        if filename.endswith(ending):
            found = _NAME.fullmatch(filename.removesuffix(ending))
            if found:
                return TemplateFile(found["name"], kind, found["language"] or "", path, body)
    return None


def by_key(files: Sequence[TemplateFile]) -> dict[str, list[TemplateFile]]:
    """Templates by name and kind, each with its languages."""
    found: dict[str, list[TemplateFile]] = defaultdict(list)
    for file in files:
        found[file.key].append(file)
    return dict(found)
