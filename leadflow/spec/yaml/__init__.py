"""The YAML that the language is written in: a bounded part of it, and its mistakes told to people."""
