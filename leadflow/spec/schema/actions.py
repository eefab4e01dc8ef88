"""Actions: verb-first maps with exactly one verb and what may stand beside it; tasks and the steps of programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field, Tag
from typing_extensions import override

from leadflow.spec.schema.base import CONFLICT, MISSING_KEY, NOT_ONE_ACTION, Issue, Part, Word
from leadflow.spec.schema.types import (
    At,
    Condition,
    Flag,
    Id,
    Listed,
    OneOrMany,
    PipelineId,
    Span,
    TemplateName,
    Values,
    Whole,
)


def word_or_part(value: object) -> str:
    """Tells a short value from a long form."""
    return "<word>" if isinstance(value, str) else "<part>"


People = OneOrMany[Word]
"""``owner creator supervisor admin``, a user, a team, or a field of type ``user`` (``lead.call.user``)."""

IfUnsure = Annotated[Literal["ask", "resend"], Listed()]


class Send(Part):
    """A message to the client: a template, or a text of its own."""

    short: ClassVar[str] = "template"

    template: TemplateName | None = None
    """Name of the template: `templates/NAME.email.md`, `.sms.txt` or `.message.txt`."""
    subject: Word | None = None
    """Subject of an e-mail whose text stands here."""
    text: Word | None = None
    """The text itself, instead of a template."""
    to: Id | None = None
    """The field with the address; by default the only field of its kind."""
    from_: People | None = Field(None, alias="from")
    """From whom (by default the owner)."""
    attach: OneOrMany[Id] = []
    """Documents, or fields of type file."""
    via: PipelineId | None = None
    """The connection it leaves by."""
    reply_in_thread: Flag = False
    """Answer in the thread of the last letter."""
    service: Flag = False
    """Contract papers, appointments: goes out although the client has opted out."""
    consent: Annotated[Literal["opt_out", "opt_in"], Listed()] | None = None
    """Another rule of consent than the pipeline's."""
    max_late: Span | None = None
    """Later than this after it first could go, it is dropped."""
    if_unsure: IfUnsure = "ask"
    """When nobody can know whether it arrived: ask the manager, or resend the same bytes."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        if self.template and self.text:
            yield Issue(
                CONFLICT, "template and text exclude each other", "keep one of them", key="text"
            )
        if not self.template and not self.text:
            yield Issue(MISSING_KEY, "nothing to send: neither template nor text is given")


class Notify(Part):
    """A word to our own people."""

    short: ClassVar[str] = "to"

    to: People
    """Owner, creator, supervisor, admin, a user or a team."""
    text: Word | None = None
    """What to say; by default what happened, in the program's own words."""
    if_unsure: IfUnsure = "resend"
    """When nobody can know whether it arrived."""


