"""Messages and their texts: values that may be empty where they are printed, and those that cannot be."""

import pytest

from tests.support.checked import checked, told

TOP = "pipeline: p\nfields: {name: person, price: money, phone: phone, email: email, urgent: flag, day: date, qty: {type: number, default: 1}}\nstages:\n"
"""Stages begin in line 4."""
END = "  won: {final: success}\n"
SMS = "send_sms: {text: 'Цена {{ lead.price }}'}"


def of(stages: str, templates: dict[str, str] | None = None) -> list[str]:
    """``line CODE`` for a pipeline with these stages and an end."""
    return told(f"{TOP}{stages}{END}", templates)


FILLED = {
    "required to come in": """
  new: {exits: [{signal: yes, label: Да, goto: next}]}
  next: {enter_requires: [price], on_enter: [{SMS}], exits: [{signal: on, label: Да, goto: won}]}
""",
    "required to go out of every stage before": """
  new: {requires: [price], exits: [{signal: yes, label: Да, goto: next}, {signal: no, label: Нет, goto: other}]}
  other: {exits: [{signal: yes, label: Да, goto: next}]}
  next: {on_enter: [{SMS}], exits: [{signal: on, label: Да, goto: won}]}
""",
    "required by the exit itself": """
  new: {exits: [{signal: yes, label: Да, requires: [price], do: [{SMS}], goto: won}]}
""",
    "set by the exit": """
  new: {exits: [{signal: yes, label: Да, set: {price: 100}, do: [{SMS}], goto: won}]}
""",
    "set by an action before": """
  new: {on_enter: [{set: {price: 100}}, {SMS}], exits: [{signal: yes, label: Да, goto: won}]}
""",
    "asked for by the action": """
  new: {on_enter: [{SMS, if: lead.price > 5}], exits: [{signal: yes, label: Да, goto: won}]}
""",
    "asked for by the reaction": """
  new: {when: [{signal: call_in, if: lead.price is set, do: [{SMS}]}], exits: [{signal: yes, label: Да, goto: won}]}
""",
    "asked for by all of several": """
  new: {when: [{signal: call_in, if: lead.price > 5 or lead.price < 2, do: [{SMS}]}], exits: [{signal: yes, label: Да, goto: won}]}
""",
    "asked for the other way round": """
  new: {when: [{signal: call_in, if: not (lead.price is empty or lead.urgent), do: [{SMS}]}], exits: [{signal: yes, label: Да, goto: won}]}
""",
    "the address the message goes to": """
  new: {on_enter: [{send_sms: {text: 'Ваш номер {{ lead.phone }}'}}], exits: [{signal: yes, label: Да, goto: won}]}
""",
    "the date that the step hangs on": """
  new:
    sequence: {steps: [{at: 1 day before day, send_sms: {text: 'Ждём {{ lead.day }}'}}]}
    exits: [{signal: yes, label: Да, goto: won}]
""",
    "a default, a flag, the owner": """
  new: {on_enter: [{send_sms: {text: '{{ lead.qty }} {{ lead.urgent }} {{ owner.name }} {{ lead.number }}'}}], exits: [{signal: yes, label: Да, goto: won}]}
""",
    "something to print instead": """
  new: {on_enter: [{send_sms: {text: '{{ lead.price or "—" }} {% if lead.name.first is set %}{{ lead.name.first }}{% endif %}'}}], exits: [{signal: yes, label: Да, goto: won}]}
""",
    "a text for our own people": """
  new: {on_enter: [{notify: {to: owner, text: 'Цена {{ lead.price }}'}}], exits: [{signal: yes, label: Да, goto: won}]}
""",
    "a task's button where it is required": """
  new: {requires: [price], exits: [{signal: yes, label: Да, goto: next}]}
  next:
    on_enter: [{create_task: {id: offer, title: КП, buttons: [{label: Отправить, do: [{SMS}]}]}}]
    exits: [{task: offer, goto: won}]
""",
}
EMPTY = {
    "nothing asks for it": (
        """
  new: {on_enter: [{SMS}], exits: [{signal: yes, label: Да, goto: won}]}
""",
        ["4 LF504"],
    ),
    "the first stage is never gated": (
        """
  new: {enter_requires: [price], on_enter: [{SMS}], exits: [{signal: yes, label: Да, goto: won}]}
""",
        ["4 LF504"],
    ),
    "one of two ways does not ask": (
        """
  new: {exits: [{signal: yes, label: Да, requires: [price], goto: next}, {signal: no, label: Нет, goto: next}]}
  next: {on_enter: [{SMS}], exits: [{signal: on, label: Да, goto: won}]}
""",
        ["5 LF504"],
    ),
    "the first of two ways does not ask": (
        """
  new: {exits: [{signal: no, label: Нет, goto: next}, {signal: yes, label: Да, requires: [price], goto: next}]}
  next: {on_enter: [{SMS}], exits: [{signal: on, label: Да, goto: won}]}
""",
        ["5 LF504"],
    ),
    "a detour does not ask": (
        """
  new: {exits: [{signal: yes, label: Да, requires: [price], goto: next}, {signal: no, label: Нет, goto: other}]}
  other: {exits: [{signal: yes, label: Да, goto: next}]}
  next: {on_enter: [{SMS}], exits: [{signal: on, label: Да, goto: won}]}
""",
        ["6 LF504"],
    ),
    "a longer detour, found first": (
        """
  new: {exits: [{signal: no, label: Нет, goto: other}, {signal: yes, label: Да, requires: [price], goto: next}]}
  other: {exits: [{signal: yes, label: Да, goto: another}]}
  another: {exits: [{signal: yes, label: Да, goto: next}]}
  next: {on_enter: [{SMS}], exits: [{signal: on, label: Да, goto: won}]}
""",
        ["7 LF504"],
    ),
    "what the stage requires does not count on the way into an `always`": (
        """
  new: {requires: [price], exits: [{signal: yes, label: Да, goto: won}, {signal: no, label: Нет, do: [{SMS}], goto: lost}]}
  lost: {final: failure, always: true}
""",
        ["4 LF504"],
    ),
    "one of several asked for is enough": (
        """
  new: {when: [{signal: call_in, if: lead.price is set or lead.urgent, do: [{SMS}]}], exits: [{signal: yes, label: Да, goto: won}]}
""",
        ["4 LF504"],
    ),
    "a gate that does not always count": (
        """
  new: {requires: [{field: price, if: lead.urgent}], exits: [{signal: yes, label: Да, goto: next}]}
  next: {on_enter: [{SMS}], exits: [{signal: on, label: Да, goto: won}]}
""",
        ["5 LF504"],
    ),
    "set only sometimes": (
        """
  new: {on_enter: [{set: {price: 100}, if: lead.urgent}, {SMS}], exits: [{signal: yes, label: Да, goto: won}]}
""",
        ["4 LF504"],
    ),
    "a part of a name that is there": (
        """
  new: {on_enter: [{send_sms: {text: '{{ lead.name.first }}'}, if: lead.name is set}], exits: [{signal: yes, label: Да, goto: won}]}
""",
        ["4 LF504"],
    ),
    "different from something": (
        """
  new: {on_enter: [{SMS, if: lead.price != 5}], exits: [{signal: yes, label: Да, goto: won}]}
""",
        ["4 LF504", "4 LF312"],
    ),
}


