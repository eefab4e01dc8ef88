"""Conditions against a pipeline's names and types: every mistake, its place, the remedy."""

from __future__ import annotations

import pytest
from hypothesis import given

from leadflow.engine.expr import Expr, text
from leadflow.engine.fields import Field
from leadflow.spec.conditions import (
    ConditionError,
    ConditionIssue,
    Name,
    Vocabulary,
    check_computed,
    check_condition,
    check_value,
    names_of,
)
from tests.support.expressions import expressions

OPTIONS = {"person": "Физлицо", "legal": "Юрлицо", "known": "Уже клиент"}
LEAD = Vocabulary(
    fields=[
        Field("price", "money", "Стоимость"),
        Field("discount", "number", "Скидка"),
        Field("client", "choice", "Клиент", options=OPTIONS),
        Field("payer", "choice", "Плательщик", options=OPTIONS),
        Field("tags", "choices", "Метки", options={"vip": "VIP", "north": "Север"}),
        Field("email", "email", "E-mail"),
        Field("comment", "long_text", "Комментарий"),
        Field("name", "person", "Имя"),
        Field("phone", "phone", "Телефон"),
        Field("phones", "phone", "Ещё телефоны", many=True),
        Field("vip", "flag", "VIP"),
        Field("signing_on", "date", "Подписание"),
        Field("call_at", "datetime", "Звонок"),
        Field("scan", "file", "Скан"),
        Field("curator", "user", "Куратор"),
    ],
    stages={"new": "Новый", "offered": "КП отправлено"},
    tasks={"contact": {"reached": "Поговорили", "no_answer": "Не ответил"}},
    tracks=["docs"],
    documents=["kp"],
    sources={"site": "Сайт"},
    users={"anna": "Анна", "boris": "Борис"},
)
NAMES = names_of(LEAD)


def said(issues: list[ConditionIssue]) -> list[str]:
    """Issues as ``offset: message | hint``, warnings marked with ``~``."""
    return [
        f"{'~' if one.severity == 'warning' else ''}{one.column_offset}: {one.message} | {one.hint}"
        for one in issues
    ]


@pytest.mark.parametrize(
    "condition",
    [
        "lead.call.user is set",
        "lead.call is set",
        "task.contact is open",
        "task.contact is not done",
        'task.contact.outcome == "no_answer" and task.contact.count >= 3',
        'lead.client == "legal"',
        '"legal" == lead.client',
        'lead.client in ["legal", "known"]',
        'lead.client is set and lead.client != "legal"',
        'lead.client is empty or lead.client != "legal"',
        'lead.client is set and (lead.vip or lead.client not in ["legal"])',
        "lead.client == lead.payer",
        "lead.client == lead.comment",
        '"vip" in lead.tags and "north" not in lead.tags',
        '"срочно" in lead.comment',
        '"+79161234567" in lead.phones',
        'lead.phone == "+79161234567" or lead.phone.kind == "mobile"',
        'lead.name.last == "Петров"',
        "lead.price * (1 - lead.discount / 100) >= 50000.5",
        "0 < lead.price <= 100",
        "lead.vip and not lead.vip or lead.vip == true",
        "true",
        "lead.signing_on > today and lead.call_at < now",
        'lead.signing_on == "2026-11-25" or lead.call_at > "2026-11-25T14:00+03:00"',
        'lead.owner == "anna" or owner == lead.curator or lead.creator == signal.user',
        'stage == "new" and lead.stage != was.stage',
        "was.lead.price < lead.price",
        'lead.source == "site" and lead.form == "any"',
        'lead.channel == "call" and lead.number > 100 and lead.visits > 1',
        "track.docs is done or track.docs is failed",
        "document.kp.number is set",
        'signal.channel == "email" and signal.amount > 100 and signal.until > today',
        "lead.unpaid > 0 and lead.paid == 0",
        '"email" in lead.consent',
        "(lead.price > 1) == true",
        "(lead.price + 1) is set",
        'lead.client in [lead.payer, "legal"]',
    ],
)
def test_a_sensible_condition_has_no_problem(condition: str) -> None:
    """What the language allows passes without a warning."""
    assert said(check_condition(condition, NAMES)) == []


