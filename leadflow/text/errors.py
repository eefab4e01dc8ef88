"""What can go wrong with a text.

* TextError (a `LeadflowError`)
  + TemplateFailed     the template cannot be rendered; it fails the same way every time
    - TemplateRefused  the checks do not let it through (carries all the issues)
  + EmptyValue         a client's message names something that is empty: nothing goes, the owner is told
  + RendererDown       no renderer answered; worth another attempt
"""

from __future__ import annotations

import msgspec

from leadflow.errors import LeadflowError


class TemplateIssue(msgspec.Struct, frozen=True):
    """One reason why a template is refused; line and column count from 1, in characters."""

    line: int
    column: int
    message: str
    hint: str = ""


class TextError(LeadflowError):
    """Base; ``line`` is the template's, 0 where none can be named."""

    def __init__(self, message: str, line: int = 0, hint: str = "") -> None:
        super().__init__(message, hint)
        self.line = line


class TemplateFailed(TextError):
    """The template cannot be rendered, now or later."""

    code = "template_failed"


class TemplateRefused(TemplateFailed):
    """The template uses what a text may not, or cannot be read."""

    code = "template_refused"

    def __init__(self, issues: tuple[TemplateIssue, ...]) -> None:
        first = issues[0]
        super().__init__(first.message, first.line, first.hint)
        self.issues = issues


class EmptyValue(TextError):
    """``name`` (``lead.name``) is empty and the text, meant for a client, has no default for it."""

    code = "empty_value"

    def __init__(self, name: str, line: int = 0) -> None:
        super().__init__(f"{name} is empty", line, f'write {{{{ {name} | default("…") }}}}')
        self.name = name


class RendererDown(TextError):
    """The process that renders could not be started, was killed from outside, or did not get the processor."""

    code = "renderer_down"


class Unfit(Exception):
    """A filter or operator cannot work with its value; on the way out it becomes `TemplateFailed`, with the line."""
