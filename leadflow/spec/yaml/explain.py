"""Why a file is not YAML, said so that a person who never heard of YAML can mend it.

The parser says what it expected where it gave up; people make other mistakes, often a line earlier. The rules are tried
in order; each looks at the parser's words and at the text around, and knows one kind of mistake.
"""

from __future__ import annotations

from leadflow.spec.yaml import rules_layout, rules_text
from leadflow.spec.yaml.events import Unreadable
from leadflow.spec.yaml.mistake import Mistake
from leadflow.spec.yaml.spot import Spot

_RULES = (
    rules_text.template,
    rules_layout.tab,
    rules_text.unclosed_quote,
    rules_text.escape,
    rules_layout.left_out,
    rules_text.reserved,
    rules_layout.colon_missing,
    rules_layout.colon_too_many,
    rules_text.after_quote,
    rules_layout.indentation,
    rules_layout.brackets,
)


def explain(text: str, error: Unreadable) -> Mistake:
    """The most likely mistake behind a syntax error."""
    spot = Spot(text, error)
    found = (rule(spot) for rule in _RULES)
    return next(filter(None, found), None) or Mistake(
        "LF010", spot.index, "this cannot be read as YAML", "compare the line with the one above it"
    )
