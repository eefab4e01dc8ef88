"""Near misses: what an unknown name was probably meant to be."""

import pytest
from hypothesis import given, strategies as st

from leadflow.spec.suggest import did_you_mean, foreign_letters, hint_for_unknown, to_latin

STAGES = ["new", "qualified", "offered", "agreed", "won", "lost"]
NAMES = st.text(alphabet="abcdefgh_", min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("word", "candidates", "expected"),
    [
        ("qualifed", STAGES, "qualified"),
        ("qualiified", STAGES, "qualified"),
        ("qaulified", STAGES, "qualified"),
        ("ofered", STAGES, "offered"),
        ("own", STAGES, "won"),
        ("Won", STAGES, "won"),
        ("сontact", ["call", "contact"], "contact"),
        ("СОNТАСТ", ["call", "contact"], "contact"),
        ("send-email", ["send_email", "send_sms"], "send_email"),
        ("sendemail", ["send_email", "send_sms"], "send_email"),
        ("e_mail", ["email"], "email"),
        ("titel", ["title", "funnel"], "title"),
        ("Физлица", ["Юрлицо", "Физлицо"], "Физлицо"),
        ("счёт", ["счет", "договор"], "счет"),
    ],
)
def test_slip_is_recognised(word: str, candidates: list[str], expected: str) -> None:
    """A letter missing, added, wrong or swapped, another case, a hyphen, a look-alike letter: the name is found."""
    assert did_you_mean(word, candidates) == expected


@pytest.mark.parametrize(
    ("word", "candidates"),
    [
        ("consent", STAGES),
        ("x", ["y"]),
        ("to", ["do"]),
        ("abc", []),
        ("", ["new"]),
        ("call", ["mail_in"]),
    ],
)
def test_far_names_are_not_suggested(word: str, candidates: list[str]) -> None:
    """What has little in common with any name gets no suggestion: a wrong one is worse than none."""
    assert did_you_mean(word, candidates) is None


def test_nearest_wins_and_the_first_of_equals() -> None:
    """Fewer slips win over order; order decides between equals."""
    assert did_you_mean("reminder", ["remainders", "reminders"]) == "reminders"
    assert did_you_mean("step_3", ["step_1", "step_2"]) == "step_1"


@given(NAMES, st.lists(NAMES, max_size=5), st.data())
def test_one_slip_never_hides_a_name(name: str, others: list[str], data: st.DataObject) -> None:
    """Any one slip in a name of three letters or more still finds a name no further away than the right one."""
    index = data.draw(st.integers(0, len(name) - 1))
    slip = data.draw(st.sampled_from(["drop", "double", "swap", "replace"]))
    letter = name[index]
    changed = {
        "drop": name[:index] + name[index + 1 :],
        "double": name[:index] + letter * 2 + name[index + 1 :],
        "swap": name[:index] + name[index : index + 2][::-1] + name[index + 2 :],
        "replace": name[:index] + "x" + name[index + 1 :],
    }[slip]
    assert did_you_mean(changed, [name]) == name
    assert did_you_mean(changed, [*others, name]) is not None


@pytest.mark.parametrize(
    ("word", "candidates", "hint"),
    [
        ("qualifed", STAGES, "did you mean 'qualified'?"),
        (
            "сontact",
            ["contact"],
            "did you mean 'contact'? («с» in 'сontact' is not a Latin letter, it only looks like one)",
        ),
        ("счёд", ["счёт"], "did you mean 'счёт'?"),
        ("consent", STAGES, "known here: new, qualified, offered, agreed, won, lost"),
        ("consent", [], "no stage is known here"),
        (
            "z",
            [*STAGES, *STAGES, "a", "b", "c", "d"],
            "known here: new, qualified, offered, agreed, won, lost, a, b and 2 more",
        ),
    ],
)
def test_hint_says_what_to_write(word: str, candidates: list[str], hint: str) -> None:
    """A near miss is named, with the letter that gives it away; otherwise the names that there are."""
    assert hint_for_unknown("stage", word, candidates) == hint


def test_look_alike_letters() -> None:
    """Cyrillic and Greek letters that look Latin are found, each once, and can be replaced."""
    assert foreign_letters("сосо_price") == ("с", "о")
    assert foreign_letters("contact") == ()
    assert to_latin("сосо") == "coco"
    assert to_latin("Ж") == "Ж"


def test_fewer_slips_can_be_asked_for() -> None:
    """`most` narrows what counts as near: two slips are forgiven in a long word, not where one is the limit."""
    assert did_you_mean("aplied", ["replied"]) == "replied"
    assert did_you_mean("aplied", ["replied"], most=1) is None
    assert did_you_mean("repied", ["replied"], most=1) == "replied"
