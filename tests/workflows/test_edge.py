"""Values at the edge: canonical by the lead's own pipeline, what cannot be read named per field."""

from __future__ import annotations

from leadflow.engine.events import Created, FieldsSet, Timer
from leadflow.spec.compile.pipeline import compile_text
from tests.support.running import COMPANY
from workflows.edge import canonical, left_out

PIPELINE = compile_text(
    """
pipeline: edge
fields:
  when: {type: datetime, label: When}
  who:  {type: user, label: Who}
  all:  {type: user, label: All, many: true}
stages:
  new:
    exits: [{signal: go, label: Go, goto: won}]
  won: {final: success}
"""
).pipeline


def test_people_type_and_leads_get_canonical_values() -> None:
    """A moment without a zone is one of the installation's zone."""
    event = FieldsSet(id="f", fields={"when": "25.11.2026 14:00", "who": "anna", "all": ["anna"]})
    found, bad = canonical(event, PIPELINE, COMPANY)
    assert bad == ()
    assert found.fields == {"when": "2026-11-25T11:00:00Z", "who": "anna", "all": ["anna"]}


def test_unknown_people_and_fields_are_named_with_near_misses() -> None:
    """Each bad value has a refusal of its own; the good ones stay."""
    event = FieldsSet(id="f", fields={"who": "ana", "whn": "x", "when": "1.12.2026 9:00"})
    found, bad = canonical(event, PIPELINE, COMPANY)
    assert set(found.fields) == {"when"}
    assert {one.field: one.id for one in bad} == {"who": "bad_value", "whn": "bad_value"}
    assert "did you mean 'anna'" in bad[0].message
    assert "did you mean 'when'" in bad[1].message


def test_what_has_no_values_passes() -> None:
    """A timer, an edit of nothing."""
    for event in (Timer(id="t", due="2026-11-25T11:00:00Z"), FieldsSet(id="f")):
        assert canonical(event, PIPELINE, COMPANY) == (event, ())


def test_a_lead_keeps_what_was_left_out() -> None:
    """The reasons go with it, beside those that its door knew already."""
    created = Created(id="c", fields={"who": "nobody"}, left_out={"scan": "too big"})
    found, bad = canonical(created, PIPELINE, COMPANY)
    assert set(left_out(found, bad).left_out) == {"scan", "who"}
