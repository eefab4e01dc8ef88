"""Texts of a pipeline: which body, and what values print as."""

import pytest
from msgspec.structs import replace

from leadflow.engine.pipeline import Template, Text
from leadflow.errors import NotFound
from leadflow.store.db import Store
from leadflow.store.published import Release, publish
from leadflow.store.staff import staff
from leadflow.store.texts import Texts
from leadflow.text import render
from tests.store.samples import NOW, PIPELINE

RU, EN = "1" * 64, "2" * 64
OFFER = Template(name="offer", kind="email", bodies={"": RU, "en": EN})


@pytest.fixture
def texts(shop: Store) -> Texts:
    pipeline = replace(PIPELINE, hash="c" * 64, templates={"offer.email": OFFER})
    blobs = {RU: "Здравствуйте", EN: "Hello"}
    publish(shop, [Release(pipeline, blobs=blobs)], by="root", now=NOW)
    return Texts(shop, pipeline, shop.read(staff))


def test_a_template_speaks_the_readers_language(texts: Texts) -> None:
    """The body in the reader's language; where there is none, the pipeline's own."""
    offer = Text(template="offer")
    found = {
        language: texts.source(offer, "email", language) for language in ("", "ru", "en", "de")
    }
    assert found == {"": "Здравствуйте", "ru": "Здравствуйте", "en": "Hello", "de": "Здравствуйте"}


def test_a_text_of_its_own_is_its_source(texts: Texts) -> None:
    """A text written in the pipeline needs no file."""
    assert (
        texts.source(Text(source="Привет, {{ lead.name }}"), "email") == "Привет, {{ lead.name }}"
    )


def test_a_template_of_another_kind_is_not_there(texts: Texts) -> None:
    """``offer.email.md`` is no SMS; the error says what is missing."""
    with pytest.raises(NotFound, match=r"pipeline 'shop' has no template offer\.sms"):
        texts.source(Text(template="offer"), "sms")


def test_values_print_as_the_installation_and_the_pipeline_say(texts: Texts) -> None:
    """Users by their names, built-in ones and those of fields; money with the field's currency."""
    context = texts.context(
        {
            "owner": ("user", "anna"),
            "lead.creator": ("user", "boris"),
            "lead.manager": ("user", "gone"),
            "lead.price": ("money", "12500"),
        }
    )
    source = "{{ owner }}, {{ lead.creator }}, {{ lead.manager }}: {{ lead.price }}"
    assert render(source, context).replace("\xa0", " ") == "Анна, Борис, gone: 12 500 ₽"
