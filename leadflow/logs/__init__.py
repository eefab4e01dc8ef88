"""Logs: one event a line, ids only, with a net below that hides what looks like a person or a secret."""
