"""A batch of which somebody else has stored a part: what is there is not done twice, what the run waits for is answered."""

import pytest
from msgspec.structs import replace

from leadflow.engine.effects import CancelSends, MakeDocument, StartOther, TaskOpened
from leadflow.store import outbox as box
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.leads import Filters, find_leads, history
from leadflow.store.ledger import Ledger
from leadflow.store.todo import find_tasks
from tests.store.samples import DEALS, NOW, Run, person


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    return Run(shop, vault, number=1)


def test_a_commit_that_was_overtaken_hears_of_its_messages(run: Run) -> None:
    """A door stored the run's own pending step together with one that called its letter back: the run waits for it still."""
    planned = run.batch(run.mail())
    recalled = CancelSends(
        key=run.key("cancel"), keys=(run.key("send_email:offer"),), reason="left"
    )
    both = run.batch(recalled)
    run.apply(replace(both, happened=(*planned.happened, *both.happened)))
    (row,) = box.outbox(run.store)
    answer = run.apply(planned)
    assert (row.state, answer.ahead) == ("suppressed", run.state)
    assert [each.key for each in answer.sends] == [row.key]


@pytest.mark.parametrize("overtaken", [False, True])
def test_a_message_whose_end_the_batch_tells_is_not_tried_again(run: Run, overtaken: bool) -> None:
    """A door has stored the step that sends, the run commits it with its end: nobody waits for it.

    Tried again, it told its old end, and that was taken for the end of what a person had ordered to be sent anew.
    """
    sends = run.batch(run.mail())
    run.apply(sends)
    key = run.key("send_email:offer")
    ledger = Ledger(run.store, run.vault)
    claimed = ledger.freeze(ledger.claim(key, "worker-1", NOW), b"text")
    ledger.hand_over(claimed, NOW, NOW)
    ledger.unsure(claimed, NOW, "hung up")
    ended = run.batch(event=f"{key}/ambiguous/1", kind="EffectDone")
    both = replace(ended, happened=(*sends.happened, *ended.happened))
    if overtaken:
        news = run.batch()
        run.apply(replace(news, happened=(*both.happened, *news.happened)))
    answer = run.apply(both)
    assert (answer.ahead is not None, answer.sends) == (overtaken, ())


def test_a_message_planned_anew_after_its_end_is_tried(run: Run) -> None:
    """Put off, and planned again under the same key, all in one batch: the run waits for it."""
    sends, key = run.batch(run.mail()), run.key("send_email:offer")
    later = run.batch(event=f"{key}/postponed/1", kind="EffectDone")
    again = run.batch(run.mail())
    happened = (*sends.happened, *later.happened, *again.happened)
    answer = run.apply(replace(again, happened=happened))
    assert {each.key for each in answer.sends} == {key}


def test_a_reset_run_may_commit_at_once_what_was_committed_in_two(run: Run) -> None:
    """What the store has of it already is not done twice: the same task, number, deal and events; the rest is added."""
    first = run.batch(
        TaskOpened(key=run.key("task"), task="call", assignee=person("owner")),
        MakeDocument(key=run.key("offer"), document="offer"),
        StartOther(key=run.key("start"), pipeline=DEALS.id),
        run.mail(),
    )
    told = run.apply(first)
    second = run.batch(run.mail("send_email:second"))
    both = (*first.happened, *second.happened)
    answer = run.apply(replace(second, happened=both))
    assert answer.facts == told.facts
    assert len(answer.sends) == len(box.outbox(run.store)) == 2
    assert len(find_tasks(run.store)) == len(find_leads(run.store, Filters(kind="deal"))) == 1
    assert [moment.version for moment in history(run.store, run.lead)] == [1, 2]
