"""Actions: what each verb is compiled to, and what it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from leadflow.engine import pipeline as ir
from leadflow.engine.expr import Arith, Lit, Or, Ref
from leadflow.engine.fields import Field
from leadflow.spec.compile.draft import Draft
from leadflow.spec.compile.people import assignee, named, named_one, people
from leadflow.spec.compile.text import template, text, text_or_template
from leadflow.spec.compile.values import assigns, literal
from leadflow.spec.schema import actions as source
from leadflow.spec.schema.base import Part, Word

EQUAL_NAMES = "LF223"
NO_ADDRESS = "LF506"
SEVERAL_ADDRESSES = "LF507"

_ADDRESS = {"email": "email", "sms": "phone", "message": "phone"}
_NUMBER = Field(id="amount", type="number", label="amount")


def actions(draft: Draft, parts: Sequence[source.Action], ref: str) -> tuple[ir.Action, ...]:
    """A list of actions; equal ones need ids, because a node's name is part of its effect's key (Meaning 11).

    A name says what is done and to whom, never where in the list: what stands beside it may come and go.
    """
    made = tuple(
        action(draft, part, f"{ref}/{part.id or index}") for index, part in enumerate(parts)
    )
    distinct(draft, [(node.node, part) for node, part in zip(made, parts, strict=True)])
    return made


def distinct(draft: Draft, named: Iterable[tuple[str, Part]]) -> None:
    """Equal names in one list are problems at the second."""
    seen: set[str] = set()
    for node, part in named:
        if node in seen:
            message = f"a second '{node}' in this list"
            draft.problem(part.spot, EQUAL_NAMES, message, "give it an id of its own: id: NAME")
        seen.add(node)


def action(draft: Draft, part: source.Action, ref: str) -> ir.Action:
    """One action."""
    do, name = perform(draft, part, ref)
    return guarded(draft, do, part, part, ref, str(part.id or name))


def guarded(
    draft: Draft, do: ir.Do, part: Part, rules: source.Action, ref: str, node: str
) -> ir.Action:
    """What is done, under what stands beside it: ``if``, ``once``, ``else`` of ``rules``."""
    if rules.once:
        _once(draft, part, node, do)
    return ir.Action(
        ref=ref,
        node=node,
        do=do,
        condition=draft.condition(rules.if_, ref),
        once=rules.once,
        otherwise=actions(draft, rules.else_, f"{ref}/else"),
        pos=draft.node(ref, part.spot),
    )


def _once(draft: Draft, part: Part, node: str, do: ir.Do) -> None:
    """What happens once in a lead's life is known by its name: one name means one thing in the whole pipeline."""
    if draft.once.setdefault(node, do) != do:
        message = f"another 'once' with the name '{node}' does something else"
        hint = "what has been done once is known by its name: give one of them an id, id: NAME"
        draft.problem(part.spot, EQUAL_NAMES, message, hint)


def perform(draft: Draft, part: source.Verbs, ref: str) -> tuple[ir.Do, str]:
    """What an action does, and its name where the author gave no id: verb and object (``send_email:offer``)."""
    verb = part.verbs[0]
    do, what = _VERBS[verb](draft, getattr(part, verb), ref)
    return do, f"{verb}:{what}" if what else verb


def _send(
    channel: Literal["email", "sms", "message"],
) -> Callable[[Draft, source.Send, str], tuple[ir.Do, str]]:
    def compiled(draft: Draft, part: source.Send, ref: str) -> tuple[ir.Do, str]:
        if part.template:
            body = template(draft, part.template, channel, ref, to_client=True)
        else:
            body = text(draft, part.text or Word(), ref, to_client=True)
        return ir.Send(
            channel=channel,
            body=body,
            subject=text(draft, part.subject, ref, to_client=True) if part.subject else None,
            to=draft.name("field", part.to) if part.to else _only_address(draft, part, channel),
            sender=people(draft, part.from_, ref) if part.from_ else ir.People(names=("owner",)),
            attach=draft.name_all("attachment", part.attach),
            via=draft.name("connection", part.via, channel) if part.via else "",
            reply_in_thread=part.reply_in_thread,
            service=part.service,
            consent=part.consent or "",
            max_late=part.max_late,
            if_unsure=part.if_unsure,
        ), str(part.template or "")

    return compiled


