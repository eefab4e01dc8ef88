"""Faults: what is killed at which moment, and what must be true afterwards."""
