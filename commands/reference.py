"""The reference of the command line as a page: ``leadflow reference > docs/cli.md`` (a test compares them)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

WIDTH = 100

HEAD = """# The command line

Made by `leadflow reference > docs/cli.md`; a test compares the two. `leadflow VERB --help` says the same, and
`leadflow --install-completion` makes the shell complete it.

**Leads** are named by their number (`12`) or their id. **Values** are written `field=value`: nothing after `=` clears a
field, a field named twice gets a list. **`--by USER`** says for whom you act: the command line acts with the operator's
rights, and the timeline names both. **`--json`** prints data instead of text.

## Exit statuses

| Status | Means |
|---|---|
| 0 | done |
| 1 | problems in files, failed scenarios, a refused decision, something wrong found by `doctor`: nothing was changed |
| 2 | the command line itself is wrong |
| 3 | something named does not exist: a lead, a pipeline, a user, a task |
| 4 | a server does not answer; the message says what to start |
| 5 | the installation cannot run like this: settings, key file, version of the database, a port that is taken |
| 70 | an error of leadflow itself; `LEADFLOW_DEBUG=1` shows where |

## Settings

| Variable | What | Default |
|---|---|---|
| `LEADFLOW_HOME` | the data directory | `./.leadflow` |
| `LEADFLOW_SPECS` | where paths of pipelines default to | `./specs` |
| `LEADFLOW_DATABASE_URL` | `sqlite:///path` or `postgresql://user:password@host/name` | `leadflow.db` in the data directory |
| `LEADFLOW_KEY_FILE` | the master key; keep a copy of it apart from backups of the database | `keys/master.key` in the data directory |
| `LEADFLOW_SMTP_URL` | `smtp://`, `smtps://`, STARTTLS where the server offers it | the catcher of `leadflow up` |
| `LEADFLOW_SMS_URL` | the gateway for SMS | the catcher of `leadflow up` |
| `LEADFLOW_MESSAGE_URL` | the gateway to messengers | the catcher of `leadflow up` |
| `TEMPORAL_ADDRESS` | `host:port` of a Temporal server | the one of `leadflow up` |
| `TEMPORAL_NAMESPACE` | its namespace | `default` |
| `LEADFLOW_METRICS` | `host:port` where the worker serves Prometheus | nowhere |
| `LEADFLOW_LOG` | `json` or `text`: the form of the logs | text on a terminal, else JSON |
| `LEADFLOW_DEBUG` | any value: errors with their traceback | |
"""


def verbs(app: typer.Typer) -> Iterator[tuple[str, Any]]:
    """Every verb that is not hidden, with its words: ``lead add``. A group that does something alone is one, too."""
    root: Any = typer.main.get_command(app)
    for name, command in root.commands.items():
        inner = getattr(command, "commands", {})
        if not command.hidden and (not inner or command.invoke_without_command):
            yield name, command
        for word, each in inner.items():
            if not each.hidden:
                yield f"{name} {word}", each


def help_text(words: str, command: Any) -> str:
    """What ``--help`` prints, at a width of its own."""
    context = command.context_class(command, info_name=f"leadflow {words}", terminal_width=WIDTH)
    lines = command.get_help(context).splitlines()
    return "\n".join(line.rstrip() for line in lines).rstrip()


def page(app: typer.Typer) -> str:
    """The whole page."""
    parts = [HEAD, "## Verbs\n"]
    for words, command in verbs(app):
        parts.append(f"### `leadflow {words}`\n\n```\n{help_text(words, command)}\n```\n")
    return "\n".join(parts)
