"""The scenarios that are meant to fail are no tests of this suite."""

collect_ignore_glob = ["failing/*"]
