"""A lead's values for the tests of texts."""

from leadflow.engine.fields import Field, FieldType, Value
from leadflow.text import Context, Typed, typed


def value(kind: FieldType, found: Value, **more: object) -> Typed:
    """A value of a field that is nothing but its type, and what else is given."""
    return typed(Field(id="f", type=kind, label="F", **more), found)  # type: ignore[arg-type] # a test names real members


LEAD: Context = {
    "lead.name": value("person", {"first": "Анна", "last": "Котова"}),
    "lead.phone": value("phone", {"number": "+79161234567", "kind": "work", "ext": "12"}),
    "lead.email": value("email", None),
    "lead.price": value("money", "12500", currency="RUB"),
    "lead.fee": value("money", "2500.5", currency="RUB"),
    "lead.guests": value("number", "5"),
    "lead.day": value("date", "2026-11-25"),
    "lead.visit": value("datetime", "2026-11-25T11:00:00Z"),
    "lead.client": value("choice", "legal", options={"person": "Физлицо", "legal": "Юрлицо"}),
    "lead.topics": value("choices", ["a", "b"], options={"a": "Окна", "b": "Двери"}),
    "lead.tags": value("text", [], many=True),
    "lead.urgent": value("flag", True),
    "lead.note": value("long_text", "<b>мы & [вы](http://evil.example)</b>"),
    "task.contact": value("text", "open"),
    "task.contact.count": value("number", "2"),
    "owner": value("user", "anna", options={"anna": "Анна К."}),
    "owner.phone": value("phone", {"number": "+74951234567"}),
    "stage": value("text", "Новый"),
    "today": value("date", "2026-11-23"),
}
