"""Which body of a template a reader gets."""

import pytest

from leadflow.engine.pipeline import Pipeline, Template, Text
from leadflow.rules.texts import body_of


@pytest.mark.parametrize(
    ("bodies", "found"),
    [
        ({"": "own", "en": "english"}, {"en": "english", "ru": "own", "de": "own", "": "own"}),
        ({"ru": "own", "en": "english"}, {"en": "english", "ru": "own", "de": "own", "": "own"}),
        ({"en": "english"}, {"en": "english", "ru": "", "": ""}),
    ],
)
def test_a_template_speaks_the_readers_language(
    bodies: dict[str, str], found: dict[str, str]
) -> None:
    """His; else the pipeline's, whether its file names the language or not; else none: not a third one."""
    templates = {"offer.email": Template(name="offer", kind="email", bodies=bodies)}
    pipeline = Pipeline(id="p", title="P", fields={}, stages={}, templates=templates)
    text = Text(template="offer")
    assert {one: body_of(pipeline, text, "email", one) for one in found} == found
    assert body_of(pipeline, text, "sms", "") == ""
