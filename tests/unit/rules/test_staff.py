"""Whom a role, a team or a name means."""

import pytest
from hypothesis import given, strategies as st

from leadflow.installation import Installation, User
from leadflow.rules.staff import Roles, Staff

NAMES = ["anna", "boris", "olga", "max"]
ROLES = ["owner", "creator", "supervisor", "admin", "sales", "nobody_known"]


def staff(supervisors: dict[str, str], *admins: str) -> Staff:
    users = {
        name: User(
            id=name, name=name.title(), supervisor=supervisors.get(name, ""), admin=name in admins
        )
        for name in NAMES
    }
    return Staff(Installation(users=users, teams={"sales": ("anna", "gone", "boris")}))


FIRM = staff({"anna": "olga", "boris": "olga", "max": "gone"}, "max")


@pytest.mark.parametrize(
    ("name", "roles", "users"),
    [
        ("owner", Roles("anna", "boris"), ["anna"]),
        ("creator", Roles("anna", "boris"), ["boris"]),
        ("owner", Roles(), []),
        ("supervisor", Roles("anna"), ["olga"]),
        ("supervisor", Roles(), ["olga"]),  # of nobody's lead: everybody who supervises
        ("supervisor", Roles("olga"), ["max"]),  # she has none: the admins
        ("supervisor", Roles("max"), ["max"]),  # his is nobody: the admins
        ("admin", Roles(), ["max"]),
        ("sales", Roles(), ["anna", "boris"]),
        ("boris", Roles(), ["boris"]),
        ("nobody_known", Roles(), []),
    ],
)
def test_whom_a_name_means(name: str, roles: Roles, users: list[str]) -> None:
    """Roles towards the lead, teams, users; a name that no user has (any more) is nobody (S31)."""
    assert FIRM.named([name], roles) == users


@given(
    supervisors=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(NAMES)),
    admins=st.sets(st.sampled_from(NAMES)),
    asked=st.lists(st.sampled_from([*NAMES, *ROLES])),
    owner=st.sampled_from(["", *NAMES, "gone"]),
    creator=st.sampled_from(["", *NAMES]),
)
def test_several_names_mean_what_each_means(
    supervisors: dict[str, str], admins: set[str], asked: list[str], owner: str, creator: str
) -> None:
    """In the order written, each user once, and only users that there are."""
    firm, roles = staff(supervisors, *admins), Roles(owner, creator)
    each = [user for name in asked for user in firm.named([name], roles)]
    assert firm.named(asked, roles) == list(dict.fromkeys(each))
    assert set(each) <= set(NAMES)


def test_what_a_text_may_name_of_the_owner() -> None:
    """Name, e-mail and phone, where there are any; of a user who has gone the id is all there is."""
    anna = User(id="anna", name="Анна", email="anna@a.example", phone="+79160000001")
    firm = Staff(Installation(users={"anna": anna}))
    assert firm.values("anna") == {
        "owner": ("user", "anna"),
        "owner.name": ("text", "Анна"),
        "owner.email": ("email", "anna@a.example"),
        "owner.phone": ("phone", {"number": "+79160000001"}),
    }
    nothing = {"owner.email": ("email", None), "owner.phone": ("phone", None)}
    gone = {"owner": ("user", "gone"), "owner.name": ("text", "gone")}
    assert firm.values("gone") == gone | nothing
    nobody = {"owner": ("user", None), "owner.name": ("text", None)}
    assert firm.values("") == nobody | nothing
