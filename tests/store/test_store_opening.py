from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from store_samples import ANCHORS, reading, run_info

from anchorwatch.errors import StoreError
from anchorwatch.store import Store, check_url, default_url


def test_the_default_is_a_file_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_url() == "sqlite:///anchorwatch.db"
    Store().close()
    assert (tmp_path / "anchorwatch.db").is_file()
    monkeypatch.setenv("ANCHORWATCH_STORE", "sqlite:///other.db")
    with Store() as store:
        assert store.url == default_url() == "sqlite:///other.db"
    assert (tmp_path / "other.db").is_file()


def test_a_later_change_of_directory_does_not_move_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with Store() as store:
        monkeypatch.chdir(elsewhere)
        store.close()  # the next call has to connect again
        store.begin_run(run_info("r1"), ANCHORS)
    assert list(elsewhere.iterdir()) == []
    with Store(f"sqlite:///{tmp_path}/anchorwatch.db") as store:
        assert store.run("r1").info.id == "r1"


def test_a_store_is_found_again(store: Store, run_id: str) -> None:
    store.add_reading(run_id, reading(0))
    with Store() as again:
        assert again.reading(run_id, 0) == reading(0)


def test_sqlite_is_set_up_for_several_processes(store: Store, tmp_path: Path) -> None:
    with store._engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 30_000, "foreign_keys": 1}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("anchorwatch.db", "a store is a URL like sqlite:///anchorwatch.db or postgresql://user@host/name; found"),
        ("user:secret@host", "found '…@host'"),
        ("postgresql://user:secret@host:port/name", "found '…@host:port/name'"),
        ("postgres://u:secret@h/d", "unknown kind of store 'postgres'; allowed: postgresql, sqlite (did you mean"),
        ("mysql://u:secret@h/d", "unknown kind of store 'mysql'; allowed: postgresql, sqlite"),
        ("sqlite+nothing:///a.db", "cannot open the store sqlite+nothing:///a.db: Can't load plugin"),
        ("postgresql+pg8000://u:secret@h/d?password=secret", "pg8000://u:***@h/d: No module named 'pg8000'"),
        ("sqlite:///missing/a.db", "cannot open the store sqlite:///missing/a.db: the folder "),
        ("sqlite:///folder", "is a folder"),
        ("sqlite:///text.txt", "cannot open the store sqlite:///text.txt: file is not a database"),
        ("sqlite:///\ud800.db", r"found 'sqlite:///\ud800.db'"),
        ("sqlite:///a.db?timeout=soon", "cannot open the store sqlite:///a.db?timeout=soon: "),
    ],
)
def test_a_store_that_cannot_be_opened(url: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.txt").write_text("This is not a database, it only happens to be long enough to be taken for one.")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(StoreError) as error:
        Store(url)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)
    assert sorted(tmp_path.iterdir()) == before


def test_a_url_is_checked_without_making_anything(tmp_path: Path) -> None:
    check_url(None)
    check_url("postgresql+nothing://user@host/name")
    for url in ("sqlite:///missing/a.db", "mysql://u@h/d", f"sqlite:///{tmp_path}"):
        with pytest.raises(StoreError):
            check_url(url)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_may_only_be_read(store: Store, run_id: str) -> None:
    store.add_reading(run_id, reading(0))
    with Store("sqlite:///file:anchorwatch.db?mode=ro&uri=true") as reader:
        assert reader.reading(run_id, 0) == reading(0)
        with pytest.raises(StoreError, match="attempt to write a readonly database"):
            reader.add_reading(run_id, reading(10))
    assert store.steps(run_id) == [0]


def test_a_read_only_file_or_folder(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    Store(f"sqlite:///{folder}/a.db").close()
    opening = "import sys\nfrom anchorwatch.store import Store\nStore(f'sqlite:///{sys.argv[1]}/a.db')"

    def last_line() -> str:
        # Nothing is read-only to root: a process without its rights tells the same of everyone.
        drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
        done = subprocess.run([*drop, sys.executable, "-c", opening, str(folder)], capture_output=True, text=True)
        return done.stderr.strip().rpartition("\n")[2]

    (folder / "a.db").chmod(0o444)
    assert last_line().endswith("a.db is read-only")
    folder.chmod(0o555)
    assert last_line().endswith("closed is read-only")


def test_a_locked_store_is_an_error_and_works_again_afterwards(store: Store, run_id: str) -> None:
    with Store("sqlite:///anchorwatch.db?timeout=0.05") as impatient:
        blocker = sqlite3.connect("anchorwatch.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"^cannot write to the store .*: database is locked$"):
            impatient.add_reading(run_id, reading(0))
        assert impatient.steps(run_id) == []  # readers do not wait for writers
        blocker.execute("ROLLBACK")
        blocker.close()
        impatient.add_reading(run_id, reading(0))
    assert store.steps(run_id) == [0]
