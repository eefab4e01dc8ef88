"""Compiling: defaults filled in, names kept, literals canonical, and a hash of what the pipeline means."""

from typing import Any

import msgspec
import pytest

from leadflow.engine.calendar import Calendar
from leadflow.engine.durations import Duration
from leadflow.engine.moments import Moment
from leadflow.engine.pipeline import (
    Pipeline,
)
from leadflow.spec.compile.pipeline import compile_path, compile_text, content_hash
from tests.support.spec_text import END, FIELDS, VALID, compiled, pipeline

TEMPLATES = sorted((VALID / "templates").iterdir())

# ---- the whole ----------------------------------------------------------------------------------------------------------


def test_the_pipeline_of_the_reference_compiles() -> None:
    """The example of the language reference becomes an IR without a problem, and back from JSON unchanged."""
    made = compile_path(VALID / "permits.yaml", year=2026)[0]
    whole = made.pipeline
    assert made.problems == ()
    assert list(whole.stages) == ["new", "qualified", "offered", "agreed", "won", "lost"]
    assert list(whole.tasks) == ["contact", "offer", "discuss", "answer"]
    assert whole.quiet_hours == (1200, 540)
    assert whole.timezone == "Europe/Moscow"
    assert whole.tasks["contact"].due == Moment(offset=Duration(seconds=60, working=True))
    assert whole.stages["won"].convert[1].create == ("contact", "company", "deal")
    assert (whole.stages["lost"].always, whole.stages["lost"].reopen) == (True, "new")
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Pipeline) == whole


def test_everything_compiles() -> None:
    """A pipeline with every key of the language compiles, with its shared file, and comes back from JSON."""
    made = {each.pipeline.id: each for each in compile_path(VALID, year=2026)}
    whole = made["everything"].pipeline
    assert {each.problems for each in made.values()} == {()}
    assert list(whole.fields)[-2:] == ["email", "source_note"]
    assert whole.sources == {"site": "Сайт", "ads": "Реклама", "fair": "Выставка"}
    assert list(whole.documents) == ["contract", "offer_paper"]
    assert made["trade"].pipeline.kind == "deal"
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Pipeline) == whole


def test_refs_are_unique_and_say_where_they_stand() -> None:
    """Every node has a ref of its own, and the view knows the place of each, as its ``pos`` does."""
    made = compile_path(VALID / "everything.yaml", year=2026)[0]
    nodes = list(_nodes(made.pipeline))
    refs = [node.ref for node in nodes if hasattr(node, "ref")]
    assert len(refs) == len(set(refs)) > 60
    for node in nodes:
        if hasattr(node, "ref") and "/attempts/" not in node.ref:
            assert str(made.view.spots[node.ref]) == node.pos
    assert all(node.pos.startswith(str(VALID)) for node in nodes if hasattr(node, "pos"))


