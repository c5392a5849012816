from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Engine, event
from store_samples import ANCHORS, reading, run_info

from anchorwatch.errors import StoreError
from anchorwatch.records import LossPoint
from anchorwatch.store import Store


def begin(store: Store, run_id: str, name: str = "a run") -> None:
    store.begin_run(run_info(run_id, name, seed=1), ANCHORS)
    store.begin_attempt(run_id, 0)


def test_a_new_run(store: Store) -> None:
    before = datetime.now(timezone.utc)
    begin(store, "r1")
    run = store.run("r1")
    assert run.info == run_info("r1", seed=1)
    assert (run.status, run.finished_at, run.final_step, run.last_step, run.checks) == ("running", None, None, None, 0)
    assert (run.baseline_contract_pass, run.last_contract_pass, run.links) == (None, None, {})
    assert timedelta(0) <= run.created_at - before < timedelta(minutes=1)


def test_a_finished_run_and_the_same_run_continued(store: Store) -> None:
    begin(store, "r1")
    store.add_reading("r1", reading(0, contract_pass=1.0))
    store.add_reading("r1", reading(10, contract_pass=0.25))
    store.add_links("r1", {"mlflow": "abc", "wandb": "old"})
    store.add_links("r1", {"wandb": "https://wandb.example/r1"})
    store.finish_run("r1", "finished", 12)
    run = store.run("r1")
    assert (run.status, run.final_step, run.last_step, run.checks) == ("finished", 12, 10, 2)
    assert (run.baseline_contract_pass, run.last_contract_pass) == (1.0, 0.25)
    assert run.links == {"mlflow": "abc", "wandb": "https://wandb.example/r1"}
    assert run.finished_at is not None
    assert run.finished_at >= run.created_at
    store.begin_attempt("r1", 5)
    run = store.run("r1")
    assert (run.status, run.finished_at, run.final_step, run.last_step) == ("running", None, None, 0)
    assert run.last_contract_pass == 1.0


def test_a_contract_pass_without_a_value_is_none(store: Store) -> None:
    begin(store, "r1")
    store.add_reading("r1", reading(5, contract_pass=None))
    run = store.run("r1")
    assert (run.baseline_contract_pass, run.last_contract_pass) == (None, None)


def test_runs_are_listed_newest_first(store: Store) -> None:
    assert store.runs() == []
    for run_id in ("b", "c", "a"):
        begin(store, run_id)
    assert [run.info.id for run in store.runs()] == ["a", "c", "b"]
    assert [run.info.id for run in store.runs(limit=2)] == ["a", "c"]
    assert store.runs(limit=2) == [store.run("a"), store.run("c")]


@pytest.fixture
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database, with its parameters."""
    sent: list[tuple[str, Any]] = []

    def note(*event: Any) -> None:
        sent.append(event[2:4])

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def selects(store: Store, statements: list[tuple[str, Any]], **options: Any) -> list[tuple[str, Any]]:
    """What a list of runs takes."""
    statements.clear()
    store.runs(**options)
    return [each for each in statements if each[0].startswith("SELECT")]


def test_the_number_of_statements_does_not_grow_with_the_runs(store: Store, statements) -> None:
    begin(store, "r0")
    one = len(selects(store, statements))
    for number in range(1, 5):
        begin(store, f"r{number}")
        store.add_reading(f"r{number}", reading(0))
    assert len(selects(store, statements)) == one == 3


def test_a_list_reads_of_a_check_only_what_it_shows(store: Store, statements) -> None:
    begin(store, "r0")
    for statement, parameters in selects(store, statements):
        with sqlite3.connect("anchorwatch.db") as connection:
            plan = "; ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))
        read = [step for step in plan.split("; ") if "aw_aggregates" in step]
        assert all("USING INDEX aw_contract_pass" in step for step in read), plan
        assert len(read) == (2 if "aw_checks" in statement else 0)


def test_a_list_without_factors_is_the_same_but_for_them(store: Store, statements) -> None:
    begin(store, "r1")
    store.add_links("r1", {"mlflow": "abc"})
    (run,) = store.runs()
    assert run.info.factors == {"seed": 1}
    assert store.runs(factors=False) == [replace(run, info=replace(run.info, factors={}))]
    assert not any("aw_factors" in statement for statement, _ in selects(store, statements, factors=False))


def test_a_run_is_found_by_id_latest_name_and_start_of_id(store: Store) -> None:
    for run_id, name in [("abc1", "lora"), ("abd2", "lora"), ("a", "abc"), ("latest-not", "full")]:
        begin(store, run_id, name)
    assert store.run("a").info.id == "a"  # the whole id of one, the start of others
    assert store.run("latest").info.id == "latest-not"
    assert store.run("lora").info.id == "abd2"
    assert store.run("abc").info.id == "a"  # the name of one, the start of another's id
    assert store.run("abd").info.id == "abd2"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("ab", "run 'ab' could be 'abd2', 'abc1'; give more of the id"),
        ("lorra", "no run 'lorra'; the newest are 'full', 'lora' (did you mean 'lora'?)"),
        ("", "no run ''; the newest are 'full', 'lora'"),
        ("%", "no run '%'; the newest are 'full', 'lora'"),
        ("\ud800", "no run '\\ud800'; the newest are 'full', 'lora'"),
    ],
)
def test_a_run_that_is_not_there(store: Store, reference: str, message: str) -> None:
    for run_id, name in [("abc1", "lora"), ("abd2", "full")]:
        begin(store, run_id, name)
    with pytest.raises(StoreError) as error:
        store.run(reference)
    assert str(error.value) == message


def test_an_empty_store_says_so(store: Store) -> None:
    with pytest.raises(StoreError, match="no run 'latest': the store holds no runs yet"):
        store.run("latest")


def test_a_step_that_was_not_checked(store: Store, run_id: str) -> None:
    with pytest.raises(StoreError, match=r"run 'r1' has no check at step 5; there are checks at: none$"):
        store.reading(run_id, 5)
    store.add_reading(run_id, reading(0))
    store.add_reading(run_id, reading(10))
    with pytest.raises(StoreError, match=r"run 'r1' has no check at step 5; there are checks at: 0, 10$"):
        store.reading(run_id, 5)


def test_an_unknown_id_is_an_error_for_every_call(store: Store, run_id: str) -> None:
    calls = [
        lambda: store.begin_attempt("r2", 0),
        lambda: store.add_reading("r2", reading(0)),
        lambda: store.add_losses("r2", [LossPoint(0, "loss", 1.0)]),
        lambda: store.add_links("r2", {"wandb": "x"}),
        lambda: store.finish_run("r2", "finished", 3),
        lambda: store.steps("r2"),
        lambda: store.reading("r2", 0),
        lambda: store.readings("r2"),
        lambda: store.losses("r2"),
        lambda: store.anchor_set("r2"),
    ]
    for call in calls:
        with pytest.raises(StoreError, match=r"the store sqlite:///anchorwatch.db has no run with the id 'r2'$"):
            call()


def test_what_comes_out_of_order_is_an_error(store: Store) -> None:
    store.begin_run(run_info("r1"), ANCHORS)
    with pytest.raises(StoreError, match="run 'r1' has no attempt yet"):
        store.add_reading("r1", reading(0))
    with pytest.raises(StoreError, match="run 'r1' is in the store already"):
        store.begin_run(run_info("r1"), ANCHORS)