@pytest.mark.parametrize(
    ("condition", "issues"),
    [
        # names
        ("lead.clinet is set", ["5: unknown field 'clinet' | did you mean 'client'?"]),
        ("  lead.clinet is set", ["7: unknown field 'clinet' | did you mean 'client'?"]),
        ("was.clinet is set", ["0: unknown field 'clinet' | did you mean 'client'?"]),
        ("laed.client is set", ["0: unknown name 'laed' | did you mean 'lead'?"]),
        ("price > 5", ["0: unknown name 'price' | write lead.price"]),
        ("name.first is set", ["0: unknown name 'name' | write lead.name.first"]),
        ("deal.price > 5", ["0: unknown name 'deal' | write lead.price: this pipeline is one of leads"]),
        ("lead.price.first is set", ["11: lead.price has no part 'first' | write lead.price"]),
        ("lead.name.frist is set", ["10: unknown part 'frist' | did you mean 'first'?"]),
        ("task.contcat is open", ["5: unknown task 'contcat' | did you mean 'contact'?"]),
        ("task.contact.outcom is set", ["13: unknown part 'outcom' | did you mean 'outcome'?"]),
        ("track.dosc is done", ["6: unknown track 'dosc' | did you mean 'docs'?"]),
        ("document.pk.number is set", ["9: unknown document 'pk' | known here: kp"]),
        ("document.kp is set", ["0: 'document.kp' alone has no value | known here: number"]),
        ("signal.chanel is set", ["~7: no fact of the world carries 'chanel' | did you mean 'channel'?"]),
        ("signal.price > 5", ["~7: no fact of the world carries 'price' | a signal's fields are written first: write lead.price"]),
        ("zzz is set", ["0: unknown name 'zzz' | known here: lead, was, signal, task, track, document, stage, owner and 2 more"]),
        ('lead.cleint in ["legal"]', ["5: unknown field 'cleint' | did you mean 'client'?"]),
        ('"legal" in lead.cleint', ["16: unknown field 'cleint' | did you mean 'client'?"]),
        # options
        ('lead.client == "leagl"', ["15: lead.client has no option \"leagl\" | did you mean 'legal'?"]),
        ('lead.client == "юрлицо"', ['15: lead.client has no option "юрлицо" | write its id: "legal"']),
        ('lead.client in ["legal", "knwon"]', ["25: lead.client has no option \"knwon\" | did you mean 'known'?"]),
        ('"vpi" in lead.tags', ["0: lead.tags has no option \"vpi\" | did you mean 'vip'?"]),
        ('stage == "nwe"', ["9: stage has no option \"nwe\" | did you mean 'new'?"]),
        ('owner == "ana"', ["9: owner has no user \"ana\" | did you mean 'anna'?"]),
        ('task.contact.outcome == "reachd"', ["24: task.contact.outcome has no option \"reachd\" | did you mean 'reached'?"]),
        ("lead.client == legal", ['15: unknown name \'legal\' | a text stands in quotes: "legal"']),
        ('lead.client == "legal" or "known"', ['26: "known" alone always holds | write lead.client in ["legal", "known"]']),
        ('"known"', ['0: "known" alone always holds | compare something with it']),
        # types
        ('lead.price > "5"', ["13: lead.price is a number, not a text | write it without quotes: 5"]),
        ('lead.price > "much"', ["13: lead.price is a number, not a text | "]),
        ("lead.comment == 5", ['16: lead.comment is a text, not a number | a text stands in quotes: "5"']),
        ("lead.signing_on > 5", ["18: lead.signing_on is a date, not a number | "]),
        ('lead.signing_on > "25.11.2026"', ['18: lead.signing_on is a date, not a text | write "2026-11-25"']),
        ('lead.signing_on > "soon"', ['18: lead.signing_on is a date, not a text | write a date like "2026-11-25"']),
        ('lead.call_at > "2026-11-25"', ['15: lead.call_at is a moment, not a text | write a moment with its zone, like "2026-11-25T14:00+03:00"']),
        ("lead.signing_on < now", ["0: lead.signing_on is a date, now is a moment | compare a date with today, a moment with now"]),
        ("lead.price > lead.email", ["0: lead.price is a number, lead.email is a text | "]),
        ('lead.vip == "yes"', ["12: lead.vip is yes or no, not a text | write lead.vip or not lead.vip"]),
        ("lead.vip == 1", ["12: lead.vip is yes or no, not a number | write lead.vip or not lead.vip"]),
        ("lead.comment == true", ["16: lead.comment is a text, not yes or no | "]),
        ('lead.name == "Иван"', ["13: lead.name is a person, not a text | compare a part of the name: lead.name.last"]),
        ('lead.comment == ""', ["16: nothing equals an empty text | write lead.comment is empty"]),
        ('lead.scan == "x"', ["0: lead.scan is a file | a condition can ask: lead.scan is set"]),
        ('lead.comment > "a"', ["0: lead.comment is a text, which has no order | use == or !="]),
        ('"a" < lead.comment', ["6: lead.comment is a text, which has no order | use == or !="]),
        ("lead.client < lead.payer", ["0: lead.client is a choice, which has no order | use == or !="]),
        ('lead.tags == "vip"', ['0: lead.tags holds several values | write "vip" in lead.tags']),
        ('lead.tags in ["vip", "north"]', ['0: lead.tags holds several values | write "vip" in lead.tags']),
        ('"x" in lead.price', ['7: lead.price is a number, not a list | after \'in\' stands a list like ["legal", "known"]']),
        ('lead.client == ["legal"]', ['15: a list stands only after \'in\' | write lead.client in ["legal", "known"]']),
        ("[1]", ['0: a list stands only after \'in\' | write lead.client in ["legal", "known"]']),
        ("lead.price + lead.email > 1", ["13: '+' works on numbers; lead.email is a text | a text is put together in a template"]),
        ("lead.signing_on - 3 > today", ["0: '-' works on numbers; lead.signing_on is a date | "]),
        ("lead.phones * 2 > 1", ["0: '*' works on numbers; lead.phones is a phone | "]),
        ("lead.typo + 2 > 1", ["5: unknown field 'typo' | " + "known here: price, discount, client, payer, tags, email, comment, name and 24 more"]),
        # states
        ("task.contact", ["0: task.contact alone says nothing | write task.contact is open"]),
        ("not task.contact", ["4: task.contact alone says nothing | write task.contact is open"]),
        ("task.contact is set", ["0: task.contact is a task, never set | write task.contact is open or task.contact is done"]),
        ("track.docs is open", ["0: track.docs is a track, never open | write track.docs is done or track.docs is failed"]),
        ("lead.email is done", ["0: lead.email is a text, never done | write lead.email is set or lead.email is empty"]),
        ('task.contact == "done"', ["0: task.contact is a task | write task.contact is done"]),
        ("lead.typo is done", ["5: unknown field 'typo' | known here: price, discount, client, payer, tags, email, comment, name and 24 more"]),
        # what holds by accident
        ("lead.price * 2", ["0: lead.price * 2 is a number and no condition | compare it: lead.price * 2 > 0"]),
        ("lead.email", ["~0: lead.email alone asks whether it is filled in | write lead.email is set"]),
        ("lead.vip or lead.tags", ["~12: lead.tags alone asks whether it is filled in | write lead.tags is set"]),
        ('lead.client != "legal"', ['~0: lead.client != "legal" also holds while lead.client is empty | if it should not, write lead.client is set and lead.client != "legal"']),
        ('lead.client not in ["legal"]', ['~0: lead.client not in ["legal"] also holds while lead.client is empty | if it should not, write lead.client is set and lead.client not in ["legal"]']),
        ('lead.client is set or lead.client != "legal"', ['~22: lead.client != "legal" also holds while lead.client is empty | if it should not, write lead.client is set and lead.client != "legal"']),
        # several at once, in order
        ('lead.prcie > 5 and lead.client == "leagl"', ["5: unknown field 'prcie' | did you mean 'price'?", "34: lead.client has no option \"leagl\" | did you mean 'legal'?"]),
    ],
)  # fmt: skip
def test_every_problem_is_named_with_place_and_remedy(condition: str, issues: list[str]) -> None:
    """Each row: a condition and all that is said about it."""
    assert said(check_condition(condition, NAMES)) == issues


