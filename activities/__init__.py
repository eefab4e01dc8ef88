"""Where a lead touches the world: Temporal activities, methods on classes with injected ports."""
