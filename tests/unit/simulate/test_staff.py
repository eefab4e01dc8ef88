"""Who is meant and whose turn it is, by the same rules as the store."""

from hypothesis import given, strategies as st

from leadflow.engine.pipeline import Assignee, People
from leadflow.installation import Installation, User
from leadflow.simulate.staff import Roles, Staff
from leadflow.store.staff import Lead, Staff as Stored

NAMES = ["anna", "boris", "olga", "max"]
ROLES = ["owner", "creator", "supervisor", "admin", "sales", "nobody_known"]


def installation(supervisors: dict[str, str], admins: set[str]) -> Installation:
    users = {
        name: User(
            id=name, name=name.title(), supervisor=supervisors.get(name, ""), admin=name in admins
        )
        for name in NAMES
    }
    return Installation(users=users, teams={"sales": ("anna", "boris"), "all": tuple(NAMES)})


def robin(*names: str) -> Assignee:
    return Assignee(how="round_robin", people=People(names=names))


def turns(staff: Staff, *, never: tuple[str, ...] = ()) -> str:
    people = staff.named(["sales"], Roles())
    return staff.find(robin("sales"), people, "p", never, lambda _: 0).user


@given(
    supervisors=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(NAMES)),
    admins=st.sets(st.sampled_from(NAMES)),
    asked=st.lists(st.sampled_from([*NAMES, *ROLES])),
    owner=st.sampled_from(["", *NAMES, "gone"]),
    creator=st.sampled_from(["", *NAMES]),
)
def test_names_mean_the_same_people_as_in_the_store(
    supervisors: dict[str, str], admins: set[str], asked: list[str], owner: str, creator: str
) -> None:
    """Roles, teams and users resolve here exactly as the commit resolves them."""
    home = installation(supervisors, admins)
    stored = Stored(home)
    here = Staff(home).named(asked, Roles(owner, creator))
    assert here == stored.named(asked, Lead(owner, creator))
    assert Staff(home).values(owner) == stored.values(owner)


def test_turns_begin_with_the_first_listed_and_go_round() -> None:
    """Round robin: the first, the next after the last one, and around (language.md, **People**)."""
    staff = Staff(installation({}, set()))
    assert [turns(staff) for _ in range(3)] == ["anna", "boris", "anna"]


def test_former_owners_are_passed_over_until_nobody_is_left() -> None:
    """``reassign`` never goes back to a former owner; when all have had it, nobody is found."""
    staff = Staff(installation({}, set()))
    assert turns(staff, never=("anna",)) == "boris"
    assert turns(staff, never=("anna", "boris")) == ""


def test_turns_at_different_lists_are_counted_apart() -> None:
    """Another pipeline's turns do not move ours."""
    staff = Staff(installation({}, set()))
    people = staff.named(["sales"], Roles())
    first = staff.find(robin("sales"), people, "p", (), lambda _: 0)
    other = staff.find(robin("sales"), people, "q", (), lambda _: 0)
    assert (first.user, other.user) == ("anna", "anna")
    assert first.why == "round robin of sales: the first"


def test_the_least_busy_is_the_one_with_the_fewest_open_leads() -> None:
    """Of equals the first listed."""
    staff = Staff(installation({}, set()))
    to = Assignee(how="least_busy", people=People(names=("sales",)))
    load = {"anna": 2, "boris": 1, "olga": 1}
    assert staff.find(to, ["anna", "boris", "olga"], "p", (), load.__getitem__).user == "boris"


def test_nobody_is_an_answer() -> None:
    """``nobody`` finds nobody, and so does a name that no user has; both say why."""
    staff = Staff(installation({}, set()))
    nobody = staff.find(Assignee(how="nobody"), [], "p", (), lambda _: 0)
    unknown = staff.find(robin("ghosts"), staff.named(["ghosts"], Roles()), "p", (), lambda _: 0)
    assert nobody == ("", "nobody")
    assert unknown == ("", "nobody of 'ghosts': there is no such user")
