from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import store_samples
from store_samples import ANCHORS, reading, run_info

from anchorwatch.store import Store

pytest.importorskip("resource", reason="needs a POSIX system")

STORE = "sqlite:///anchorwatch.db"


def writer(run_id: str, first: int, last: int, *crash_step: int) -> subprocess.Popen[str]:
    arguments = [STORE, run_id, str(first), str(last), *map(str, crash_step)]
    return subprocess.Popen([sys.executable, store_samples.__file__, *arguments], stdout=subprocess.PIPE, text=True)


def test_a_writer_killed_in_the_middle_of_a_check_loses_only_that_check() -> None:
    process = writer("r1", 0, 10, 4)
    printed, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert printed.split() == ["0", "1", "2", "3"]
    with Store() as store:
        assert store.readings("r1") == [reading(step) for step in range(4)]
        assert [point.step for point in store.losses("r1")] == [0, 1, 2, 3, 4]
        store.begin_attempt("r1", 3)
        store.add_reading("r1", reading(4))
        assert store.steps("r1") == [0, 1, 2, 3, 4]


def test_processes_that_create_a_store_and_write_to_it_at_once_lose_nothing() -> None:
    processes = {f"r{number}": writer(f"r{number}", 0, 25) for number in range(3)}
    for process in processes.values():
        process.communicate()
        assert process.returncode == 0
    with Store() as store:
        for run_id in processes:
            assert store.readings(run_id) == [reading(step) for step in range(25)]
            assert len(store.losses(run_id)) == 25


FULL_DISK = """
import resource, sys
from store_samples import reading
from anchorwatch.errors import StoreError
from anchorwatch.store import Store

with Store() as store:
    store.add_reading("r1", reading(0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    try:
        store.add_reading("r1", reading(10, "x" * 1_000_000))
    except StoreError as error:
        print(error)
    print(store.steps("r1"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.add_reading("r1", reading(20))
"""


def test_a_full_disk_is_an_error_keeps_what_there_was_and_passes() -> None:
    # A limit on the size of files is met in the same calls as a full disk, and ends with the process.
    with Store() as store:
        store.begin_run(run_info("r1"), ANCHORS)
        store.begin_attempt("r1", 0)
        folder = Path(store_samples.__file__).parent
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{FULL_DISK}"],
            capture_output=True,
            text=True,
            check=True,
        )
        message, steps = done.stdout.splitlines()
        assert message.startswith(f"cannot write to the store {STORE}: disk")
        assert steps == "[0]"
        assert store.readings("r1") == [reading(0), reading(20)]
