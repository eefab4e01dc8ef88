"""Reads the tour out of the README: files to write, commands to run, what they must print."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(
    r"(?P<eventually><!-- eventually -->\n)?^```(?P<info>\S+)(?: (?P<file>\S+))?\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Command:
    """One ``$ …`` line and what stands under it."""

    line: str
    expected: list[str] = field(default_factory=list)

    def matches(self, printed: str) -> bool:
        """``…`` stands for anything in a line; alone on a line, for any lines."""
        pattern = ""
        for line in self.expected:
            if line == "…":
                pattern += r"(?:.*\n)*?"
            else:
                pattern += ".*".join(re.escape(part) for part in line.split("…")) + r" *\n"
        text = printed if printed.endswith("\n") or not printed else printed + "\n"
        return re.fullmatch(pattern, text) is not None


@dataclass
class Block:
    """A fenced block: a file to write, or commands."""

    file: str = ""
    text: str = ""
    commands: list[Command] = field(default_factory=list)
    eventually: bool = False
    """The first command is asked again until it prints what is expected."""


def blocks(page: Path, section: str) -> list[Block]:
    """The blocks of one ``##`` section that name a file or begin with a prompt."""
    text = page.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    found = []
    for fence in _FENCE.finditer(text):
        if fence["file"]:
            found.append(Block(file=fence["file"], text=fence["body"]))
        elif fence["info"] == "console":
            commands: list[Command] = []
            for line in fence["body"].splitlines():
                if line.startswith("$ "):
                    commands.append(Command(line[2:]))
                else:
                    commands[-1].expected.append(line)
            found.append(Block(commands=commands, eventually=bool(fence["eventually"])))
    return found
