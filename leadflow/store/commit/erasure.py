"""Erasing a person from a lead: what was written, planned and shown about it (X14).

What stays says nothing about anybody: numbers, dates, stages, states, who of ours did what. The lead's own key is
destroyed later (`leadflow.store.keys.Vault.forget`), when its workflow does not need it any more: with it everything
sealed is gone, in Temporal's histories too.
"""

from __future__ import annotations

from leadflow.store.commit.transaction import Transaction
from leadflow.store.entries import UNFINISHED
from leadflow.store.tables import audiences, documents, effects, inbox, leads, tasks, timeline


def erase(tx: Transaction) -> None:
    """Takes the person's data out of every table of the lead.

    What this very commit tells advertisers stays until it has gone, sealed: that they have to forget the person, too.
    """
    lead, run = tx.state.lead, tx.connection.execute
    run(leads.update().where(leads.c.id == lead).values(erased=tx.now, pinned=""))
    run(tasks.update().where(tasks.c.lead == lead).values(title="", body=""))
    run(audiences.delete().where(audiences.c.lead == lead))
    run(documents.update().where(documents.c.lead == lead).values(values_sealed=None))
    run(inbox.delete().where(inbox.c.lead == lead))
    gone = {"effect_sealed": None, "bytes_sealed": None, "reply": "", "delivery_code": ""}
    goodbye = [one.key for one in tx.sends if one.channel == "audience"]
    mine = (effects.c.lead == lead) & effects.c.key.not_in(goodbye)
    stopped = {"state": "suppressed", "reason": "erased", "finished": tx.now}
    run(effects.update().where(mine, effects.c.state.in_(UNFINISHED)).values(stopped))
    run(effects.update().where(mine).values(gone))
    for row in run(timeline.select().where(timeline.c.lead == lead)).all():
        bare = [{**note, "detail": {}} for note in row.notes]
        same = (timeline.c.lead == lead) & (timeline.c.version == row.version)
        run(timeline.update().where(same).values(notes=bare))
