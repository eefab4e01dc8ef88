"""Tests of the bench: that it measures the process it says, not how quick anything is."""
