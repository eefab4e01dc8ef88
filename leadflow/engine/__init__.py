"""The pure machine: events in, state and effects out. No clock, no randomness, no I/O."""
