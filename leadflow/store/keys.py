"""Keys: one per lead, wrapped by the master key of the installation. Destroying a lead's key erases what it sealed.

The master key is a file of its own (``LEADFLOW_KEY_FILE``), made readable by its owner only and never stored beside a
backup of the database. Everything sealed is AES-256-GCM, the lead's id as associated data, so that bytes moved to
another lead do not open.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from pathlib import Path

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash

from leadflow.errors import Misconfigured, NotFound
from leadflow.store.db import Store
from leadflow.store.tables import lead_keys

KEY_BYTES, NONCE_BYTES = 32, 12
CACHED_KEYS = 10_000


def load_master_key(path: Path, *, may_create: bool) -> bytes:
    """The master key; made on the first start of an installation (``may_create``: it has sealed nothing yet).

    Raises:
        Misconfigured: the file is lost, unreadable, or not a key.
    """
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        if not may_create:
            message = (
                f"the key file {path} is gone, and this database holds what was sealed with it"
            )
            hint = "put the key file back from where you keep it (LEADFLOW_KEY_FILE); without it nothing can be read"
            raise Misconfigured(message, hint) from None
        return _create(path)
    except OSError as error:
        message = f"the key file {path} cannot be read: {error.strerror}"
        raise Misconfigured(
            message, "give the user who runs leadflow the right to read it"
        ) from error
    if len(key) != KEY_BYTES:
        message = (
            f"{path} is not a leadflow key file: it has {len(key)} bytes instead of {KEY_BYTES}"
        )
        raise Misconfigured(message, "put the right file back, or point LEADFLOW_KEY_FILE to it")
    return key


def _create(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = os.urandom(KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process of the same start was faster
        return load_master_key(path, may_create=False)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def fingerprint(key: bytes) -> str:
    """Names a key without telling it."""
    digest = Hash(SHA256())
    digest.update(b"leadflow master key" + key)
    return digest.finalize().hex()[:16]


class Vault:
    """Seals and opens bytes for leads. Safe between threads."""

    def __init__(self, store: Store, master: bytes) -> None:
        self._store = store
        self._master = AESGCM(master)
        self._name = fingerprint(master)
        self._keys: OrderedDict[str, AESGCM] = OrderedDict()
        self._lock = threading.Lock()

    def create(self, connection: sa.Connection, lead: str) -> None:
        """A key for a new lead, in the transaction that makes the lead."""
        key = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
        wrapped = _seal(self._master, key, lead)
        connection.execute(lead_keys.insert().values(lead=lead, wrapped=wrapped, master=self._name))
        self._remember(lead, AESGCM(key))

    def seal(self, lead: str, data: bytes) -> bytes:
        """Raises `NotFound` when the lead has no key (any more)."""
        return _seal(self._key(lead), data, lead)

    def open(self, lead: str, sealed: bytes) -> bytes:
        """Raises `NotFound` when the lead's key is gone, `Misconfigured` when the bytes are not its own."""
        return _open(self._key(lead), sealed, lead)

    def knows(self, lead: str) -> bool:
        """Whether this lead has a key."""
        try:
            self._key(lead)
        except NotFound:
            return False
        return True

    def forget(self, lead: str) -> None:
        """Destroys the key: nothing sealed for this lead can be read again (X14)."""
        self._store.write(lambda c: c.execute(lead_keys.delete().where(lead_keys.c.lead == lead)))
        with self._lock:
            self._keys.pop(lead, None)

    def _key(self, lead: str) -> AESGCM:
        with self._lock:
            if (key := self._keys.get(lead)) is not None:
                self._keys.move_to_end(lead)
                return key
        query = sa.select(lead_keys.c.wrapped, lead_keys.c.master).where(lead_keys.c.lead == lead)
        row = self._store.read(lambda c: c.execute(query).one_or_none())
        if row is None:
            message = f"lead {lead} has no key: it never existed here, or it was erased"
            raise NotFound(message)
        if row.master != self._name:
            message = "the key file is not the one this database was sealed with"
            raise Misconfigured(
                message, "point LEADFLOW_KEY_FILE to the installation's own key file"
            )
        key = AESGCM(_open(self._master, row.wrapped, lead))
        self._remember(lead, key)
        return key

    def _remember(self, lead: str, key: AESGCM) -> None:
        with self._lock:
            self._keys[lead] = key
            while len(self._keys) > CACHED_KEYS:
                self._keys.popitem(last=False)


def open_vault(store: Store, key_file: Path) -> Vault:
    """The installation's vault; makes the key file when nothing was sealed yet.

    Raises:
        Misconfigured: see `load_master_key`; or the key is not this database's.
    """
    used = store.read(
        lambda c: c.execute(sa.select(lead_keys.c.master).limit(1)).scalar_one_or_none()
    )
    master = load_master_key(key_file, may_create=used is None)
    if used is not None and used != fingerprint(master):
        message = f"{key_file} is not the key this database was sealed with"
        raise Misconfigured(message, "point LEADFLOW_KEY_FILE to the installation's own key file")
    return Vault(store, master)


def _seal(key: AESGCM, data: bytes, lead: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.encrypt(nonce, data, lead.encode())


def _open(key: AESGCM, sealed: bytes, lead: str) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], lead.encode())
    except InvalidTag:
        message = f"what was sealed for lead {lead} does not open with its key"
        raise Misconfigured(
            message, "the database and the key file belong to different installations"
        ) from None
