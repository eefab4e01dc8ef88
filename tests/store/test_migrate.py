"""Making and renewing the tables, and refusing what a newer program has made."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from leadflow.errors import Misconfigured
from leadflow.store import migrate as module
from leadflow.store.db import Store, open_store
from leadflow.store.migrate import HEAD, check_version, instance, migrate
from leadflow.store.tables import metadata

PROGRAM = (
    "import sys; from leadflow.store.db import open_store; "
    "from leadflow.store.migrate import migrate, instance; "
    "store = open_store(sys.argv[1]); sys.stdin.read(1); migrate(store); print(instance(store))"
)


def tables(connection: Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


def test_migrations_make_exactly_the_tables(store: Store) -> None:
    """What the migrations build is what `leadflow.store.tables` says: no difference in names, types, indexes."""

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert store.read(differences) == []
    assert tables_of(store) == {*metadata.tables, "alembic_version"}


def tables_of(store: Store) -> set[str]:
    return store.read(tables)


def test_head_is_the_last_migration() -> None:
    """The constant that spares loading Alembic names the newest script, and names sort by age."""
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    scripts = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert scripts[0] == HEAD
    assert scripts == sorted(scripts, reverse=True)


def test_several_processes_may_start_at_once(database_url: str) -> None:
    """Two programs meet an empty database in the same moment: it is made once, nobody fails."""
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("g")
        program.stdin.flush()
    ends = [program.communicate(timeout=60) for program in programs]
    assert [
        (program.returncode, err) for program, (_, err) in zip(programs, ends, strict=True)
    ] == [(0, "")] * 2
    assert len({out for out, _ in ends}) == 1


def test_migrating_twice_changes_nothing(store: Store) -> None:
    """A prepared database is left as it is: its name stays."""
    name = instance(store)
    migrate(store)
    check_version(store)
    assert instance(store) == name
    assert len(name) == 16


def test_a_newer_database_is_refused(store: Store) -> None:
    """A database that a newer program has made is neither used nor touched."""
    store.write(lambda c: c.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    for refusing in (migrate, check_version):
        with pytest.raises(
            Misconfigured, match=r"made by a newer leadflow \(version 9999"
        ) as error:
            refusing(store)
        assert "restore a backup" in error.value.hint


def test_an_older_database_is_named(store: Store) -> None:
    """A program that does not migrate says which one does."""
    store.write(lambda c: c.execute(sa.text("UPDATE alembic_version SET version_num = '0001'")))
    with pytest.raises(Misconfigured, match=r"older version \(0001") as error:
        check_version(store)
    assert "leadflow up" in error.value.hint


def test_an_empty_database_is_named(database_url: str) -> None:
    """Nothing was ever prepared: the message says so, from the check and from any query."""
    store = open_store(database_url)
    with pytest.raises(Misconfigured, match="never prepared"):
        check_version(store)
    with pytest.raises(Misconfigured, match="never prepared"):
        instance(store)
    store.close()


def test_a_migration_that_fails_leaves_nothing(database_url: str) -> None:
    """All of it or nothing: when the last step fails, the first one's tables are not there either."""
    store = open_store(database_url)
    store.write(lambda c: c.execute(sa.text("CREATE TABLE meta (x INTEGER)")))
    with suppress(Exception):
        migrate(store)
    assert tables_of(store) == {"meta"}
    store.write(lambda c: c.execute(sa.text("DROP TABLE meta")))
    migrate(store)
    assert tables_of(store) == {*metadata.tables, "alembic_version"}
    store.close()
