"""Whose turn it is."""

from collections.abc import Mapping, Sequence

from typing_extensions import override

from leadflow.engine.pipeline import Assignee, People
from leadflow.rules.turns import Found, choose
from leadflow.simulate.registers import Registers

SALES = ["anna", "boris"]


class Loaded(Registers):
    """Registers of people with so many open leads."""

    def __init__(self, load: Mapping[str, int]) -> None:
        super().__init__()
        self.load = load

    @override
    def open_leads(self, turn: str, users: Sequence[str]) -> Mapping[str, int]:
        return self.load


def robin(name: str = "sales") -> Assignee:
    return Assignee(how="round_robin", people=People(names=(name,)))


def turn(turns: Registers, *never: str, whose: str = "p/") -> Found:
    return choose(robin(), SALES, never, whose, turns)


def test_turns_begin_with_the_first_listed_and_go_round() -> None:
    """Round robin: the first, the next after the last one, and around (language.md, **People**)."""
    turns = Registers()
    assert [turn(turns) for _ in range(3)] == [
        ("anna", "round robin of sales: the first"),
        ("boris", "round robin of sales: after anna"),
        ("anna", "round robin of sales: after boris"),
    ]


def test_former_owners_are_passed_over_until_nobody_is_left() -> None:
    """``reassign`` never goes back to a former owner; when all have had it, nobody is found and nobody's turn used up."""
    turns = Registers()
    assert turn(turns, "anna").user == "boris"
    assert turn(turns, *SALES) == ("", "nobody of 'sales': everybody there has had it")
    assert turn(turns).user == "anna"


def test_whoever_had_the_last_turn_may_have_left() -> None:
    """The list begins anew."""
    turns = Registers()
    assert [turn(turns).user for _ in range(2)] == ["anna", "boris"]
    assert choose(robin(), ["vera", "anna"], (), "p/", turns).user == "vera"


def test_turns_at_different_lists_are_counted_apart() -> None:
    """Another pipeline's turns, a task's and those of another list do not move ours."""
    turns = Registers()
    assert [turn(turns, whose=whose).user for whose in ("p/", "q/", "p/call")] == ["anna"] * 3
    assert choose(robin("all"), SALES, (), "p/", turns).user == "anna"


def test_the_least_busy_is_the_one_with_the_fewest_open_leads() -> None:
    """Of equals the first listed; who is not counted has none."""
    to = Assignee(how="least_busy", people=People(names=("sales", "olga")))
    listed = ["anna", "boris", "olga"]
    found = choose(to, listed, (), "p/", Loaded({"anna": 2, "boris": 1, "olga": 1}))
    assert found == ("boris", "least busy of sales olga: 1 open")
    assert choose(to, listed, ["olga"], "p/", Loaded({"anna": 2})).user == "boris"


def test_a_person_named_is_taken_as_he_is() -> None:
    """The first of those named who may have it."""
    to = Assignee(people=People(names=("anna", "boris")))
    assert choose(to, SALES, (), "p/", Registers()) == ("anna", "anna boris")
    assert choose(to, SALES, ["anna"], "p/", Registers()) == ("boris", "anna boris")


def test_nobody_is_an_answer() -> None:
    """``nobody`` finds nobody, and so does a name that no user has; both say why."""
    assert choose(Assignee(how="nobody"), [], (), "p/", Registers()) == ("", "nobody")
    unknown = choose(robin("ghosts"), [], (), "p/", Registers())
    assert unknown == ("", "nobody of 'ghosts': there is no such user")
