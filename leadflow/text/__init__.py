"""Texts: Jinja templates of messages and tasks, bounded in what they may use, take and make.

`check_template` and `names_used` are for publishing, `render` for the simulator, `RenderPool` for everything real.
"""

from leadflow.text.check import check_template, filters_used, names_used
from leadflow.text.context import Context, Typed, context_of, freeze, thaw, typed
from leadflow.text.email import RenderedEmail, render_email, split_subject
from leadflow.text.errors import (
    EmptyValue,
    RendererDown,
    TemplateFailed,
    TemplateIssue,
    TemplateRefused,
    TextError,
)
from leadflow.text.expressions import FilterUse, NameUse
from leadflow.text.pool import RenderPool
from leadflow.text.protocol import Limits
from leadflow.text.render import Template, parse_template, render
from leadflow.text.shown import Audience

__all__ = [
    "Audience",
    "Context",
    "EmptyValue",
    "FilterUse",
    "Limits",
    "NameUse",
    "RenderPool",
    "RenderedEmail",
    "RendererDown",
    "Template",
    "TemplateFailed",
    "TemplateIssue",
    "TemplateRefused",
    "TextError",
    "Typed",
    "check_template",
    "context_of",
    "filters_used",
    "freeze",
    "names_used",
    "parse_template",
    "render",
    "render_email",
    "split_subject",
    "thaw",
    "typed",
]
