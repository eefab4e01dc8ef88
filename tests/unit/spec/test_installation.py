"""The settings of an installation: people, connections, secrets that are never in the file."""

from pathlib import Path

import msgspec
import pytest

from leadflow.engine.events import Actor
from leadflow.errors import Misconfigured, NotFound
from leadflow.installation import Connection, Installation, User, resolved
from leadflow.spec.installation import actor, load_installation
from tests.support.spec_text import VALID, installation as read


@pytest.fixture
def firm() -> Installation:
    return load_installation(VALID / "leadflow.yaml")[0]


def test_the_example_is_read(firm: Installation) -> None:
    """Users, teams and connections as written, values canonical, secrets still names."""
    assert firm.users["anna"] == User(
        id="anna",
        name="Анна Лактионова",
        email="anna@example.com",
        phone="+79161234567",
        supervisor="olga",
        language="ru",
    )
    assert firm.users["olga"].admin
    assert firm.teams == {"sales": ("anna", "boris"), "back_office": ("olga",)}
    assert firm.connections["erp"] == Connection(
        id="erp",
        type="webhook",
        url="https://erp.example.com/hook",
        secret="${ERP_SECRET}",
        headers={"X-Api-Key": "${ERP_KEY}"},
        allow_private=True,
    )
    assert firm.connections["mail"].sender == "sales@example.com"


def test_it_is_plain_data(firm: Installation) -> None:
    """The store keeps it as JSON: a round trip changes nothing."""
    assert msgspec.json.decode(msgspec.json.encode(firm), type=Installation) == firm


def test_an_empty_installation_has_the_usual_habits() -> None:
    """Without settings: Russian numbers, Moscow's clock, Russian, roubles."""
    none = Installation()
    assert (none.region, none.timezone, none.language, none.currency) == (
        "RU",
        "Europe/Moscow",
        "ru",
        "RUB",
    )
    assert none.connection("email") is None


def test_a_channel_s_default_is_the_first_of_its_type(tmp_path: Path) -> None:
    """A name must be of the right type; without one the first listed counts."""
    made, _ = read(
        tmp_path,
        "connections: {w: {type: webhook, url: 'https://x', secret: '${S}'}, a: {type: email}, b: {type: email}}",
    )
    first, named = made.connection("email"), made.connection("email", "b")
    assert first is not None
    assert named is not None
    assert (first.id, named.id) == ("a", "b")
    assert made.connection("email", "w") is None
    assert made.connection("email", "none") is None


def test_members_of_a_name(firm: Installation) -> None:
    """A team's members, a user alone, nobody for an unknown name."""
    assert firm.members("sales") == ("anna", "boris")
    assert firm.members("anna") == ("anna",)
    assert firm.members("nobody") == ()


def test_an_actor_has_the_rights_of_the_settings(firm: Installation) -> None:
    """Teams, everybody below, and the door: what the engine needs to judge `by`."""
    assert actor(firm, "anna", "cli:root") == Actor(user="anna", teams=("sales",), via="cli:root")
    assert actor(firm, "olga") == Actor(
        user="olga", teams=("back_office",), supervises=("anna", "boris"), admin=True
    )


def test_supervision_goes_all_the_way_down() -> None:
    """Who supervises a supervisor supervises her people too; a circle does not hang."""
    chain = {"a": "", "b": "a", "c": "b", "x": "y", "y": "x"}
    firm = Installation(
        users={name: User(id=name, name=name, supervisor=above) for name, above in chain.items()}
    )
    assert actor(firm, "a").supervises == ("b", "c")
    assert actor(firm, "x").supervises == ("y",)


def test_an_unknown_user_is_not_found(firm: Installation) -> None:
    """With the near miss."""
    with pytest.raises(NotFound, match="unknown user 'ana'") as caught:
        actor(firm, "ana")
    assert caught.value.hint == "did you mean 'anna'?"


def test_secrets_come_from_the_environment() -> None:
    """`${NAME}` is filled in where it is needed; a missing one says what to set."""
    assert resolved("smtp://u:${P}@h?x=${Q}", {"P": "1", "Q": "2"}) == "smtp://u:1@h?x=2"
    assert resolved("plain $P {x}", {}) == "plain $P {x}"
    with pytest.raises(Misconfigured, match="the environment variable P is not set"):
        resolved("${P}", {})


@pytest.mark.parametrize(
    "line",
    [
        "c: {type: email, url: 'smtp://user:§hunter2@mail.example.com'}",
        "c: {type: email, url: 'smtp://user:§x${P}@mail.example.com'}",
        "c: {type: sms, url: 'https://x', secret: §abc}",
        "c: {type: sms, url: 'https://x', headers: {Authorization: §Bearer abc}}",
        "c: {type: sms, url: 'https://x', headers: {X-Api-Key: §abc}}",
    ],
)
def test_a_secret_in_the_file_is_a_problem(tmp_path: Path, line: str) -> None:
    """Passwords, tokens and keys only by name; § marks the place."""
    _, found = read(tmp_path, f"connections:\n  {line.replace('§', '')}\n")
    assert [each.split()[:2] for each in found] == [[f"2:{line.index('§') + 3}", "LF602"]]


def test_names_of_variables_are_no_secrets(tmp_path: Path) -> None:
    """What is written as it should be has no problem; harmless headers may be literal."""
    text = "connections: {c: {type: webhook, url: 'https://u:${P}@x', secret: '${S}', headers: {Accept: text/plain, Token: 'T ${T}'}}}"
    assert read(tmp_path, text)[1] == []
    assert [each.split()[1] for each in read(tmp_path, text, {"P": "", "T": ""})[1]] == ["LF603"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("users: {a: {supervisor: b}}", ["1:25 LF207 unknown user 'b'"]),
        ("users: {a: {}}\nteams: {t: [a, c]}", ["2:16 LF207 unknown user 'c'"]),
        ("users: {a: {}}\nteams: {a: [a]}", ["2:9 LF220 'a' means somebody else already"]),
        ("teams: {owner: []}", ["1:9 LF220 'owner' means somebody else already"]),
        ("users: {a: {supervisor: b}, b: {supervisor: a}}",
         ["1:25 LF604 the supervisors form a circle: a → b → a", "1:45 LF604 the supervisors form a circle: b → a → b"]),
        ("users: {a: {supervisor: a}}", ["1:25 LF604 the supervisors form a circle: a → a"]),
        ("users: {a: {email: nowhere}}", ["1:20 LF116"]),
        ("users: {a: {phone: '12'}}", ["1:20 LF116"]),
        ("connections: {a: {type: fax}}", ["1:25 LF105 'fax' is not possible here"]),
        ("connections: {a: {type: sms}}", ["1:18 LF102 a connection of type sms needs a url"]),
        ("timezone: Moscow", ["1:11 LF217"]),
        ("user: {}", ["1:1 LF101 unknown key 'user'"]),
        ("region: RU\n  x: y", ["2:3 LF011"]),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_their_place(tmp_path: Path, text: str, expected: list[str]) -> None:
    """Everything at once; the installation stays usable where it can."""
    found = read(tmp_path, text)[1]
    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """An empty installation and one problem."""
    made, problems = load_installation(tmp_path / "none.yaml")
    assert (made, [p.code for p in problems]) == (Installation(), ["LF001"])
