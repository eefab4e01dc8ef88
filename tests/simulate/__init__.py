"""A corpus of scenarios: those that pass, those that must fail with exactly this text."""
