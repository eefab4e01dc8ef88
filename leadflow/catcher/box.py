"""What was caught, in a file of JSON lines: each line is on the disk before its sender hears "accepted"."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from leadflow.errors import Misconfigured

Kind = Literal["email", "sms", "message", "webhook"]


class Caught(msgspec.Struct, frozen=True):
    """One caught message, as the lists show it."""

    id: int
    """Counts from 1 in the order of arrival."""
    kind: Kind
    key: str
    """Hash of the effect key; empty for what others send."""
    at: datetime
    """UTC."""
    sender: str
    to: str
    """Address, number, or the webhook's name."""
    subject: str
    """The mail's subject, the beginning of the text, or of the body."""
    again: bool = False
    """Whether one of this kind with this key came before."""


class _Line(Caught, frozen=True):
    content: bytes = b""


_LINE = msgspec.json.Decoder(_Line)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What came in; fields as in `Caught`."""

    key: str
    sender: str = ""
    to: str
    subject: str
    content: bytes
    """RFC 5322, or JSON."""


class Box:
    """All caught messages; their contents stay in the file. One process writes it at a time."""

    def __init__(self, path: Path) -> None:
        """Opens the file, made if need be; a line torn by a crash, acknowledged to nobody, is cut off.

        Raises:
            Misconfigured: the file is not what this program wrote.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b", buffering=0)
        self._writing = asyncio.Lock()
        self._entries: list[Caught] = []
        self._places: list[tuple[int, int]] = []
        self._first_by_key: dict[tuple[Kind, str], Caught] = {}
        try:
            self._load()
        except Misconfigured:
            self._file.close()
            raise

    def close(self) -> None:
        self._file.close()

    async def put(self, kind: Kind, draft: Draft, *, once: bool = False) -> Caught:
        """Keeps a message; when this returns it is on the disk.

        Args:
            kind: which way it came.
            draft: the message.
            once: a key that came before is not kept again; its first message is returned.
        """
        async with self._writing:
            first = self._first_by_key.get((kind, draft.key))
            if once and first is not None:
                return first
            line = _Line(
                id=len(self._entries) + 1,
                kind=kind,
                key=draft.key,
                at=datetime.now(UTC),
                sender=draft.sender,
                to=draft.to,
                subject=draft.subject,
                again=first is not None,
                content=draft.content,
            )
            written = msgspec.json.encode(line)
            start = os.fstat(self._file.fileno()).st_size
            await asyncio.to_thread(self._write, written + b"\n", start)
            return self._remember(line, start, len(written))

    def get(self, number: int) -> Caught | None:
        """The message of this id."""
        return self._entries[number - 1] if 0 < number <= len(self._entries) else None

    def content(self, caught: Caught) -> bytes:
        """The message itself: RFC 5322, or JSON."""
        start, length = self._places[caught.id - 1]
        return _LINE.decode(os.pread(self._file.fileno(), length, start)).content

    def newest(self) -> Iterator[Caught]:
        """All of them, newest first."""
        return reversed(self._entries)

    def _load(self) -> None:
        self._file.seek(0)
        end = 0
        for line in self._file.readall().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            try:
                self._remember(_LINE.decode(line), end, len(line) - 1)
            except msgspec.DecodeError:
                message = f"{self._file.name} is damaged at line {len(self._entries) + 1}"
                hint = "move it away: the catcher begins a new one"
                raise Misconfigured(message, hint) from None
            end += len(line)
        self._file.truncate(end)

    def _write(self, line: bytes, start: int) -> None:
        try:
            self._file.write(line)
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(start)  # a full disk: half a line would hide all that follow
            raise

    def _remember(self, line: _Line, start: int, length: int) -> Caught:
        fields = {name: getattr(line, name) for name in Caught.__struct_fields__}
        caught = Caught(**fields)
        self._entries.append(caught)
        self._places.append((start, length))
        if caught.key:
            self._first_by_key.setdefault((caught.kind, caught.key), caught)
        return caught
