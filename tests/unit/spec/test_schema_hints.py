"""What is wrong with a shape, and the remedy that is told with it."""

import pytest

from tests.unit.spec.test_schema import in_stage, problems_of

HINTS: list[tuple[str, str]] = [
    ("pipeline: Won it\nstages: {a: {}}", "write 'won_it'"),
    (
        "pipeline: p\nstages: {wоn: {}}",
        "write 'won' («о» in 'wоn' is not a Latin letter, it only looks like one)",
    ),
    ("pipeline: p\nstages: {a-b: {}}", "write 'a_b'"),
    (
        "pipeline: p\nstages: {ключ: {}}",
        "use small Latin letters, digits and _, beginning with a letter: a title may be free, an id stays as it is",
    ),
    (in_stage("    on_enter: [{send_email: templates/offer.en.email.md}]"), "write 'offer'"),
    (in_stage("    on_enter: [notify owner]"), "a colon is missing: notify: owner"),
    (in_stage("    on_enter: [owner]"), "write `key: value`"),
    (in_stage("    exits: [{signal: a, goto: [b, c]}]"), "write one value, without [ ] and hyphens"),
    (in_stage("    exits: [{signal: a, goto: {b: c}}]"), "write one value, without { } and keys below"),
    (in_stage("    exits: [{if: [lead.a, lead.b], goto: b}]"), "join them: … and …, or … or …"),
    (in_stage("    checklist: [a, b]"), "write {key: value}, or a line `key: value` for each"),
    (in_stage("    sequence: {steps: {after: 1 day}}"),
     "write [a, b], or a line with a hyphen and a space for each item"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "hint"), HINTS)
def test_what_is_wrong_has_its_remedy(text: str, hint: str) -> None:
    """The hint shows what was probably meant, or what a right value looks like."""
    (problem,) = problems_of(text)
    assert problem.hint == hint


def test_a_key_that_must_be_there_is_named_first() -> None:
    """Of an unknown key in its place the one that is missing may be meant."""
    unknown = max(problems_of(in_stage("    when: [{signal: a, then: [{notify: owner}]}]")))
    assert (unknown.code, unknown.hint.startswith("known here: do, ")) == ("LF101", True)
