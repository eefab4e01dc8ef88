"""A lead whose worker has gone, and which is asked something: whoever takes it over decides as every later replay does."""

from __future__ import annotations

import asyncio
from pathlib import Path

from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from leadflow.engine.events import Created, Signal
from leadflow.spec.compile.pipeline import compile_text
from proving.sinks.process import Sink
from tests.support.running import ANNA, home, until, working
from tests.support.tiny import OFFER
from workflows.lead import LeadWorkflow
from workflows.payloads import data_converter

LETTER = """
pipeline: letter
title: Письмо
fields:
  name:  {type: person, label: Имя}
  email: {type: email, label: E-mail}
  price: {type: money, label: Стоимость, currency: RUB}
routing: [{assign: anna}]
stages:
  new: {on_enter: [{send_email: offer}], exits: [{signal: sell, label: Продать, goto: won}]}
  won: {final: success, convert: {create: [contact, deal]}}
"""
FIELDS = {"name": "Иван", "email": "c@example.org", "price": "1"}


async def test_who_takes_a_lead_over_decides_in_the_order_of_its_history(
    tmp_path: Path, temporal_server: str
) -> None:
    """A letter's result is heard and leads to nothing; the worker goes; a decision comes before another one is there.

    He meets both at once: the result first, the decision second, as they were, so that what he writes replays.
    """
    made = compile_text(LETTER, offer_email_md=OFFER)
    with Sink("smtp", tmp_path) as smtp:
        async with home(tmp_path, temporal_server, made, smtp_url=smtp.url) as one:
            async with working(one.settings):
                created = Created(id="c", fields=FIELDS)  # type: ignore[arg-type]  # raw values
                lead = (await one.gateway.add("letter", created, source="t", external_id="")).lead
                await until(
                    lambda: one.card(lead), lambda card: card.occurrences and not card.sends
                )
                await one.calm(lead)
            sell = Signal(id="s", actor=ANNA, name="sell")
            selling = asyncio.create_task(one.gateway.act(lead, sell))
            await asyncio.wait([selling], timeout=1)
            async with working(one.settings):
                assert (await selling).refusals == ()
                await one.client.get_workflow_handle(lead).result()
            history = await one.client.get_workflow_handle(lead).fetch_history()
            replayer = Replayer(
                workflows=[LeadWorkflow],
                workflow_runner=UnsandboxedWorkflowRunner(),
                data_converter=data_converter(one.vault),
            )
            await replayer.replay_workflow(history)
