"""Keys: one per lead, wrapped by the master key of the installation. Destroying a lead's key erases what it sealed.

Everything sealed is AES-256-GCM with the lead's id as associated data, so that bytes moved to another lead do not open.
The master key is a file of its own (`leadflow.store.key_file`), never kept in the database or beside its backups.
"""

from __future__ import annotations

import hmac
import os
import threading
from collections import OrderedDict
from pathlib import Path

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leadflow.errors import Misconfigured, NotFound
from leadflow.store.db import Store
from leadflow.store.key_file import KEY_BYTES, fingerprint, load_master_key
from leadflow.store.tables import lead_keys

NONCE_BYTES = 12
CACHED_KEYS = 10_000
MARK_DIGITS = 32


class LeadKey:
    """The key of one lead, or of what belongs to no lead (`Vault.own`)."""

    def __init__(self, lead: str, key: bytes) -> None:
        self._lead = lead.encode()
        self._cipher = AESGCM(key)

    def seal(self, data: bytes) -> bytes:
        """Bytes that only this key opens, different each time."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, self._lead)

    def open(self, sealed: bytes) -> bytes:
        """Raises `Misconfigured` when the bytes are not this lead's."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._lead)
        except InvalidTag:
            message = f"what was sealed for {self._lead.decode()} does not open with its key"
            hint = "the database and the key file belong to different installations"
            raise Misconfigured(message, hint) from None


class Vault:
    """Seals and opens bytes for leads. Safe between threads."""

    def __init__(self, store: Store, master: bytes) -> None:
        self._store = store
        self._master = master
        self._name = fingerprint(master)
        self._own = LeadKey("the installation", hmac.digest(master, b"installation", "sha256"))
        self._keys: OrderedDict[str, LeadKey] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def key(self) -> str:
        """The master key's fingerprint."""
        return self._name

    @property
    def own(self) -> LeadKey:
        """The installation's own key, for what came in and belongs to no lead yet; it follows from the master key."""
        return self._own

    def create(self, connection: sa.Connection, lead: str) -> LeadKey:
        """A key for a new lead, in the transaction that makes the lead (and may yet fail: nothing is remembered)."""
        key = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
        wrapped = LeadKey(lead, self._master).seal(key)
        row = {"lead": lead, "wrapped": wrapped, "master": self._name}
        connection.execute(lead_keys.insert(), row)
        return LeadKey(lead, key)

    def seal(self, lead: str, data: bytes) -> bytes:
        """Raises `NotFound` when the lead has no key (any more)."""
        return self._key(lead).seal(data)

    def open(self, lead: str, sealed: bytes) -> bytes:
        """Raises `NotFound` when the lead's key is gone, `Misconfigured` when the bytes are not its own."""
        return self._key(lead).open(sealed)

    def cached(self, lead: str) -> bool:
        """Whether the key is in memory: then `seal` and `open` do not touch the database."""
        return lead in self._keys

    def forget(self, lead: str) -> None:
        """Destroys the key: nothing sealed for this lead can be read again (X14)."""
        self._store.write(lambda c: c.execute(lead_keys.delete().where(lead_keys.c.lead == lead)))
        with self._lock:
            self._keys.pop(lead, None)

    def mark(self, text: str) -> str:
        """A pseudonym of an address: equal for equal ones, and nobody without the master key can try addresses out.

        Keeps an opt-out when everything else about a person is erased.
        """
        digest = hmac.digest(self._master, b"address\0" + text.encode("utf-8", "replace"), "sha256")
        return digest.hex()[:MARK_DIGITS]

    def digest(self, data: bytes) -> str:
        """Names bytes: equal ones alike, and nobody without the master key can try out what they were. 64 hex digits."""
        return hmac.digest(self._master, b"bytes\0" + data, "sha256").hex()

    def _key(self, lead: str) -> LeadKey:
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
            raise _another_key()
        key = LeadKey(lead, LeadKey(lead, self._master).open(row.wrapped))
        with self._lock:
            self._keys[lead] = key
            while len(self._keys) > CACHED_KEYS:
                self._keys.popitem(last=False)
        return key


def open_vault(store: Store, key_file: Path) -> Vault:
    """The installation's vault; makes the key file when nothing was sealed yet.

    Raises:
        Misconfigured: the file is lost, unreadable, no key, or not this database's.
    """
    used = store.read(
        lambda c: c.execute(sa.select(lead_keys.c.master).limit(1)).scalar_one_or_none()
    )
    master = load_master_key(key_file, may_create=used is None)
    if used is not None and used != fingerprint(master):
        raise _another_key(key_file)
    return Vault(store, master)


def _another_key(path: Path | None = None) -> Misconfigured:
    message = (
        f"the key file{f' {path}' if path else ''} is not the one this database was sealed with"
    )
    return Misconfigured(message, "point LEADFLOW_KEY_FILE to the installation's own key file")
