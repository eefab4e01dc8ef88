"""The file of the master key (``LEADFLOW_KEY_FILE``): made once, readable by its owner only."""

from __future__ import annotations

import logging
import os
import secrets
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from leadflow.errors import Misconfigured

KEY_BYTES = 32
NAME_DIGITS = 16

_log = logging.getLogger(__name__)


def load_master_key(path: Path, *, may_create: bool) -> bytes:
    """The master key; made on the first start of an installation.

    Args:
        path: of the file.
        may_create: nothing was sealed yet, so that a missing file is not a lost one.

    Raises:
        Misconfigured: the file is lost, unreadable, or not a key.
    """
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        if may_create:
            return _create(path)
        message = f"the key file {path} is gone, and this database holds what was sealed with it"
        hint = (
            "put it back from where you keep its copy, or point LEADFLOW_KEY_FILE to it; "
            "without it nothing can be read"
        )
        raise Misconfigured(message, hint) from None
    except OSError as error:
        message = f"the key file {path} cannot be read: {error.strerror}"
        hint = "give the user who runs leadflow the right to read it"
        raise Misconfigured(message, hint) from error
    if len(key) != KEY_BYTES:
        message = f"{path} is no leadflow key file: it has {len(key)} bytes instead of {KEY_BYTES}"
        hint = "put the right file back, or point LEADFLOW_KEY_FILE to it"
        raise Misconfigured(message, hint)
    if exposed(path):
        _log.warning("others can read the key file %s: chmod 600 %s", path, path)
    return key


def exposed(path: Path) -> bool:
    """Whether anybody but its owner may read or change the file."""
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def fingerprint(key: bytes) -> str:
    """Names a key without telling it."""
    return sha256(b"leadflow master key" + key).hexdigest()[:NAME_DIGITS]


def _create(path: Path) -> bytes:
    """Written whole under another name first: whoever sees the file sees all of it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    key = secrets.token_bytes(KEY_BYTES)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(draft, key)
        with suppress(FileExistsError):  # another process of the same first start was faster
            os.link(draft, path)
    except OSError as error:
        message = f"the key file {path} cannot be made: {error.strerror}"
        raise Misconfigured(message, "name another place in LEADFLOW_KEY_FILE") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    sync(path.parent)
    return load_master_key(path, may_create=False)


def _write(path: Path, key: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """A file, or what stands in a folder, is on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
