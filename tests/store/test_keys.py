"""The master key's file, and the keys of leads."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from leadflow.errors import Misconfigured, NotFound
from leadflow.store import keys
from leadflow.store.db import Store
from leadflow.store.key_file import exposed, load_master_key
from leadflow.store.keys import Vault, open_vault
from leadflow.store.tables import lead_keys


def new_key(store: Store, vault: Vault, lead: str = "lead-1") -> str:
    store.write(lambda c: vault.create(c, lead))
    return lead


def test_the_key_file_is_made_for_its_owner_alone(key_file: Path) -> None:
    """A new installation's key: 32 random bytes, rights 0600, in a folder of rights 0700."""
    key = load_master_key(key_file, may_create=True)
    assert len(key) == 32
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert key_file.parent.stat().st_mode & 0o777 == 0o700
    assert load_master_key(key_file, may_create=False) == key
    assert list(key_file.parent.iterdir()) == [key_file]


def test_first_starts_at_once_agree_on_one_key(key_file: Path) -> None:
    """Several processes that make the key in the same moment all get the same whole key."""
    program = (
        "import sys; from pathlib import Path; from leadflow.store.key_file import load_master_key;"
        "sys.stdin.read(1); print(load_master_key(Path(sys.argv[1]), may_create=True).hex())"
    )
    command = [sys.executable, "-c", program, str(key_file)]
    pipe = subprocess.PIPE
    programs = [subprocess.Popen(command, stdin=pipe, stdout=pipe) for _ in range(4)]
    found = {program.communicate(b"g", timeout=30)[0].strip() for program in programs}
    assert found == {key_file.read_bytes().hex().encode()}


def test_a_lost_key_file_is_not_replaced(store: Store, vault: Vault, key_file: Path) -> None:
    """With something sealed already, a missing file is a lost one: a new key would hide that, so none is made."""
    new_key(store, vault)
    key_file.unlink()
    with pytest.raises(Misconfigured, match="is gone") as error:
        open_vault(store, key_file)
    assert "put it back" in error.value.hint
    assert not key_file.exists()


def test_another_installations_key_is_refused(store: Store, vault: Vault, key_file: Path) -> None:
    """A wrong key file is noticed on opening, before anything is sealed with it."""
    new_key(store, vault)
    key_file.unlink()
    load_master_key(key_file, may_create=True)
    with pytest.raises(Misconfigured, match="not the one this database was sealed with"):
        open_vault(store, key_file)


def test_a_place_where_no_file_can_be_made_is_named(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk refuses: the message names the path, and nothing half-written is left."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(Misconfigured, match="cannot be made: Operation not permitted"):
        load_master_key(key_file, may_create=True)
    assert list(key_file.parent.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_file_that_is_no_key_is_refused(key_file: Path, content: bytes) -> None:
    """A file of another length is no key, and is left as it is."""
    key_file.parent.mkdir()
    key_file.write_bytes(content)
    with pytest.raises(Misconfigured, match="is no leadflow key file"):
        load_master_key(key_file, may_create=True)
    assert key_file.read_bytes() == content


def test_a_place_where_no_key_can_be_is_named(tmp_path: Path) -> None:
    """A folder instead of the file, a file instead of the folder: the message names the path."""
    with pytest.raises(Misconfigured, match="cannot be read"):
        load_master_key(tmp_path, may_create=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="cannot be"):
        load_master_key(tmp_path / "file" / "master.key", may_create=True)


def test_a_key_that_others_can_read_is_warned_of(
    key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Wrong rights do not stop the program; it says what to do."""
    load_master_key(key_file, may_create=True)
    assert not exposed(key_file)
    assert caplog.records == []
    key_file.chmod(0o640)
    load_master_key(key_file, may_create=False)
    assert exposed(key_file)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert f"chmod 600 {key_file}" in caplog.text


def test_what_was_sealed_opens_with_the_same_lead_only(store: Store, vault: Vault) -> None:
    """Sealed bytes show nothing, differ each time, open for their lead, and for no other."""
    one, other = new_key(store, vault), new_key(store, vault, "lead-2")
    text = "Иван Петров".encode()
    sealed = vault.seal(one, text)
    assert text not in sealed
    assert sealed != vault.seal(one, text)
    assert vault.open(one, sealed) == text
    with pytest.raises(Misconfigured, match="does not open with its key"):
        vault.open(other, sealed)
    with pytest.raises(Misconfigured, match="does not open"):
        vault.open(one, sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_another_process_opens_it_too(store: Store, vault: Vault, key_file: Path) -> None:
    """Keys come from the database: a second vault on the same file opens what the first has sealed."""
    lead = new_key(store, vault)
    sealed = vault.seal(lead, b"x")
    second = open_vault(store, key_file)
    assert not second.cached(lead)
    assert second.open(lead, sealed) == b"x"
    assert second.cached(lead)


def test_a_key_whose_transaction_failed_is_not_remembered(store: Store, vault: Vault) -> None:
    """Else bytes would be sealed that nobody can ever open again."""

    def fail(connection: sa.Connection) -> None:
        vault.create(connection, "lead-1")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.write(fail)
    with pytest.raises(NotFound, match="has no key"):
        vault.seal("lead-1", b"x")


def test_a_forgotten_key_is_gone(store: Store, vault: Vault, key_file: Path) -> None:
    """After `forget` nothing sealed for the lead opens again, here or anywhere."""
    lead = new_key(store, vault)
    sealed = vault.seal(lead, b"x")
    vault.forget(lead)
    for each in (vault, open_vault(store, key_file)):
        with pytest.raises(NotFound, match="it was erased"):
            each.open(lead, sealed)


def test_a_key_of_another_master_is_told(store: Store, vault: Vault) -> None:
    """A row wrapped under another master key: the message is about the key file, not about the bytes."""
    lead = new_key(store, vault)
    store.write(lambda c: c.execute(lead_keys.update().values(master="other")))
    with pytest.raises(Misconfigured, match="the key file is not the one"):
        vault.seal(lead, b"x")


def test_memory_is_bounded(store: Store, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the keys used last are kept in memory."""
    monkeypatch.setattr(keys, "CACHED_KEYS", 2)
    for lead in ("lead-1", "lead-2", "lead-1", "lead-3"):
        if not vault.cached(lead) and lead not in known(store):
            new_key(store, vault, lead)
        vault.seal(lead, b"x")
    assert [vault.cached(lead) for lead in ("lead-1", "lead-2", "lead-3")] == [True, False, True]


def known(store: Store) -> list[str]:
    return list(store.read(lambda c: c.execute(sa.select(lead_keys.c.lead)).scalars()))


def test_marks_are_equal_for_equal_addresses_and_need_the_key(store: Store, vault: Vault) -> None:
    """The same address gives the same mark; under another master key, another."""
    assert vault.mark("ivan@client.example") == vault.mark("ivan@client.example")
    assert vault.mark("ivan@client.example") != vault.mark("petr@client.example")
    other = Vault(store, os.urandom(32))
    assert vault.mark("ivan@client.example") != other.mark("ivan@client.example")