@pytest.mark.parametrize("stages", FILLED.values(), ids=FILLED.keys())
def test_a_value_that_is_surely_there_is_let_pass(stages: str) -> None:
    """Gates, conditions, values set, addresses: whatever makes it certain counts."""
    assert of(stages.lstrip("\n").replace("{SMS", "{" + SMS)) == []


@pytest.mark.parametrize(("stages", "problems"), EMPTY.values(), ids=EMPTY.keys())
def test_a_value_that_may_be_empty_is_told(stages: str, problems: list[str]) -> None:
    """Where anything leads to the message past the gate."""
    assert of(stages.lstrip("\n").replace("{SMS", "{" + SMS)) == problems


def test_a_template_is_told_of_once_and_in_its_place() -> None:
    """However many messages use it; the hint names what is certain instead, where there is such a thing."""
    stages = """  new:
    on_enter: [{send_email: offer}, {send_email: offer, id: twice, if: lead.name is set}]
    exits: [{signal: yes, label: Да, goto: won}]
"""
    body = "Subject: КП\n\n{{ lead.price }}\n"
    (problem,) = checked(TOP + stages + END, {"offer.email.md": body})
    assert str(problem) == (
        "offer.email.md:3:4: LF504 lead.price may be empty when this goes to the client (in stage 'new')\n"
        '    hint: require it before, or say what to print instead: {{ lead.price or "…" }}'
    )