class Turns(Part):
    """A responsible found among several."""

    round_robin: OneOrMany[Word] | None = None
    """A team or a list of users who take turns."""
    least_busy: OneOrMany[Word] | None = None
    """Of a team or a list of users, the one with the fewest open leads."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        if (self.round_robin is None) == (self.least_busy is None):
            yield Issue(CONFLICT, "give exactly one of round_robin and least_busy")


Assignee = Annotated[
    Annotated[Word, Tag("<word>")] | Annotated[Turns, Tag("<part>")], Discriminator(word_or_part)
]
"""A person, `{round_robin: team or list}`, `{least_busy: …}` or `nobody`."""


class Webhook(Part):
    """A signed POST to a connection of the installation."""

    short: ClassVar[str] = "connection"

    connection: PipelineId
    """A connection of type webhook in leadflow.yaml."""
    body: dict[Word, Word] = {}
    """Names and texts to send."""


class Start(Part):
    """A new lead or deal in another pipeline."""

    short: ClassVar[str] = "pipeline"

    pipeline: PipelineId
    """Which pipeline."""
    map: dict[Id, Id] = {}
    """Their field: our field."""


class Button(Part):
    """A button on a task."""

    label: Word
    """What stands on it."""
    do: OneOrMany[Action] = []
    """What it does; when all has succeeded, the task is done."""
    outcome: Id | None = None
    """The outcome the task is then done with."""


class Task(Part):
    """A to-do for a person."""

    id: Id
    """Its stable name."""
    title: Word
    """What to do, in one line."""
    body: Word | None = None
    """A text, or the name of a template (`templates/NAME.task.md`)."""
    video: Word | None = None
    """Link to a video that explains it."""
    due: At | None = None
    """By when."""
    assign: Assignee | None = None
    """Whose task it is (by default the owner's)."""
    outcomes: Annotated[dict[Id, Word], Field()] = {}
    """The ways it can end; none: it is simply done."""
    by: People | None = None
    """Who may complete it (by default assignee, supervisor, admin)."""
    buttons: OneOrMany[Button] = []
    """Buttons on the task."""
    overdue: OneOrMany[Step] = []
    """What happens when it is not done by then."""
    remind: Span | None = None
    """So long before it is due, its assignee is reminded."""
    fixed_due: Flag = False
    """True: nobody may put it off."""
    keep: Flag = False
    """True: it outlives the stage's visit."""


TaskOrId = Annotated[
    Annotated[Id, Tag("<word>")] | Annotated[Task, Tag("<part>")], Discriminator(word_or_part)
]


class Verbs(Part):
    """The verbs: exactly one of them in an action."""

    send_email: Send | None = None
    """Sends an e-mail: `send_email: offer` sends `templates/offer.email.md`."""
    send_sms: Send | None = None
    """Sends an SMS: `templates/NAME.sms.txt`."""
    send_message: Send | None = None
    """Sends a message by messenger: `templates/NAME.message.txt`."""
    create_task: TaskOrId | None = None
    """Creates a task; an id alone means a task written elsewhere."""
    complete_task: Id | None = None
    """Completes the task, if open."""
    cancel_task: Id | None = None
    """Cancels the task, if open."""
    create_document: Id | None = None
    """Numbers and writes a document."""
    notify: Notify | None = None
    """Tells our own people."""
    watch: People | None = None
    """Puts the lead on their watch list for this visit."""
    assign: Assignee | None = None
    """Gives the lead a new owner."""
    set: Values | None = None
    """Writes fields: `{field: value}`; `"{{ … }}"` is computed."""
    add: dict[Id, Word] | None = None
    """Adds numbers to fields: `{field: number}`."""
    clear: OneOrMany[Id] | None = None
    """Empties fields."""
    pin_comment: Word | None = None
    """Pins a comment to the card: a text or a template."""
    add_to_audience: PipelineId | None = None
    """Adds the client to an advertising audience."""
    remove_from_audience: PipelineId | None = None
    """Removes the client from an advertising audience."""
    call_webhook: Webhook | None = None
    """Tells another system."""
    start_pipeline: Start | None = None
    """Starts a lead or deal in another pipeline."""
    snooze: At | None = None
    """Lets the lead sleep until then."""

    @property
    def verbs(self) -> list[str]:
        """The verbs written here, in the reference's order."""
        return [name for name in Verbs.model_fields if getattr(self, name) is not None]

    def _one_verb(self, *, optional: bool = False) -> Iterator[Issue]:
        verbs = self.verbs
        if not verbs and not optional:
            hint = "begin it with a verb, like create_task, send_email, notify or set"
            yield Issue(NOT_ONE_ACTION, "this action has no verb", hint)
        for verb in verbs[1:]:
            message = f"one action with two verbs: {verbs[0]} and {verb}"
            hint = "write each as an action of its own, in its own list item"
            yield Issue(NOT_ONE_ACTION, message, hint, key=verb)


class Action(Verbs):
    """One thing to do: a verb, and what may stand beside it."""

    if_: Condition | None = Field(None, alias="if")
    """Only if this holds."""
    id: Id | None = None
    """A stable name, needed where two equal actions stand in a list."""
    once: Flag = False
    """Once per lead, ever."""
    else_: OneOrMany[Action] = Field([], alias="else")
    """What to do if it was skipped or failed for good."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        yield from self._one_verb()


class Variant(Verbs):
    """A branch of a split test."""

    id: Id
    """Its stable name."""
    share: Whole = 1
    """Its weight among the variants."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        yield from self._one_verb()


class Step(Action):
    """One step in time: waits, then acts."""

    after: Span | None = None
    """So long after the previous step has ended; the first: after the start."""
    at: At | None = None
    """At this moment."""
    wait: Flag = False
    """Until the task it made is done."""
    variants: list[Variant] = []
    """A split test: one of them, by a hash of lead and step."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        timed = self.after is not None or self.at is not None
        yield from self._one_verb(optional=bool(self.variants) or timed)
        if self.variants and self.verbs:
            yield Issue(CONFLICT, "a step has either a verb or variants", key="variants")
        if self.after is not None and self.at is not None:
            yield Issue(CONFLICT, "after and at exclude each other", "keep one of them", key="at")
