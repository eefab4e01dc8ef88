"""What leaves the house, attempt by attempt."""
