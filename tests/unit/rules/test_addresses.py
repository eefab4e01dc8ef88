"""Which addresses an opt-out bars."""

import pytest

from leadflow.engine.fields import Field
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from leadflow.rules.addresses import normal, opted_out

PIPELINE = Pipeline(
    id="p",
    title="P",
    stages={},
    fields={
        "email": Field("email", "email", "E-mail"),
        "phone": Field("phone", "phone", "Телефон", many=True),
        "site": Field("site", "text", "Сайт"),
    },
)
MAIL, FIRST, SECOND = "anna@example.com", "+79161234567", "+79161234568"


@pytest.mark.parametrize(
    ("out", "barred"),
    [
        ((), set()),
        (("email",), {("email", MAIL)}),
        (("sms",), {("sms", FIRST), ("sms", SECOND)}),
        (
            ("message", "sms"),
            {("message", FIRST), ("message", SECOND), ("sms", FIRST), ("sms", SECOND)},
        ),
        (("all", "email"), {("all", MAIL), ("all", FIRST), ("all", SECOND)}),
    ],
)
def test_an_opt_out_bars_every_address_of_its_channel(
    out: tuple[str, ...], barred: set[tuple[str, str]]
) -> None:
    """All that the lead's fields hold, in the normal form; ``all`` stands for each channel (Meaning 9)."""
    state = State(lead="lead-1", pipeline="p", hash="")
    state.opted_out = out
    state.fields = {
        "email": " Anna@Example.com",
        "phone": [{"number": FIRST}, {"number": SECOND}],
        "site": "example.com",
    }
    assert set(opted_out(PIPELINE, state)) == barred


def test_the_normal_form() -> None:
    """An e-mail address does not mind capitals; a number stays as it is."""
    assert normal("email", " Anna@EXAMPLE.com ") == MAIL
    assert normal("sms", f"{FIRST} ") == FIRST
