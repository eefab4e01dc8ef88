"""Every table. Kept in one place, so that the whole memory of an installation can be read in one sitting.

Three groups: the **read model** (leads, tasks, timeline …: a projection of the workflows, never their source), the
**records** of the CRM (contacts, companies, deals, documents), and the **ledgers** that make effects happen once
(effects, inbox, starts). Columns ``…_sealed`` hold bytes under the lead's own key (`leadflow.store.keys`).
"""

from __future__ import annotations

import sqlalchemy as sa

from leadflow.store.types import Instant, Json

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = sa.String(64)
KEY = sa.String(300)
NAME = sa.String(200)


def text(name: str, kind: sa.types.TypeEngine[str] = NAME) -> sa.Column[str]:
    """A text column that is never null: empty means empty."""
    return sa.Column(name, kind, nullable=False, server_default="")


# ---- the read model -------------------------------------------------------------------------------------------------

leads = sa.Table(
    "leads",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False, unique=True),
    text("pipeline"),
    text("hash", ID),
    text("kind"),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    text("stage"),
    sa.Column("visit", sa.Integer, nullable=False, server_default="0"),
    text("owner"),
    text("creator"),
    text("source"),
    text("channel"),
    text("title"),
    sa.Column("fields", Json, nullable=False, server_default="{}"),
    sa.Column("ticks", Json, nullable=False, server_default="[]"),
    text("closed"),
    sa.Column("created", Instant),
    sa.Column("entered", Instant),
    sa.Column("closed_at", Instant),
    sa.Column("next_deadline", Instant),
    sa.Column("snoozed_until", Instant),
    text("quarantined", sa.Text()),
    text("pinned", sa.Text()),
    sa.Column(
        "state_sealed", sa.LargeBinary, doc="The whole State: `reopen` and `recover` begin from it."
    ),
    sa.Column(
        "answer_sealed",
        sa.LargeBinary,
        doc="What the last commit answered: a repeated commit answers the same.",
    ),
    sa.Index(None, "pipeline", "stage", "closed"),
    sa.Index(None, "owner", "closed"),
)

