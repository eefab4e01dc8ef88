"""What actions write into fields."""

from __future__ import annotations

from collections.abc import Iterable

from leadflow.engine.pipeline import Action, AddFields, Assign, SetFields

Facts = frozenset[str]
"""Fields that are surely filled somewhere."""


def touched(action: Action) -> Facts:
    """The fields that an action writes, be it with nothing."""
    match action.do:
        case SetFields(assigns=assigns):
            return frozenset(assign.field for assign in assigns)
        case AddFields(amounts=amounts):
            return frozenset(amounts)
        case _:
            return frozenset()


def set_by(action: Action) -> Facts:
    """The fields that an action fills for certain: it has no `if`."""
    if action.condition is not None:
        return frozenset()
    return assigned(action.do.assigns) if isinstance(action.do, SetFields) else touched(action)


def assigned(assigns: Iterable[Assign]) -> Facts:
    """The fields that are written with a value."""
    return frozenset(assign.field for assign in assigns if fills(assign))


def fills(assign: Assign) -> bool:
    """Whether it writes a value, not nothing."""
    return (
        assign.expr is not None
        or assign.moment is not None
        or assign.value not in (None, "", [], {})
    )