def _only_address(draft: Draft, part: source.Send, channel: str) -> str:
    wanted = _ADDRESS[channel]
    found = [field.id for field in draft.fields.values() if field.type == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        message = f"several fields of type {wanted}: {', '.join(found)}"
        draft.problem(part.spot, SEVERAL_ADDRESSES, message, f"say which one: to: {found[0]}")
    else:
        message = f"no field of type {wanted} to send to"
        draft.problem(part.spot, NO_ADDRESS, message, f"add a field: {wanted}: {{type: {wanted}}}")
    return ""


def _notify(draft: Draft, part: source.Notify, ref: str) -> tuple[ir.Do, str]:
    to = people(draft, part.to, ref)
    said = text(draft, part.text, ref) if part.text else ir.Text()
    return ir.Notify(to=to, text=said, if_unsure=part.if_unsure), named(part.to)


def _watch(draft: Draft, words: list[Word], ref: str) -> tuple[ir.Do, str]:
    return ir.Watch(to=people(draft, words, ref)), named(words)


def _create_task(draft: Draft, given: Word | source.Task, _ref: str) -> tuple[ir.Do, str]:
    task_id = draft.name("task", given) if isinstance(given, Word) else draft.define_task(given)
    return ir.CreateTask(task=task_id), task_id


def _finish_task(*, cancel: bool) -> Callable[[Draft, Word, str], tuple[ir.Do, str]]:
    def compiled(draft: Draft, word: Word, _ref: str) -> tuple[ir.Do, str]:
        task_id = draft.name("task", word)
        return ir.FinishTask(task=task_id, cancel=cancel), task_id

    return compiled


def _create_document(draft: Draft, word: Word, ref: str) -> tuple[ir.Do, str]:
    template(draft, word, "document", ref)
    return ir.CreateDocument(document=draft.name("document", word)), str(word)


def _assign(draft: Draft, given: Word | source.Turns, ref: str) -> tuple[ir.Do, str]:
    return ir.AssignOwner(to=assignee(draft, given, ref)), named_one(given)


def _set(draft: Draft, values: dict[Word, Any], ref: str) -> tuple[ir.Do, str]:
    return ir.SetFields(assigns=assigns(draft, values, ref)), "+".join(values)


def _add(draft: Draft, values: dict[Word, Word], ref: str) -> tuple[ir.Do, str]:
    name = "+".join(values)
    if any("{{" in raw for raw in values.values()):
        sums = assigns(draft, values, ref)
        return ir.SetFields(assigns=tuple(_onto(draft, each) for each in sums)), name
    amounts = {
        draft.name("field", word): str(literal(draft, _NUMBER, raw) or "0")
        for word, raw in values.items()
    }
    return ir.AddFields(amounts=amounts), name


def _onto(draft: Draft, to: ir.Assign) -> ir.Assign:
    """A computed amount is added by writing the sum; an empty field counts as nothing."""
    nothing = Lit("number", "0")
    before = Or((Ref((draft.model.kind, to.field)), nothing))
    amount = to.expr or Lit("number", str(to.value or "0"))
    return ir.Assign(field=to.field, expr=Arith("+", before, Or((amount, nothing))))


def _clear(draft: Draft, words: list[Word], _ref: str) -> tuple[ir.Do, str]:
    names = draft.name_all("field", words)
    return ir.SetFields(assigns=tuple(ir.Assign(field=name) for name in names)), "+".join(names)


def _pin(draft: Draft, word: Word, ref: str) -> tuple[ir.Do, str]:
    pinned = text_or_template(draft, word, "task", ref)
    return ir.PinComment(text=pinned), pinned.template


def _audience(*, remove: bool) -> Callable[[Draft, Word, str], tuple[ir.Do, str]]:
    def compiled(draft: Draft, word: Word, _ref: str) -> tuple[ir.Do, str]:
        name = draft.name("audience", word)
        return ir.ChangeAudience(name=name, remove=remove), name

    return compiled


def _webhook(draft: Draft, part: source.Webhook, ref: str) -> tuple[ir.Do, str]:
    body = {str(name): text(draft, value, ref) for name, value in part.body.items()}
    name = draft.name("connection", part.connection, "webhook")
    return ir.CallWebhook(connection=name, body=body), name


def _start(draft: Draft, part: source.Start, _ref: str) -> tuple[ir.Do, str]:
    name = draft.name("pipeline", part.pipeline)
    return ir.StartPipeline(pipeline=name, map=carried(draft, part.map, name)), name


def carried(draft: Draft, fields: dict[Word, Word], pipeline: str) -> dict[str, str]:
    """``map: {theirs: ours}``."""
    return {
        draft.name("theirs", theirs, pipeline): draft.name("field", ours)
        for theirs, ours in fields.items()
    }


def _snooze(draft: Draft, given: Any, _ref: str) -> tuple[ir.Do, str]:
    return ir.Snooze(until=draft.moment(given)), ""


_VERBS: dict[str, Callable[[Draft, Any, str], tuple[ir.Do, str]]] = {
    "send_email": _send("email"),
    "send_sms": _send("sms"),
    "send_message": _send("message"),
    "create_task": _create_task,
    "complete_task": _finish_task(cancel=False),
    "cancel_task": _finish_task(cancel=True),
    "create_document": _create_document,
    "notify": _notify,
    "watch": _watch,
    "assign": _assign,
    "set": _set,
    "add": _add,
    "clear": _clear,
    "pin_comment": _pin,
    "add_to_audience": _audience(remove=False),
    "remove_from_audience": _audience(remove=True),
    "call_webhook": _webhook,
    "start_pipeline": _start,
    "snooze": _snooze,
}