lead_keys = sa.Table(
    "lead_keys",
    metadata,
    sa.Column("lead", ID, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    text("master"),
)

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("key", KEY, primary_key=True),
    sa.Column("lead", ID, sa.ForeignKey("leads.id"), nullable=False, index=True),
    text("task"),
    text("title", sa.Text()),
    text("body", sa.Text()),
    text("video", sa.Text()),
    text("assignee"),
    sa.Column("follows_owner", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("opened", Instant, nullable=False),
    sa.Column("due", Instant),
    text("status"),
    text("outcome"),
    sa.Column("overdue", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("done_at", Instant),
    text("done_by"),
    text("about"),
    text("settles", KEY),
    sa.Index(None, "assignee", "status", "due"),
)

timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("lead", ID, sa.ForeignKey("leads.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    text("event", KEY),
    sa.Column("at", Instant, nullable=False),
    text("kind"),
    text("actor"),
    text("via"),
    sa.Column("notes", Json, nullable=False, server_default="[]"),
)

watchers = sa.Table(
    "watchers",
    metadata,
    sa.Column("lead", ID, sa.ForeignKey("leads.id"), primary_key=True),
    sa.Column("user", NAME, primary_key=True),
    text("scope"),
)

audiences = sa.Table(
    "audiences",
    metadata,
    sa.Column("name", NAME, primary_key=True),
    sa.Column("lead", ID, sa.ForeignKey("leads.id"), primary_key=True),
    sa.Column("since", Instant, nullable=False),
)

# ---- the CRM's records ----------------------------------------------------------------------------------------------


def record(name: str, *links: sa.Column[str]) -> sa.Table:
    """Contact, company or deal: made once by a lead's conversion, or by hand (``lead`` empty then)."""
    return sa.Table(
        name,
        metadata,
        sa.Column("id", ID, primary_key=True),
        sa.Column("lead", ID, index=True),
        sa.Column("conversion", sa.Integer),
        text("title", sa.Text()),
        text("owner"),
        text("source"),
        sa.Column("fields", Json, nullable=False, server_default="{}"),
        sa.Column("created", Instant, nullable=False),
        *links,
        sa.UniqueConstraint("lead", "conversion"),
    )


companies = record("companies")
contacts = record("contacts", sa.Column("company", ID, sa.ForeignKey("companies.id")))
deals = record(
    "deals",
    sa.Column("contact", ID, sa.ForeignKey("contacts.id")),
    sa.Column("company", ID, sa.ForeignKey("companies.id")),
    text("pipeline"),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("key", KEY, primary_key=True),
    sa.Column("lead", ID, sa.ForeignKey("leads.id"), nullable=False, index=True),
    text("document"),
    text("number"),
    text("html", sa.Text()),
    sa.Column("made", Instant, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column(
        "name", NAME, primary_key=True, doc="``lead``; ``document/<pipeline>/<id>/<period>``."
    ),
    sa.Column("value", sa.Integer, nullable=False),
)

# ---- ledgers: what makes things happen once -------------------------------------------------------------------------

effects = sa.Table(
    "effects",
    metadata,
    sa.Column("key", KEY, primary_key=True),
    sa.Column(
        "hash",
        sa.String(32),
        nullable=False,
        unique=True,
        doc="All that the outside sees of the key.",
    ),
    sa.Column("lead", ID, sa.ForeignKey("leads.id"), nullable=False, index=True),
    text("effect", KEY),
    text("kind"),
    text("channel"),
    text("connection"),
    text("pipeline"),
    text("template"),
    text("scope"),
    text("ref"),
    text("pos"),
    sa.Column("sealed", sa.LargeBinary, nullable=False, doc="The effect itself, values frozen."),
    text("address_hash", ID),
    sa.Column("automatic", sa.Boolean, nullable=False, server_default=sa.true()),
    text("state"),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    text("worker"),
    sa.Column("planned", Instant, nullable=False),
    sa.Column("not_after", Instant),
    sa.Column("claimed", Instant),
    sa.Column("handed", Instant),
    sa.Column("finished", Instant),
    sa.Column(
        "bytes_sealed", sa.LargeBinary, doc="The rendered message: the same for every attempt."
    ),
    text("message_id"),
    text("reason", sa.Text()),
    text("reply", sa.Text()),
    text("provider_id"),
    text("if_unsure"),
    sa.Column("resends", sa.Integer, nullable=False, server_default="0"),
    sa.Index(None, "state", "planned"),
)

starts = sa.Table(
    "starts",
    metadata,
    sa.Column("lead", ID, sa.ForeignKey("leads.id"), primary_key=True),
    sa.Column("event_sealed", sa.LargeBinary, nullable=False),
    sa.Column("since", Instant, nullable=False),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("source", NAME, primary_key=True),
    sa.Column("external_id", NAME, primary_key=True),
    sa.Column("lead", ID, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

suppressions = sa.Table(
    "suppressions",
    metadata,
    sa.Column("channel", NAME, primary_key=True),
    sa.Column("address_hash", ID, primary_key=True, doc="SHA-256 of the normalised address."),
    text("reason"),
    sa.Column("since", Instant, nullable=False),
)

channels = sa.Table(
    "channels",
    metadata,
    sa.Column("name", NAME, primary_key=True),
    text("paused", sa.Text()),
    sa.Column("since", Instant),
)

holds = sa.Table(
    "holds",
    metadata,
    sa.Column(
        "what", NAME, primary_key=True, doc="``all``, ``pipeline:<id>``, ``template:<name>``."
    ),
    text("by"),
    sa.Column("since", Instant, nullable=False),
)

rotations = sa.Table(
    "rotations",
    metadata,
    sa.Column(
        "list",
        NAME,
        primary_key=True,
        doc="Pipeline and list as written: each list has a turn of its own.",
    ),
    text("last"),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("key", KEY, primary_key=True, doc="One alert a cause: a second one changes nothing."),
    text("text", sa.Text()),
    sa.Column("since", Instant, nullable=False),
    sa.Column("until", Instant),
)

# ---- what was published ---------------------------------------------------------------------------------------------

pipelines = sa.Table(
    "pipelines",
    metadata,
    sa.Column("id", NAME, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("hash", ID, nullable=False, index=True),
    sa.Column("ir", sa.LargeBinary, nullable=False, doc="The compiled pipeline, zlib over JSON."),
    sa.Column(
        "sources",
        sa.LargeBinary,
        nullable=False,
        doc="The files it was made from: path → text, zlib over JSON.",
    ),
    sa.Column("published", Instant, nullable=False),
    text("by"),
)

blobs = sa.Table(
    "blobs", metadata, sa.Column("sha256", ID, primary_key=True), text("body", sa.Text())
)

installations = sa.Table(
    "installations",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("data", Json, nullable=False),
    sa.Column("published", Instant, nullable=False),
    text("by"),
)

meta = sa.Table(
    "meta", metadata, sa.Column("name", NAME, primary_key=True), text("value", sa.Text())
)
