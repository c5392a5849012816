from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from store_samples import reading

from anchorwatch.errors import StoreError
from anchorwatch.records import Check, Cost, Likelihood, Output, Sample, Score
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


@pytest.fixture
def old_store() -> None:
    """A store of the first schema, with a run, a check and two outputs in it."""
    config = configuration()
    with create_engine("sqlite:///anchorwatch.db").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in (
            "INSERT INTO aw_runs VALUES ('r1', 'old', 'shop', 3, 'ab', 'running', '2026-01-02 03:04:05', NULL, NULL)",
            "INSERT INTO aw_attempts VALUES ('r1', 1, 0, '2026-01-02 03:04:05')",
            "INSERT INTO aw_checks VALUES (7, 'r1', 1, 20, 1, 'schedule', 0.5, 1.25, 3, 40, 17, 8)",
            """INSERT INTO aw_outputs VALUES (7, 0, 'order', 'Yes.', '[1,2]', 'stop', '["a","é\\""]',
            '{"baseline":{"token_logprobs":[-0.1,-0.2],"departs_at":1},"chosen":{"token_logprobs":[],"departs_at":null}}')
            """,
            "INSERT INTO aw_outputs VALUES (7, 1, 'refund', '', '[]', 'length', '[]', '{}')",
            "INSERT INTO aw_scores VALUES (7, 0, 'order', 'exact', 'bool', 1.0, NULL, '')",
        ):
            connection.exec_driver_sql(statement)


def test_a_store_of_the_first_schema_keeps_what_it_holds(old_store: None) -> None:
    baseline, chosen = Likelihood((-0.1, -0.2), departs_at=1), Likelihood(())
    outputs = (
        Output(
            "order",
            "Yes.",
            (1, 2),
            "stop",
            (Sample("a"), Sample('é"')),
            {"baseline": baseline, "chosen": chosen},
            ties=(),
        ),
        Output("refund", "", (), "length"),
    )
    cost = Cost(1.25, 3, 40, 17, 8, positions=0, departed=None)
    with Store() as store:
        found = store.reading("r1", 20)
        assert found.check == Check(20, "schedule", outputs, cost, epoch=0.5, generated_because="", tie_margin=None)
        assert found.scores == (Score("order", "exact", True),)
        store.add_reading("r1", reading(40))
        assert store.readings("r1") == [found, reading(40)]


def test_an_upgrade_that_fails_changes_nothing(old_store: None) -> None:
    with sqlite3.connect("anchorwatch.db") as connection:
        connection.execute("ALTER TABLE aw_outputs ADD COLUMN ties TEXT")  # the last one to be added
        before = list(connection.iterdump())
    with pytest.raises(StoreError, match="duplicate column name: ties"):
        Store()
    with sqlite3.connect("anchorwatch.db") as connection:
        assert list(connection.iterdump()) == before


def test_opening_an_up_to_date_store_does_not_load_alembic(store: Store) -> None:
    code = "import sys; from anchorwatch.store import Store; Store().close(); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_creating_a_store_is_quiet_and_leaves_logging_alone(capfd: pytest.CaptureFixture[str]) -> None:
    handlers, level = list(logging.root.handlers), logging.root.level
    Store().close()
    assert capfd.readouterr() == ("", "")
    assert (logging.root.handlers, logging.root.level) == (handlers, level)
    assert not logging.getLogger("anchorwatch").disabled
