"""From YAML to a compiled pipeline: loader with positions, authoring schema, checks, problems, graph."""
