"""The whole system: real servers, real processes."""
