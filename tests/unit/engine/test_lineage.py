"""Which node of a new version is which of the old: by its name, its id, its meaning, its trigger, in this order."""

from __future__ import annotations

from leadflow.engine.lineage import CACHED, lineage
from tests.support.lead import pipeline

ENDS = "\n  won: {final: success}\n  lost: {final: failure}\n"


def exits(*some: str) -> str:
    return f"\nstages:\n  new: {{exits: [{', '.join(some)}]}}{ENDS}"


ONE = "{signal: a, goto: won, if: lead.price > 1}"
TWO = "{signal: a, goto: won}"
THREE = "{signal: a, goto: lost}"


def same(old: tuple[str, ...], new: tuple[str, ...]) -> dict[str, str]:
    """Places of the old exits → of the new ones."""
    found = lineage(pipeline(exits(*old)), pipeline(exits(*new)))
    return {old.rpartition("/")[2]: new.rpartition("/")[2] for old, new in found.items()}


def test_what_is_wholly_the_same_is_found_first() -> None:
    """Though others before it are set in motion by the same signal."""
    assert same((ONE, TWO, THREE), (THREE, TWO, ONE)) == {"0": "2", "1": "1", "2": "0"}


def test_what_a_way_does_is_part_of_its_meaning() -> None:
    """Wherever its actions stand: two reactions to nothing but themselves keep each its own."""
    one = "{do: [{clear: [note]}, {send_email: hello}]}"
    two = "{do: [{send_email: offer}]}"
    body = "\nstages:\n  new: {{when: [{}], exits: [{}]}}" + ENDS.replace("{", "{{").replace(
        "}", "}}"
    )
    old = pipeline(body.format(f"{one}, {two}", TWO))
    new = pipeline(body.format(f"{two}, {one}", TWO))
    found = lineage(old, new)
    assert (found["new/when/0"], found["new/when/1"]) == ("new/when/1", "new/when/0")
    assert found["new/when/0/do/1"] == "new/when/1/do/1"


def test_then_what_leads_to_the_same_stage_by_the_same_trigger() -> None:
    """Then what the same trigger sets in motion; the rest are others."""
    changed = "{signal: a, goto: won, requires: [price]}"
    assert same((THREE, TWO), (changed, "{signal: b, goto: lost}")) == {"1": "0"}
    assert same((TWO,), (THREE,)) == {"0": "0"}
    assert same((TWO,), ("{signal: b, goto: won}",)) == {}


def test_an_id_names_a_way_whatever_it_does() -> None:
    """That is what the author gives it one for."""
    assert same(
        ("{id: x, signal: a, goto: won}", TWO), (TWO, "{id: x, signal: b, goto: lost}")
    ) == {
        "x": "x",
        "1": "0",
    }


def test_ways_without_trigger_are_alike_where_they_lead() -> None:
    """Two reactions without trigger that ask for something else are two."""
    first, second = "{if: lead.price > 1, goto: won}", "{if: lead.price > 2, goto: won}"
    assert same((first,), (second,)) == {"0": "0"}
    assert same((first,), (second.replace("won", "lost"),)) == {}
    when = "\nstages:\n  new:\n    when: [{{if: lead.price > {}, do: [{{clear: [note]}}]}}]\n"
    body = (
        when + "    exits: [{{signal: go, goto: won}}]" + ENDS.replace("{", "{{").replace("}", "}}")
    )
    found = lineage(pipeline(body.format(1)), pipeline(body.format(2)))
    assert found == {"new/exits/0": "new/exits/0"}


def test_many_pairs_of_versions() -> None:
    """Those used last are remembered; what is asked again is the same."""
    spec = pipeline(exits(TWO))
    others = [pipeline(exits(TWO)) for _ in range(CACHED + 1)]
    assert {tuple(lineage(spec, other).items()) for other in others} == {
        (("new/exits/0", "new/exits/0"),)
    }
    assert lineage(spec, others[-1]) is lineage(spec, others[-1])
