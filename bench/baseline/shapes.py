"""What crosses between client, workflow and activities; plain dataclasses, Temporal's own JSON."""

from __future__ import annotations

from dataclasses import dataclass

TASK_QUEUE = "bench-baseline"


@dataclass
class Inquiry:
    """A new lead."""

    lead: str
    name: str
    phone: str
    email: str


@dataclass
class Task:
    """Something for the lead's owner to do."""

    lead: str
    stage: str
    title: str


@dataclass
class Move:
    """A new stage; the open tasks of the former one are cancelled."""

    lead: str
    stage: str
    price: str


@dataclass
class Mail:
    """A letter to the client; ``(lead, template)`` is sent once."""

    lead: str
    template: str
    name: str
    email: str
    price: str


@dataclass
class Overdue:
    """A task that nobody has done in time."""

    lead: str
    stage: str