def test_a_deal_is_called_a_deal() -> None:
    """In a deal's pipeline fields stand under `deal`, before the step under `was`."""
    names = names_of(Vocabulary(kind="deal", fields=LEAD.fields))
    assert said(check_condition("deal.price > was.price and deal.unpaid > 0", names, "deal")) == []
    assert said(check_condition("lead.price > 0", names, "deal")) == [
        "0: unknown name 'lead' | write deal.price: this pipeline is one of deals"
    ]


def test_users_and_sources_nobody_listed_are_free() -> None:
    """Where the installation is not known, any user id will do."""
    names = names_of(Vocabulary())
    assert said(check_condition('owner == "whoever" and lead.source == "x"', names)) == []


def test_a_declared_field_goes_before_a_built_in_one() -> None:
    """As the engine looks it up."""
    names = names_of(Vocabulary(fields=[Field("title", "number", "N")]))
    assert said(check_condition("lead.title > 5", names)) == []


@pytest.mark.parametrize(
    ("written", "target", "issues"),
    [
        ("{{ lead.price * 0.9 }}", Name("money"), []),
        ("{{ lead.price }}", Name("text"), []),
        ("{{ lead.name or lead.phone }}", Name("text"), []),
        ("{{ lead.price > 5 }}", Name("flag"), []),
        ("{{ lead.email }}", Name("flag"), ["~3: lead.email alone asks whether it is filled in | write lead.email is set"]),
        ("{{ lead.vip }}", Name("flag"), []),
        ("{{ lead.price > 5 }}", Name("number"), ["3: lead.price > 5 is yes or no, the field takes a number"]),
        ("{{ lead.tags }}", Name("choices", {"vip": "VIP"}), []),
        ("{{ lead.tags }}", Name("text"), ["3: lead.tags is a list of choices, the field takes a text"]),
        ("{{ lead.client }}", Name("choices", OPTIONS), []),
        ("{{ 'leagl' }}", Name("choice", OPTIONS), ["3: the field has no option \"leagl\" | did you mean 'legal'?"]),
        ("{{ 'legal' }}", Name("choice", OPTIONS), []),
        ("{{ 5 }}", Name("money"), []),
        ("{{ 5 }}", Name("date"), ["3: the field is a date, not a number | "]),
        ("{{ lead.client }}", Name("money"), ["3: lead.client is a choice, the field takes a number"]),
        ("{{ now }}", Name("date"), ["3: now is a moment, the field takes a date"]),
        ("{{ task.contact }}", Name("text"), ["3: task.contact is a task, the field takes a text"]),
        ("{{ lead.typo or lead.vip }}", Name("flag"), ["8: unknown field 'typo' | known here: price, discount, client, payer, tags, email, comment, name and 24 more"]),
        ("{{ lead.client == 'legal' and lead.vip }}", Name("flag"), []),
        ("plain {{ lead.typo }}", Name("text"), []),
    ],
)  # fmt: skip
def test_a_computed_value_has_to_fit_its_field(
    written: str, target: Name, issues: list[str]
) -> None:
    """Each row: what stands in `set`, the field's type, and what is said."""
    assert said(check_computed(written, NAMES, target)) == [
        issue if " | " in issue else f"{issue} | " for issue in issues
    ]


def test_an_expression_can_be_asked_for_a_user() -> None:
    """`assign: lead.call.user` names a person; `assign: lead.price` does not."""
    assert said(check_value("lead.call.user", NAMES, Name("user"))) == []
    assert said(check_value("lead.curatro", NAMES, Name("user"))) == [
        "5: unknown field 'curatro' | did you mean 'curator'?"
    ]
    assert said(check_value("lead.price", NAMES, Name("user"))) == [
        "0: lead.price is a number, the field takes a user | "
    ]


def test_an_unreadable_condition_cannot_be_checked() -> None:
    """The parser speaks first."""
    with pytest.raises(ConditionError):
        check_condition("lead.price >", NAMES)


@given(expressions())
def test_checking_answers_for_any_condition(expr: Expr) -> None:
    """Total, and every issue lies inside the text."""
    written = text(expr)
    for issue in check_condition(written, NAMES):
        assert 0 <= issue.column_offset < len(written)
        assert issue.message
