"""The verbs of the `leadflow` command, one file per group."""
