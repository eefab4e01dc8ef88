"""The made-up commit and hand-over obey the laws of the real ones."""

from datetime import UTC, date, datetime

from hypothesis import given, strategies as st

from leadflow.engine.pipeline import Document
from leadflow.installation import Installation
from leadflow.simulate.numbers import Numbers
from leadflow.simulate.outside import opted_out
from leadflow.simulate.staff import Staff
from leadflow.simulate.story import Story
from leadflow.simulate.world import Life, Spec, World
from leadflow.spec.compile.pipeline import compile_text
from leadflow.store.addresses import opted_out as stored_opt_outs
from leadflow.store.document_numbers import number_text

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
PIPELINE = compile_text(
    """
pipeline: p
quiet_hours: "20:00-09:00"
fields: {email: email, phone: {type: phone, many: true}}
stages:
  new:
    sequence:
      window: {days: mon-fri, hours: "10:00-17:00"}
      steps: [{after: 1 day, send_sms: {text: Привет}}]
    exits: [{signal: won, goto: won}]
  won: {final: success}
"""
)


def life(now: datetime = NOW) -> Life:
    spec = Spec(PIPELINE.pipeline, PIPELINE.blobs)
    world = World({"p": spec}, Staff(Installation()), now, Story())
    return Life(world, spec, world.texts["p"], "p", "lead-1")


@given(
    pattern=st.sampled_from(["", "{0001}", "КП-{YYYY}/{MM}-{001}", "{YY}{MM}-{1}", "без номера"]),
    today=st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    before=st.integers(0, 12),
)
def test_a_document_has_the_number_that_the_store_would_give(
    pattern: str, today: date, before: int
) -> None:
    """The same pattern, day and counter make the same number."""
    document = Document(id="offer", title="КП", number=pattern)
    numbers = Numbers()
    made = [numbers.document("p", document, today) for _ in range(before + 1)]
    assert made[-1] == number_text(document, today, before + 1)


def test_the_counter_of_a_document_begins_anew_with_its_period() -> None:
    """``restart: monthly`` counts from 1 each month, ``never`` goes on for years."""
    days = [date(2026, 11, 30), date(2026, 12, 1), date(2027, 1, 1)]
    found = {}
    for restart in ("monthly", "yearly", "never"):
        numbers, document = Numbers(), Document(id="d", title="", number="{1}", restart=restart)
        found[restart] = [numbers.document("p", document, day) for day in days]
    assert found == {
        "monthly": ["1", "1", "1"], "yearly": ["1", "2", "1"], "never": ["1", "2", "3"],
    }  # fmt: skip


@given(out=st.sets(st.sampled_from(["all", "email", "sms", "message"])))
def test_an_opt_out_bars_the_addresses_that_the_store_bars(out: set[str]) -> None:
    """Channels and addresses, in the same normal form."""
    one = life()
    one.state.opted_out = tuple(sorted(out))
    one.state.fields = {
        "email": "Anna@Example.com",
        "phone": [{"number": "+79161234567"}, {"number": "+79161234568"}],
    }
    assert set(opted_out(one)) == set(stored_opt_outs(PIPELINE.pipeline, one.state))
