"""People as a pipeline names them: roles, users, teams, fields of type ``user``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leadflow.engine import pipeline as ir
from leadflow.engine.expr import Expr
from leadflow.spec.compile.draft import Draft
from leadflow.spec.conditions import ConditionError, parse_condition
from leadflow.spec.schema import actions as source
from leadflow.spec.schema.base import BAD_CONDITION, BAD_VALUE, Word, Written

ROLES = ("owner", "creator", "supervisor", "admin")
"""People that need no settings."""


def people(
    draft: Draft, words: Iterable[Word], ref: str, *, roles: Sequence[str] = ROLES
) -> ir.People:
    """Names of people; what has a dot names a field of type ``user``."""
    names: list[str] = []
    exprs: list[Expr] = []
    for word in words:
        if "." in word:
            expr = _person(draft, word, ref)
            exprs += [expr] if expr else []
        elif word in roles:
            names.append(str(word))
        else:
            names.append(draft.name("person", word))
    return ir.People(names=tuple(names), exprs=tuple(exprs))


def _person(draft: Draft, word: Word, ref: str) -> Expr | None:
    bare = word.strip().removeprefix("{{").removesuffix("}}").strip()
    try:
        return draft.condition(Written(parse_condition(bare), word), ref, "person")
    except ConditionError as error:
        for issue in error.all:
            draft.problem(word.spot, BAD_CONDITION, issue.message, issue.hint)
        return None


def by(
    draft: Draft, words: Sequence[Word] | None, ref: str, default: tuple[str, ...]
) -> tuple[str, ...]:
    """Who may do it."""
    if words is None:
        return default
    for word in words:
        if "." in word:
            hint = "name a role, a user or a team"
            draft.problem(word.spot, BAD_VALUE, f"'{word}' is a field: by cannot follow one", hint)
    fixed = [word for word in words if "." not in word]
    return people(draft, fixed, ref, roles=(*ROLES, "assignee")).names


def assignee(draft: Draft, given: Word | source.Turns | None, ref: str) -> ir.Assignee:
    """One responsible; by default the owner."""
    match given:
        case None:
            return ir.Assignee(people=ir.People(names=("owner",)))
        case source.Turns(round_robin=list(words)):
            return ir.Assignee(
                how="round_robin", people=ir.People(names=draft.name_all("turns", words))
            )
        case source.Turns(least_busy=words):
            return ir.Assignee(
                how="least_busy", people=ir.People(names=draft.name_all("turns", words or ()))
            )
        case Word() if given == "nobody":
            return ir.Assignee(how="nobody")
        case Word():
            return ir.Assignee(people=people(draft, [given], ref))


def named(words: Iterable[str]) -> str:
    """People as a part of a node's name, as the file has them."""
    return "+".join(word.strip().removeprefix("{{").removesuffix("}}").strip() for word in words)


def named_one(given: Word | source.Turns) -> str:
    """The same of one responsible: ``olga``, ``round_robin:sales``."""
    match given:
        case source.Turns(round_robin=list(words)):
            return f"round_robin:{named(words)}"
        case source.Turns(least_busy=words):
            return f"least_busy:{named(words or ())}"
        case Word():
            return named([given])
