"""Opens the database behind a URL: checked, in the newest schema, with every fault turned into one line."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Column, Connection, Engine, MetaData, String, Table, create_engine, event, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError, StatementError

from anchorwatch.errors import StoreError, unknown
from anchorwatch.store.schema import HEAD, VERSION_TABLE

VARIABLE = "ANCHORWATCH_STORE"
WRITE = {"anchorwatch_write": True}
"""Execution options of a transaction that writes."""
BUSY_SECONDS = 30
"""How long a SQLite store waits for another process that writes; `?timeout=` in the URL overrides it."""

_version = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))


def default_url() -> str:
    """`$ANCHORWATCH_STORE`, else `anchorwatch.db` in the working directory."""
    return os.environ.get(VARIABLE) or "sqlite:///anchorwatch.db"


def open_database(given: str) -> tuple[Engine, str]:
    """The engine of the store at `given`, created or brought up to date, and the URL as it may be shown.

    Raises:
        StoreError: it cannot be opened for writing, is no database, or was written by a newer anchorwatch.
    """
    url, shown = _parse(given)
    with faults(f"cannot open the store {shown}"):
        _check_file(url)
        if url.get_backend_name() == "sqlite":
            url = url.update_query_dict({"timeout": str(BUSY_SECONDS), **url.query})
        engine = create_engine(url)  # a relative path is made absolute here, and stays so
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _configure_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        try:
            with engine.begin() as connection:
                up_to_date = _version_of(connection) == HEAD
            if not up_to_date:
                # In a writing transaction: of several processes that find no tables, one creates them.
                with engine.execution_options(**WRITE).begin() as connection:
                    _bring_up_to_date(connection)
        except BaseException:
            engine.dispose()
            raise
    return engine, shown


def check_url(given: str | None) -> None:
    """Whether a store could be opened at `given` (None: see `default_url`), as far as can be told without opening it.

    Raises:
        StoreError: it is no URL of a store, or its folder does not exist or is read-only.
    """
    url, shown = _parse(given or default_url())
    with faults(f"cannot open the store {shown}"):
        _check_file(url)


def file_behind(given: str) -> Path | None:
    """The file of the SQLite store at `given`, whether or not it is there; None for any other store.

    Raises:
        StoreError: it is no URL of a store.
    """
    return _file(_parse(given)[0])


@contextmanager
def faults(doing: str) -> Iterator[None]:
    """Turns what a database, its driver, or a value it cannot hold, raises into a StoreError of one line."""
    try:
        yield
    except (SQLAlchemyError, ImportError, TypeError, ValueError, OverflowError) as error:
        cause = error.orig if isinstance(error, StatementError) and error.orig else error
        reason = str(cause).strip().partition("\n")[0] or type(cause).__name__
        raise StoreError(f"{doing}: {reason}") from error


def _parse(given: str) -> tuple[URL, str]:
    try:
        url = make_url(given)
        shown = url.difference_update_query(["password"]).render_as_string()
        shown.encode()  # SQLAlchemy 2.0 lets lone surrogates pass
    except (ArgumentError, ValueError) as error:
        # What cannot be parsed may still hold a password.
        start, at, rest = str(given).rpartition("@")
        found = f"{'…' if start else ''}{at}{rest}"
        raise StoreError(
            f"a store is a URL like sqlite:///anchorwatch.db or postgresql://user@host/name; found {found!r}"
        ) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(unknown("kind of store", url.get_backend_name(), ("sqlite", "postgresql")))
    return url, shown


def _file(url: URL) -> Path | None:
    # No file: a database in memory; "file:": SQLite's own URI form, which may ask for reading only.
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name == ":memory:" or name.startswith("file:"):
        return None
    return Path(name).absolute()


def _check_file(url: URL) -> None:
    if (path := _file(url)) is None:
        return
    if path.is_dir():
        raise ValueError(f"{path} is a folder")
    if not path.parent.is_dir():
        raise ValueError(f"the folder {path.parent} does not exist")
    for place in (path.parent, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise ValueError(f"{place} is read-only")


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where the driver guesses
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")
    # Of two processes that switch a new file to WAL at once, one can be told that it is locked, without any waiting.
    # The other switches it for both; and should it be locked for good, the first transaction says so.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: one that starts as a reader cannot wait for another writer, it fails.
    writes = WRITE.items() <= connection.get_execution_options().items()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _version_of(connection: Connection) -> str | None:
    return connection.scalar(select(_version)) if inspect(connection).has_table(VERSION_TABLE) else None


def _bring_up_to_date(connection: Connection) -> None:
    version = _version_of(connection)
    if version is not None and version > HEAD:
        raise ValueError(
            f"a newer anchorwatch wrote it (schema {version}, this version knows {HEAD}); upgrade anchorwatch"
        )
    if version != HEAD:
        _migrate(connection)


def _migrate(connection: Connection) -> None:
    from alembic import command

    from anchorwatch.store.migrations import configuration

    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