def _nodes(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        yield value
        for name in value.__struct_fields__:
            yield from _nodes(getattr(value, name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _nodes(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _nodes(item)


# ---- the hash -----------------------------------------------------------------------------------------------------------

PLAIN = f"pipeline: p\n{FIELDS}stages:\n  new: {{exits: [{{signal: go, label: Дальше, goto: end}}]}}\n{END}"


def hash_of(lines: str, year: int = 2026, **templates: str) -> str:
    return compile_text(lines, year, **templates).pipeline.hash


def test_comments_formatting_and_spelling_do_not_change_the_hash() -> None:
    """What a pipeline means is hashed, not how it is written."""
    other = PLAIN.replace(
        "  new: {exits: [{signal: go, label: Дальше, goto: end}]}",
        "  # the first stage\n  new:\n    exits:\n      - signal: [go]\n        goto: end\n        label: 'Дальше'",
    )
    assert other != PLAIN
    assert hash_of(other) == hash_of(PLAIN)
    date = "when: [{if: 'lead.day < \"%s\"', do: {notify: owner}}]"
    assert pipeline(date % "25.11.2026").hash == pipeline(date % "2026-11-25").hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("label: Дальше", "label: Далее"),
        ("signal: go", "signal: on_"),
        ("Один", "Первый"),
        ("kind: {type", "kind: {many: true, type"),
        ("stages:", "max_late: 2 days\nstages:"),
        ("pipeline: p", "pipeline: p\ntitle: Т"),
    ],
)
def test_what_people_see_or_the_engine_does_changes_the_hash(old: str, new: str) -> None:
    """Labels and titles count as well as rules: a version is what leads live by."""
    assert hash_of(PLAIN.replace(old, new)) != hash_of(PLAIN)


def test_the_order_of_stages_and_a_template_s_body_count() -> None:
    """The first stage starts, the first exit wins: order means something; so does what a message says."""
    turned = PLAIN.replace("stages:\n", "stages:\n  zero: {exits: [{goto: new}]}\n")
    moved = PLAIN.replace(END, f"{END}  zero: {{exits: [{{goto: new}}]}}\n")
    assert hash_of(turned) != hash_of(moved)
    mail = "on_enter: [{send_email: hi}]"
    one = pipeline(mail, hi_email_md="Subject: A\n\nB")
    assert one.hash != pipeline(mail, hi_email_md="Subject: A\n\nC").hash
    assert one.hash == pipeline(mail, hi_email_md="Subject: A\n\nB", unused_sms_txt="x").hash


def test_holidays_are_frozen_for_three_years() -> None:
    """The publishing year decides which holidays a version knows (language.md, **calendar**)."""
    top = "calendar: {timezone: Europe/Moscow, holidays: RU, open: 2026-11-04}\n"
    made = compiled("", top, 2026).pipeline
    assert made.calendar is not None
    assert made.holidays_until == "2028-12-31"
    assert "2028-06-12" in made.calendar.closed
    assert "2026-11-04" not in made.calendar.closed
    assert made.hash != compiled("", top, 2027).pipeline.hash


def test_the_hash_ignores_itself_and_every_place() -> None:
    """Hashing a compiled pipeline again gives the same; so does the same file in another folder."""
    made = compile_path(VALID / "permits.yaml", year=2026)[0].pipeline
    bodies = {file.name: file.read_text("utf-8") for file in TEMPLATES}
    elsewhere = compile_text((VALID / "permits.yaml").read_text("utf-8"), **bodies).pipeline
    assert elsewhere.stages["new"].pos != made.stages["new"].pos
    assert elsewhere.hash == content_hash(made) == made.hash
    assert content_hash(msgspec.structs.replace(made, hash="x")) == made.hash


# ---- defaults -----------------------------------------------------------------------------------------------------------


def test_defaults_of_the_reference() -> None:
    """Whatever a pipeline does not say is what language.md puts in brackets."""
    made = pipeline()
    assert (made.title, made.kind, made.language, made.consent) == ("p", "lead", "ru", "opt_out")
    assert (made.max_late, made.snooze) == (Duration(days=1), Duration(days=180))
    assert (made.calendar, made.quiet_hours, made.repeat, made.reassign) == (None, None, None, None)
    assert (made.stages["new"].title, made.stages["new"].funnel) == ("new", "new")
    assert made.timezone == "Europe/Moscow"
    assert pipeline("", "snooze: false\n").snooze is None
    assert pipeline("", "calendar: {timezone: Asia/Omsk}\n").calendar == Calendar(
        timezone="Asia/Omsk"
    )


@pytest.mark.parametrize(
    ("field", "goes_to", "pii"),
    [
        ("name", ("contact",), True),
        ("phone", ("contact",), True),
        ("email", ("contact",), True),
        ("price", ("deal",), False),
        ("day", ("deal",), False),
        ("paper", ("deal",), False),
    ],
)
def test_a_field_goes_where_its_type_belongs(
    field: str, goes_to: tuple[str, ...], pii: bool
) -> None:
    """Conversion copies people's data to the contact, the rest to the deal; people's data are personal."""
    made = pipeline().fields[field]
    assert (made.goes_to, made.pii, made.label) == (goes_to, pii, field)


def test_fields_of_a_company_and_said_otherwise() -> None:
    """INN, address and site go to the company; what the author says counts."""
    top = "fields: {a: inn, b: address, c: url, d: {type: phone, goes_to: ask, pii: false}, e: {type: money, currency: EUR}}\n"
    fields = compile_text(f"pipeline: p\n{top}stages:\n  new: {{}}\n{END}").pipeline.fields
    assert [fields[name].goes_to for name in "abcd"] == [("company",)] * 3 + [("ask",)]
    assert [fields[name].pii for name in "abcd"] == [False, True, False, False]
    assert fields["e"].currency == "EUR"


def test_a_flag_starts_false_and_defaults_are_canonical() -> None:
    """Defaults are read by the field's type; a flag without one is false, all else is empty."""
    top = "fields: {f: flag, m: {type: money, default: '12 500,50'}, d: {type: date, default: 25.11.2026}, t: text}\n"
    fields = compile_text(f"pipeline: p\n{top}stages:\n  new: {{}}\n{END}").pipeline.fields
    assert [fields[name].default for name in "fmdt"] == [False, "12500.5", "2026-11-25", None]
    assert fields["m"].currency == "RUB"
