"""Several processes and one SQLite store: writers lose nothing, and who reads never waits for them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import store_samples
from store_samples import ANCHORS, reading

from anchorwatch.records import LossPoint
from anchorwatch.store import Store

STEPS = range(60)
IMPATIENT = "sqlite:///anchorwatch.db?timeout=0"
"""Whatever would have to wait for a lock is an error at once."""

MET = 10
"""The step at which the writers wait for each other, so that neither is done before the other began."""

WRITER = f"""
import sys
from store_samples import write

class Steps(list):
    def __iter__(self):
        for step in super().__iter__():
            if step == {MET}:
                print("met", flush=True)
                sys.stdin.readline()
            yield step

write("sqlite:///anchorwatch.db", sys.argv[1], Steps(range({len(STEPS)})))
"""


def start_writers(*run_ids: str) -> list[subprocess.Popen[str]]:
    """A process for each run, which begins it, records `STEPS` and finishes it; all of them are in the middle of it."""
    script = f"import sys; sys.path.insert(0, {str(Path(store_samples.__file__).parent)!r})\n{WRITER}"
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen([sys.executable, "-c", script, run_id], **pipes) for run_id in run_ids]
    for process in started:
        assert process.stdout is not None
        assert "met\n" in iter(process.stdout.readline, "")
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return started


def test_two_processes_write_at_once_and_a_third_reads_without_waiting() -> None:
    processes = start_writers("r1", "r2")
    seen = dict.fromkeys(("r1", "r2"), 0)
    with Store(IMPATIENT) as reader:
        while any(process.poll() is None for process in processes):
            for run in reader.runs():
                steps = reader.steps(run.info.id)
                assert steps == list(STEPS)[: len(steps)]
                assert len(steps) >= seen[run.info.id], "what was there stays there"
                seen[run.info.id] = len(steps)
                if steps:
                    assert reader.reading(run.info.id, steps[-1]) == reading(steps[-1]), "a check is there as a whole"
    assert [process.wait() for process in processes] == [0, 0]
    with Store() as store:
        for run_id in seen:
            assert store.readings(run_id) == [reading(step) for step in STEPS]
            assert store.losses(run_id) == [LossPoint(step, "loss", 1 / (step + 1)) for step in STEPS]
            assert store.anchor_set(run_id) == ANCHORS
            run = store.run(run_id)
            assert (run.status, run.final_step, run.checks) == ("finished", STEPS[-1], len(STEPS))
    with sqlite3.connect("anchorwatch.db") as connection:
        ((both,),) = connection.execute(
            "SELECT max(low) < min(high) FROM (SELECT min(id) AS low, max(id) AS high FROM aw_checks GROUP BY run_id)"
        )
        assert both, "they wrote at once"
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_store_is_opened_and_read_while_another_process_writes(store: Store, run_id: str) -> None:
    store.add_reading(run_id, reading(0))
    writer = sqlite3.connect("anchorwatch.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM aw_checks")
    with Store(IMPATIENT) as reader:
        assert reader.runs()[0].checks == 1
        assert reader.reading(run_id, 0) == reading(0)
    writer.execute("ROLLBACK")
    writer.close()
