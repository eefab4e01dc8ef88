"""The authoring schema: the keys a file may have, as pydantic models with positions."""
