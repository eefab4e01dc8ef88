"""The tables of the hand-written process; opened with the settings that leadflow's own database has."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.baseline.shapes import Inquiry, Mail, Move, Task
from leadflow.store.db import open_store

SELLERS = ("anna", "boris")

_metadata = sa.MetaData()
_leads = sa.Table(
    "baseline_leads",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False, server_default="new"),
    sa.Column("price", sa.Text, nullable=False, server_default=""),
)
_tasks = sa.Table(
    "baseline_tasks",
    _metadata,
    sa.Column("lead", sa.Text, primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="open"),
)
_mails = sa.Table(
    "baseline_mails",
    _metadata,
    sa.Column("lead", sa.Text, primary_key=True),
    sa.Column("template", sa.Text, primary_key=True),
)
_contacts = sa.Table(
    "baseline_contacts",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
)
_deals = sa.Table(
    "baseline_deals",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("price", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
)
_turns = sa.Table(
    "baseline_turns",
    _metadata,
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)


class BaselineStore:
    """Every method is one transaction, and may be repeated."""

    def __init__(self, url: str) -> None:
        self._store = open_store(url)

    def prepare(self) -> None:
        """Makes the tables."""

        def work(connection: Connection) -> None:
            _metadata.create_all(connection)
            if connection.execute(sa.select(_turns)).first() is None:
                connection.execute(_turns.insert().values(team="sales", count=0))

        self._store.write(work)

    def close(self) -> None:
        """Closes every connection."""
        self._store.close()

    def assign(self, inquiry: Inquiry) -> str:
        """Stores the lead with its owner, in turn."""

        def work(connection: Connection) -> str:
            known = sa.select(_leads.c.owner).where(_leads.c.id == inquiry.lead)
            if owner := connection.execute(known).scalar():
                return str(owner)
            turn = _turns.update().values(count=_turns.c.count + 1).returning(_turns.c.count)
            owner = SELLERS[connection.execute(turn).scalar_one() % len(SELLERS)]
            row = {"id": inquiry.lead, "name": inquiry.name, "phone": inquiry.phone}
            connection.execute(_leads.insert().values(**row, email=inquiry.email, owner=owner))
            return owner

        return self._store.write(work)

    def create_task(self, task: Task) -> None:
        """Opens a task, once."""

        def work(connection: Connection) -> None:
            mine = (_tasks.c.lead == task.lead) & (_tasks.c.stage == task.stage)
            if connection.execute(sa.select(_tasks.c.lead).where(mine)).first() is None:
                row = {"lead": task.lead, "stage": task.stage, "title": task.title}
                connection.execute(_tasks.insert().values(**row))

        self._store.write(work)

    def move(self, move: Move) -> None:
        """Writes the stage; what was open in another one is cancelled."""
        self._store.write(lambda connection: _move(connection, move))

    def is_sent(self, mail: Mail) -> bool:
        """Whether a letter has gone."""
        mine = (_mails.c.lead == mail.lead) & (_mails.c.template == mail.template)
        query = sa.select(_mails.c.lead).where(mine)
        return self._store.read(lambda connection: connection.execute(query).first()) is not None

    def sent(self, mail: Mail) -> None:
        """Writes down that a letter has gone."""
        insert = _mails.insert().values(lead=mail.lead, template=mail.template)
        self._store.write(lambda connection: connection.execute(insert))

    def convert(self, move: Move) -> str:
        """Contact and deal, once; the deal's id is the lead's."""

        def work(connection: Connection) -> str:
            if connection.execute(sa.select(_deals.c.id).where(_deals.c.id == move.lead)).first():
                return move.lead
            query = sa.select(_leads).where(_leads.c.id == move.lead)
            lead = connection.execute(query).one()
            row = {"id": lead.id, "name": lead.name, "phone": lead.phone, "email": lead.email}
            connection.execute(_contacts.insert().values(**row))
            deal = {"id": lead.id, "contact": lead.id, "price": move.price, "owner": lead.owner}
            connection.execute(_deals.insert().values(**deal))
            _move(connection, move)
            return move.lead

        return self._store.write(work)

    def open_tasks(self, lead: str) -> list[str]:
        """The titles of what is to be done."""
        mine = (_tasks.c.lead == lead) & (_tasks.c.status == "open")
        query = sa.select(_tasks.c.title).where(mine)
        return self._store.read(lambda connection: list(connection.execute(query).scalars()))

    def deals(self) -> int:
        """How many there are."""
        query = sa.select(sa.func.count()).select_from(_deals)
        return self._store.read(lambda connection: connection.execute(query).scalar_one())


def _move(connection: Connection, move: Move) -> None:
    lead = _leads.c.id == move.lead
    connection.execute(_leads.update().where(lead).values(stage=move.stage, price=move.price))
    open_ = (_tasks.c.lead == move.lead) & (_tasks.c.stage != move.stage)
    stale = open_ & (_tasks.c.status == "open")
    connection.execute(_tasks.update().where(stale).values(status="cancelled"))
