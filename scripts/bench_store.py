"""How long the store takes to answer when it holds many runs: python scripts/bench_store.py [--runs 10000] [--url URL].

One run is recorded through the store as a watch would do it: 30 checks of 2 anchors with 15 metrics, 100 loss points,
40 factors. It is then copied in SQL, row for row, until there are as many runs as asked for, and what people wait for
is timed: the median of five calls, in seconds. The store is a temporary SQLite file, or a new one at --url.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, literal, select

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import (
    Aggregate,
    Check,
    ContractResult,
    Cost,
    Likelihood,
    LossPoint,
    Output,
    Reading,
    RunInfo,
    Score,
)
from anchorwatch.store import Store
from anchorwatch.store.database import open_database
from anchorwatch.store.schema import (
    aggregates,
    attempts,
    checks,
    contracts,
    factors,
    links,
    losses,
    outputs,
    run_anchors,
    runs,
    scores,
)

CHECKS, ANCHORS, METRICS, LOSSES, FACTORS = 30, 2, 15, 100, 40
TEXT = "We cannot refund this after thirty days, but a colleague can look at it with you. " * 3
FIRST = "run-000000"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--url")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.url or f"sqlite:///{folder}/bench.db"
        with Store(url) as store:
            per_check = record(store)
            started = time.perf_counter()
            multiply(url, arguments.runs)
            print(f"{arguments.runs} runs x {CHECKS} checks, filled in {time.perf_counter() - started:.0f} s", end="")
            print("" if arguments.url else f", {Path(folder, 'bench.db').stat().st_size / 1e6:.0f} MB")
            print(f"{per_check:8.4f}  add_reading, with {ANCHORS} anchors and {METRICS} metrics")
            middle = f"run-{arguments.runs // 2:06}"
            show("runs()", store.runs)
            show("runs(limit=20)", lambda: store.runs(20))
            show('run("latest")', lambda: store.run("latest"))
            show(f'run("{middle}")', lambda: store.run(middle))
            show("steps()", lambda: store.steps(middle))
            show("reading()", lambda: store.reading(middle, 50))
            show("readings()", lambda: store.readings(middle))
            show("losses()", lambda: store.losses(middle))


def show(name: str, call: Callable[[], object]) -> None:
    print(f"{statistics.median(seconds(call) for _ in range(5)):8.4f}  {name}")


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def record(store: Store) -> float:
    """Records the first run; the median seconds of an `add_reading`."""
    anchors = [{"id": f"a{number}", "kind": "core", "prompt": f"Question {number}?"} for number in range(ANCHORS)]
    anchor_set = AnchorSet.model_validate({"name": "bench", "anchors": anchors})
    settings = {f"args.setting_{number}": number / 7 for number in range(FACTORS)}
    store.begin_run(RunInfo(FIRST, "bench", "bench", 1, anchor_set.digest, settings), anchor_set)
    store.begin_attempt(FIRST, 0)
    store.add_losses(FIRST, [LossPoint(step, "loss", 1 / (step + 1)) for step in range(LOSSES)])
    store.add_links(FIRST, {"mlflow": "0123456789abcdef"})
    readings = [reading(step) for step in range(0, CHECKS * 10, 10)]
    return statistics.median(seconds(partial(store.add_reading, FIRST, given)) for given in readings)


def reading(step: int) -> Reading:
    ids = [f"a{number}" for number in range(ANCHORS)]
    names = [*(f"metric_{number}" for number in range(METRICS - 1)), "contract_pass"]
    likelihoods = {"baseline": Likelihood((-0.12345678,) * 60)}
    outputs = tuple(Output(id_, TEXT, tuple(range(60)), "stop", likelihoods=likelihoods) for id_ in ids)
    return Reading(
        Check(step, "schedule" if step else "baseline", outputs, Cost(2.0, 60, 400, 240, 4), epoch=step / 100),
        scores=tuple(Score(id_, name, step / 7, "a few words") for id_ in ids for name in names),
        contracts=tuple(ContractResult(id_, "action", True, "a few words") for id_ in ids),
        aggregates=tuple(
            Aggregate(name, group, ANCHORS, 0, 0.5, 0.4, 0.6, "wilson") for group in ("all", "core") for name in names
        ),
    )


def multiply(url: str, number: int, at_once: int = 100) -> None:
    """Copies the first run until there are `number` runs, `at_once` to a transaction."""
    engine, _ = open_database(url)
    for start in range(1, number, at_once):
        with engine.begin() as connection:
            for copy in range(start, min(start + at_once, number)):
                copy_first(connection, f"run-{copy:06}", copy * CHECKS)
    engine.dispose()


def copy_first(connection: Connection, run_id: str, offset: int) -> None:
    of_run: tuple[Table[Any], ...] = (factors, links, run_anchors, attempts, losses)
    of_check: tuple[Table[Any], ...] = (outputs, scores, contracts, aggregates)
    name = literal(run_id)
    duplicate(connection, runs, runs.c.id == FIRST, id=name)
    for table in of_run:
        duplicate(connection, table, table.c.run_id == FIRST, run_id=name)
    duplicate(connection, checks, checks.c.run_id == FIRST, id=checks.c.id + offset, run_id=name)
    for table in of_check:
        duplicate(connection, table, table.c.check_id <= CHECKS, check_id=table.c.check_id + offset)


def duplicate(
    connection: Connection, table: Table[Any], rows: ColumnElement[bool], **changed: ColumnElement[Any]
) -> None:
    columns = [changed.get(column.name, column) for column in table.c]
    connection.execute(insert(table).from_select(list(table.c), select(*columns).where(rows)))


if __name__ == "__main__":
    main()