def test_every_language_of_a_template_is_looked_at() -> None:
    """A name that only the English text misspells is told there; a subject that it lacks, too."""
    stages = """  new: {on_enter: [{send_email: offer}], exits: [{signal: yes, label: Да, goto: won}]}
"""
    templates = {"offer.email.md": "Subject: КП\n\n!\n", "offer.en.email.md": "{{ lead.prise }}\n"}
    found = checked(TOP + stages + END, templates)
    assert [(problem.path, problem.code) for problem in found] == [
        ("offer.en.email.md", "LF505"),
        ("offer.en.email.md", "LF503"),
    ]


def test_a_subject_may_stand_in_the_pipeline() -> None:
    """A template without one is right where the message brings its own."""
    stages = """  new: {on_enter: [{send_email: {template: offer, subject: КП}}], exits: [{signal: yes, label: Да, goto: won}]}
"""
    assert of(stages, {"offer.email.md": "Здравствуйте!\n"}) == []


def test_after_an_opt_out_only_papers_and_people_write() -> None:
    """What a person sends himself, or marked as service, goes; the rest is told, in later stages too."""
    stages = """  new:
    exits:
      - {signal: unsubscribed, goto: quiet, do: [{send_sms: {text: a}}]}
      - {signal: yes, label: Да, goto: won}
  quiet:
    on_enter: [{send_sms: {text: b}}, {send_sms: {text: c, service: true}, id: paper}]
    when: [{signal: write, label: Написать, do: [{send_sms: {text: d}}]}]
    exits: [{after: 1 day, goto: later}]
  later: {on_enter: [{send_sms: {text: e}}], exits: [{signal: on, label: Да, goto: won}]}
"""
    assert of(stages) == ["6 LF508", "9 LF508", "12 LF508"]


def test_a_stage_that_others_come_to_as_well_may_write() -> None:
    """One of two ways in is an opt-out: the message is meant for the others."""
    stages = """  new:
    exits: [{signal: unsubscribed, goto: care}, {signal: yes, label: Да, goto: care}]
  care: {on_enter: [{send_sms: {text: a}}], exits: [{signal: on, label: Да, goto: won}]}
"""
    assert of(stages) == []


def test_where_a_message_goes_out_is_said() -> None:
    """In a stage, on a way, from a task, in any stage: so that the gate can be put in its place."""
    text = f"""pipeline: p
fields: {{price: money, phone: phone}}
when: [{{signal: call_in, do: [{{{SMS}}}]}}]
stages:
  new:
    on_enter:
      - {{{SMS}}}
      - create_task: {{id: t, title: Т, buttons: [{{label: Б, do: [{{{SMS}}}]}}]}}
    exits: [{{task: t, goto: next}}]
  next:
    exits:
      - {{signal: yes, label: Да, do: [{{{SMS}}}], goto: won}}
  won: {{final: success}}
"""
    found = [problem.message.rpartition("(")[2] for problem in checked(text)]
    assert found == ["in any stage)", "in stage 'new')", "task 't')", "on the way to stage 'won')"]
