from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from anchorwatch.errors import StoreError
from anchorwatch.store import Store
from anchorwatch.store.migrations import configuration
from anchorwatch.store.schema import HEAD, VERSION_TABLE, metadata


def test_the_revisions_make_the_tables_of_the_schema(store: Store) -> None:
    with create_engine("sqlite:///anchorwatch.db").connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD


def test_the_head_is_the_newest_revision() -> None:
    scripts = ScriptDirectory.from_config(configuration())
    assert scripts.get_current_head() == HEAD
    revisions = [script.revision for script in scripts.walk_revisions("base", "heads")]
    assert revisions == sorted(revisions, reverse=True)  # the store tells older from newer by this


def test_every_table_is_ours_by_name(store: Store) -> None:
    assert all(name.startswith("aw_") for name in inspect(create_engine("sqlite:///anchorwatch.db")).get_table_names())


def test_tables_of_others_are_left_alone() -> None:
    with sqlite3.connect("shared.db") as connection:
        connection.execute("CREATE TABLE runs (x)")
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("INSERT INTO alembic_version VALUES ('theirs')")
    Store("sqlite:///shared.db").close()
    with sqlite3.connect("shared.db") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("theirs",)]
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def test_a_store_of_a_newer_version_is_not_touched(store: Store) -> None:
    with sqlite3.connect("anchorwatch.db") as connection:
        connection.execute("UPDATE aw_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=rf"a newer anchorwatch wrote it \(schema 9999, this version knows {HEAD}\)"):
        Store()
    with sqlite3.connect("anchorwatch.db") as connection:
        assert connection.execute("SELECT version_num FROM aw_version").fetchall() == [("9999",)]


def test_a_migration_that_fails_leaves_nothing_behind() -> None:
    with sqlite3.connect("anchorwatch.db") as connection:
        connection.execute("CREATE TABLE aw_flags (x)")  # the last one to be created
    with pytest.raises(StoreError, match="table aw_flags already exists"):
        Store()
    with sqlite3.connect("anchorwatch.db") as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("aw_flags",)]


def test_opening_an_up_to_date_store_does_not_load_alembic(store: Store) -> None:
    code = "import sys; from anchorwatch.store import Store; Store().close(); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_creating_a_store_is_quiet_and_leaves_logging_alone(capfd: pytest.CaptureFixture[str]) -> None:
    handlers, level = list(logging.root.handlers), logging.root.level
    Store().close()
    assert capfd.readouterr() == ("", "")
    assert (logging.root.handlers, logging.root.level) == (handlers, level)
    assert not logging.getLogger("anchorwatch").disabled
