"""Values at the edge: what people type becomes canonical (`leadflow.engine.fields`), and prints by its type."""

from leadflow.values.display import display
from leadflow.values.parse import BadValue, parse_value

__all__ = ["BadValue", "display", "parse_value"]
