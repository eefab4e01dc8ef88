"""What a commit finds out, in one place for the store and for virtual time."""

from msgspec.structs import replace

from leadflow.engine.effects import ConvertLead, FindOwner, Frozen, MakeDocument, TaskOpened
from leadflow.engine.events import Actor, OwnerFound
from leadflow.engine.expr import ListOf, Lit
from leadflow.engine.fields import Field
from leadflow.engine.pipeline import Assignee, People, Pipeline, Text
from leadflow.engine.state import State, TaskRun
from leadflow.installation import Installation, User
from leadflow.rules.findings import Findings, found_id, owners_first
from leadflow.rules.staff import Staff
from leadflow.simulate.registers import Registers

FIRM = Staff(
    Installation(
        users={name: User(id=name, name=name.title()) for name in ("anna", "boris")},
        teams={"sales": ("anna", "boris")},
    )
)
PIPELINE = Pipeline(id="p", title="P", fields={}, stages={})
SALES = Assignee(how="round_robin", people=People(names=("sales",)))
SEARCH = FindOwner(key="lead-7/pipeline/0/owner:routing/1", to=SALES, why="routing")
CALL = TaskOpened(key="lead-7/stage/1/create_task:call/1", task="call", assignee=SALES)


def findings(owner: str = "", assignee: str = "") -> Findings:
    state = State(lead="lead-7", pipeline="p", hash="")
    state.owner, state.finding, state.number = owner, SEARCH.key, 7
    state.tasks = {"call": TaskRun(id="call", key=CALL.key, scope="stage/1", assignee=assignee)}
    return Findings(PIPELINE, state, FIRM, Registers())


def test_the_owner_found_is_whose_the_lead_is_from_here_on() -> None:
    """Texts name him; where nobody is found it stays whose it was."""
    one = findings("boris")
    why = "routing: round robin of sales: the first"
    assert one.find_owner(SEARCH) == OwnerFound(
        id=found_id(SEARCH), key=SEARCH.key, owner="anna", why=why
    )
    names = Text(names=(("deal", "owner", "name"), ("lead", "number"), ("lead", "price")))
    assert one.frozen(Frozen({"lead.price": ("money", "5")}), names).values == {
        "deal.owner.name": ("text", "Anna"),
        "lead.number": ("number", "7"),
        "lead.price": ("money", "5"),
    }
    nobody = replace(SEARCH, never=("anna", "boris"))
    assert getattr(one.find_owner(nobody), "owner", None) == ""
    assert one.owner == "anna"


def test_a_text_gets_the_number_of_a_document_made_by_the_same_commit() -> None:
    """Nothing else of a document is known there; what stays unknown is left to whoever renders."""
    one = findings()
    one.documents["act"] = "7/26"
    names = Text(names=(("document", "act", "number"), ("document", "act", "file")))
    assert one.frozen(Frozen({}), names).values == {"document.act.number": ("text", "7/26")}


def test_expressions_mean_the_users_they_name() -> None:
    """One name or a list of them; what is no name means nobody."""
    anna, boris = Lit("text", "anna"), Lit("text", "boris")
    several = ListOf(items=(anna, Lit("flag", value=True), boris))
    assert findings().people(People(exprs=(several, anna))) == ["anna", "boris"]


def test_nobody_is_sought_for_a_lead_that_was_given_away_meanwhile() -> None:
    """No answer, and nobody's turn used up."""
    one = findings("boris")
    assert one.find_owner(replace(SEARCH, key="lead-7/pipeline/0/owner:routing/2")) is None
    assert one.owner == "boris"
    assert getattr(one.find_owner(SEARCH), "owner", None) == "anna"


def test_what_was_answered_before_stays() -> None:
    """A commit that is done again gives the lead and the task to whom it gave them first."""
    one = findings()
    before = OwnerFound(id="x", key=SEARCH.key, owner="boris")
    assert one.find_owner(SEARCH, before) is before
    assert one.owner == "boris"
    assert one.assignee(CALL, before) == ("boris", before)


def test_an_assignee_is_told_to_the_lead_that_did_not_know_him() -> None:
    """Who is known already, and whose task it is not any more, is not told; a task of the owner's needs no search."""
    told = OwnerFound(
        id=found_id(CALL), key=CALL.key, owner="anna", why="round robin of sales: the first"
    )
    assert findings().assignee(CALL) == ("anna", told)
    assert findings(assignee="anna").assignee(CALL) == ("anna", None)
    assert findings().assignee(replace(CALL, key="another")) == ("anna", None)
    mine = replace(CALL, assignee=Assignee(people=People(names=("owner",))))
    assert findings("boris").assignee(mine) == ("boris", None)


def test_records_are_made_in_the_order_in_which_they_link() -> None:
    """Company, contact, deal, whatever the order they are written in; each with an id of this conversion."""
    effect = ConvertLead(key="k", create=("deal", "contact"), conversion=2)
    assert list(findings().records(effect).items()) == [
        ("contact", "contact-7-2"),
        ("deal", "deal-7-2"),
    ]


def test_a_run_begun_keeps_where_the_person_came_from() -> None:
    """Channel, source, language, zone, consent and title are the lead's; fields those that the new pipeline knows."""
    one = findings("anna")
    kept = {"channel": "call", "source": "site", "timezone": "Asia/Omsk", "language": "en"}
    one.state = replace(one.state, consent=("email",), title="Пропуска", **kept)
    target = replace(PIPELINE, id="deals", fields={"price": Field("price", "money", "Цена")})
    created = one.begun(target, "k", {"price": "5", "note": "x"})
    assert created.actor == Actor(user="anna", via="pipeline:p")
    assert (created.fields, created.consent, created.title) == (
        {"price": "5"},
        ("email",),
        "Пропуска",
    )
    assert {name: getattr(created, name) for name in kept} == kept


def test_owners_are_found_before_all_else() -> None:
    """The rest stays in the order decided."""
    paper = MakeDocument(key="d", document="offer")
    assert owners_first([CALL, paper, SEARCH]) == [SEARCH, CALL, paper]
