"""Conversion: contact, company and deal, all or nothing, once (S41–S43; promise P7)."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from leadflow.engine.effects import ConvertLead
from leadflow.engine.events import ConvertDone, ConvertFailed
from leadflow.engine.fields import Value
from leadflow.engine.pipeline import Pipeline
from leadflow.store.commit import runs
from leadflow.store.commit.transaction import Transaction
from leadflow.store.tables import companies, contacts, deals
from leadflow.store.titles import title_of

TABLES = {"company": companies, "contact": contacts, "deal": deals}


def convert_lead(tx: Transaction, effect: ConvertLead) -> None:
    """Makes the rows, or answers why not; the same conversion again answers with the rows there are."""
    created = _made(tx, effect)
    if not created:
        target = runs.published(tx, effect.pipeline) if effect.pipeline else None
        if reason := _contradiction(effect, target):
            failed = ConvertFailed(id=f"{effect.key}/failed", key=effect.key, reason=reason)
            tx.facts.append(failed)
            return
        created = _make(tx, effect, target)
    tx.facts.append(ConvertDone(id=f"{effect.key}/done", key=effect.key, created=created))


def _made(tx: Transaction, effect: ConvertLead) -> dict[str, str]:
    found = {}
    for name, table in TABLES.items():
        same = (table.c.lead == tx.state.lead) & (table.c.conversion == effect.conversion)
        row = tx.connection.execute(sa.select(table.c.id).where(same)).first()
        if row is not None:
            found[name] = row.id
    return found


def _contradiction(effect: ConvertLead, target: Pipeline | None) -> str:
    unknown = [name for name in effect.create if name not in TABLES]
    if unknown or not effect.create:
        return f"nothing can be made of: {', '.join(unknown) or 'nothing'}"
    if not effect.pipeline:
        return ""
    if "deal" not in effect.create:
        return f"pipeline '{effect.pipeline}' is for a deal, and none is to be made"
    if target is None:
        return f"there is no pipeline '{effect.pipeline}': publish it"
    if target.kind != "deal":
        return f"pipeline '{effect.pipeline}' is for leads, not for deals"
    return ""


def _make(tx: Transaction, effect: ConvertLead, target: Pipeline | None) -> dict[str, str]:
    created: dict[str, str] = {}
    for name, number in tx.records(effect).items():
        table = TABLES[name]
        fields = effect.fields.get(name, {})
        links = {to: created.get(to) for to in ("company", "contact") if to in table.c}
        more: dict[str, str] = {}
        if name == "deal":
            more["pipeline"] = effect.pipeline
            more["run"] = runs.begin(tx, target, effect.key, fields) if target else ""
        created[name] = number
        tx.connection.execute(
            table.insert(),
            {
                "id": created[name],
                "lead": tx.state.lead,
                "conversion": effect.conversion,
                "title": _title(tx, name, fields),
                "owner": tx.owner,
                "source": tx.state.source,
                "fields": fields,
                "created": tx.now,
                **links,
                **more,
            },
        )
    return created


def _title(tx: Transaction, record: str, fields: Mapping[str, Value]) -> str:
    own = tx.state.title if record == "deal" else ""
    return own or title_of(tx.pipeline, fields)
