from __future__ import annotations

import sqlite3

from store_samples import ANCHORS, reading, run_info

from anchorwatch.records import LossPoint
from anchorwatch.store import Store


def losses_at(*steps: int, value: float = 1.0) -> list[LossPoint]:
    return [LossPoint(step, "loss", value) for step in steps]


def test_a_resume_supersedes_what_came_after_its_step(store: Store, run_id: str) -> None:
    for step in (0, 10, 20, 30):
        store.add_reading(run_id, reading(step, "first"))
    store.add_losses(run_id, losses_at(5, 15, 20, 25))
    assert store.begin_attempt(run_id, 20) == 2
    assert store.steps(run_id) == [0, 10, 20]
    assert [point.step for point in store.losses(run_id)] == [5, 15, 20]
    store.add_reading(run_id, reading(30, "second"))
    store.add_losses(run_id, losses_at(25, value=2.0))
    assert [found.check.outputs[0].text for found in store.readings(run_id)] == ["first", "first", "first", "second"]
    assert store.losses(run_id) == [*losses_at(5, 15, 20), *losses_at(25, value=2.0)]


def test_the_baseline_survives_a_restart_at_step_0(store: Store, run_id: str) -> None:
    store.add_reading(run_id, reading(0, "baseline"))
    store.add_reading(run_id, reading(10))
    store.begin_attempt(run_id, 0)
    assert store.readings(run_id) == [reading(0, "baseline")]
    run = store.run(run_id)
    assert (run.checks, run.last_step) == (1, 0)


def test_every_later_attempt_counts_not_only_the_last(store: Store, run_id: str) -> None:
    store.add_reading(run_id, reading(30))
    store.begin_attempt(run_id, 10)
    store.begin_attempt(run_id, 40)
    assert store.steps(run_id) == []


def test_superseded_rows_stay_in_the_database(store: Store, run_id: str) -> None:
    store.add_reading(run_id, reading(30, "lost but kept"))
    store.add_losses(run_id, losses_at(30))
    store.begin_attempt(run_id, 0)
    with sqlite3.connect("anchorwatch.db") as connection:
        assert connection.execute("SELECT attempt, step, live FROM aw_checks").fetchall() == [(1, 30, 0)]
        assert connection.execute("SELECT text FROM aw_outputs WHERE position = 0").fetchall() == [("lost but kept",)]
        assert connection.execute("SELECT attempt, step, live FROM aw_losses").fetchall() == [(1, 30, 0)]


def test_the_same_step_again_replaces_the_reading(store: Store, run_id: str) -> None:
    store.add_reading(run_id, reading(10, "before"))
    store.add_reading(run_id, reading(10, "after"))
    assert store.readings(run_id) == [reading(10, "after")]
    with sqlite3.connect("anchorwatch.db") as connection:
        assert connection.execute("SELECT count(*) FROM aw_outputs WHERE text = 'before'").fetchone() == (0,)


def test_the_same_step_in_a_later_attempt_takes_its_place_and_keeps_it(store: Store, run_id: str) -> None:
    store.add_reading(run_id, reading(20, "before"))
    store.add_losses(run_id, losses_at(20))
    store.begin_attempt(run_id, 20)
    store.add_reading(run_id, reading(20, "after"))
    store.add_losses(run_id, losses_at(20, value=2.0))
    assert store.readings(run_id) == [reading(20, "after")]
    assert store.losses(run_id) == losses_at(20, value=2.0)
    with sqlite3.connect("anchorwatch.db") as connection:
        assert connection.execute("SELECT count(*) FROM aw_checks").fetchone() == (2,)


def test_the_same_loss_again_replaces_it_and_names_are_apart(store: Store, run_id: str) -> None:
    store.add_losses(run_id, [LossPoint(10, "loss", 3.0), LossPoint(10, "eval_loss", 4.0, epoch=0.5)])
    store.add_losses(run_id, [LossPoint(10, "loss", 2.0), LossPoint(10, "loss", 1.0)])
    store.add_losses(run_id, [])
    assert store.losses(run_id) == [LossPoint(10, "eval_loss", 4.0, epoch=0.5), LossPoint(10, "loss", 1.0)]


def test_runs_do_not_touch_each_other(store: Store, run_id: str) -> None:
    store.begin_run(run_info("r2"), ANCHORS)
    store.begin_attempt("r2", 0)
    for run in (run_id, "r2"):
        store.add_reading(run, reading(10, run))
        store.add_losses(run, losses_at(10))
    store.begin_attempt("r2", 0)
    assert store.readings(run_id) == [reading(10, run_id)]
    assert store.losses(run_id) == losses_at(10)
