"""A pipeline that sends one text, and has somebody call if it did not arrive."""

from __future__ import annotations

from leadflow.spec.compile.pipeline import compile_text
from leadflow.store.outbox import OutboxRow, outbox
from tests.support.running import Home

TEXTS = compile_text(
    """
pipeline: texts
fields:
  phone: {type: phone, label: Телефон}
routing: [{assign: anna}]
stages:
  new:
    on_enter: [{send_sms: short}]
    when:
      - {signal: send_failed, do: [{create_task: {id: call, title: "Не дошло: {{ signal.reason }}"}}]}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""",
    short_sms_txt="Ждём вас!",
)


def text_of(one: Home, lead: str) -> OutboxRow:
    """The lead's one text, as the ledger has it."""
    (found,) = [each for each in outbox(one.store, lead=lead) if each.channel == "sms"]
    return found
