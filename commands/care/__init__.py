"""Caring for a whole installation: ``backup restore confirm recover reconcile``."""
