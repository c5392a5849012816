from __future__ import annotations

import dataclasses
import json
import math
import random
import sqlite3
from collections.abc import Mapping
from typing import Any

import pytest
from store_samples import ANCHORS, reading, run_info

from anchorwatch.anchors import AnchorSet
from anchorwatch.errors import StoreError
from anchorwatch.records import Aggregate, Check, Cost, LossPoint, Reading, Score, Trigger
from anchorwatch.store import Store
from anchorwatch.text import scrub


def test_a_reading_comes_back_equal(store: Store, run_id: str) -> None:
    given = reading(20)
    store.add_reading(run_id, given)
    assert store.reading(run_id, 20) == given


def test_a_reading_without_likelihoods_is_the_same_but_for_them(store: Store, run_id: str) -> None:
    given = reading(20)
    store.add_reading(run_id, given)
    outputs = tuple(dataclasses.replace(output, likelihoods={}) for output in given.check.outputs)
    without = dataclasses.replace(given, check=dataclasses.replace(given.check, outputs=outputs))
    assert store.reading(run_id, 20, likelihoods=False) == without


def test_the_flags_of_a_run_are_those_of_the_checks_that_count(store: Store, run_id: str) -> None:
    given = [reading(step) for step in (0, 10, 20)]
    for each in given:
        store.add_reading(run_id, each)
    assert given[0].flags
    assert store.flags(run_id) == [flag for each in given for flag in each.flags]
    store.begin_attempt(run_id, 10)
    assert store.flags(run_id) == [flag for each in given[:2] for flag in each.flags]


def test_full_checks_are_told_from_drift_checks(store: Store, run_id: str) -> None:
    for step in (0, 10, 20):
        given = reading(step)
        trigger: Trigger = "drift" if step == 20 else "schedule"
        store.add_reading(run_id, dataclasses.replace(given, check=dataclasses.replace(given.check, trigger=trigger)))
    assert store.steps(run_id) == [0, 10, 20]
    assert store.steps(run_id, full=True) == [0, 10]


def test_the_types_of_scores_come_back(store: Store, run_id: str) -> None:
    # True == 1 == 1.0, so equality alone does not show it.
    given = reading(0)
    store.add_reading(run_id, given)
    found = store.reading(run_id, 0)
    assert [type(score.value) for score in found.scores] == [type(score.value) for score in given.scores]


def test_a_reading_of_nothing_comes_back_equal(store: Store, run_id: str) -> None:
    check = Check(0, "baseline", outputs=(), cost=Cost(1.25, 3, 40, 17, 8))
    given = Reading(check, scores=(), contracts=(), aggregates=())
    store.add_reading(run_id, given)
    assert store.reading(run_id, 0) == given


def test_of_a_likelihood_only_what_was_measured_takes_space(store: Store, run_id: str) -> None:
    store.add_reading(run_id, reading(0))
    with sqlite3.connect("anchorwatch.db") as connection:
        (stored,) = connection.execute("SELECT likelihoods FROM aw_outputs WHERE anchor_id = 'order'").fetchone()
    assert json.loads(stored)["rejected"] == {"token_logprobs": [-0.5]}
    assert json.loads(stored)["chosen"] == {"token_logprobs": []}


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31m\r\n\t\x07\x7f\x85",
        "\ufffd\ufeff\u202e\u2028",
        "👩🏽‍🚒 你好 é",
        "' \" \\ %s :name ? -- ; \\u0000 {}",
        '{"$float": "nan"}',
        "null",
        "12",
        "ab" * 500_000,
    ],
    ids=["control", "marks", "emoji", "sql", "own escape", "json", "number", "1 MB"],
)
def test_text_comes_back_as_it_was(store: Store, run_id: str, text: str) -> None:
    given = reading(5, text)
    store.add_reading(run_id, given)
    assert store.reading(run_id, 5) == given


def test_lone_surrogates_and_nul_are_replaced_in_every_field(store: Store) -> None:
    bad, good = "a\ud83d\x00b", "a\ufffd\ufffdb"
    store.begin_run(run_info("r", name=bad, prompt=bad, nested={bad: [bad]}), ANCHORS)
    store.begin_attempt("r", 0)
    store.add_reading("r", reading(5, bad))
    store.add_losses("r", [LossPoint(5, bad, 1.0)])
    store.add_links("r", {bad: bad})
    assert store.reading("r", 5) == reading(5, good)
    assert store.losses("r") == [LossPoint(5, good, 1.0)]
    found = store.run(bad)
    assert found.info == run_info("r", name=good, prompt=good, nested={good: [good]})
    assert found.links == {good: good}


def test_random_text_comes_back_scrubbed(store: Store, run_id: str) -> None:
    generator = random.Random(7)
    planes = [(0, 0x20), (0x20, 0x7F), (0x80, 0x2FF), (0x2000, 0x20FF), (0xD700, 0xE100), (0xFF00, 0x1FFFF)]
    for step in range(60):
        text = "".join(chr(generator.randrange(*generator.choice(planes))) for _ in range(generator.randrange(200)))
        given = reading(step, text)
        store.add_reading(run_id, given)
        assert store.reading(run_id, step) == reading(step, scrub(text)), ascii(text)


def test_numbers_that_are_not_finite(store: Store, run_id: str) -> None:
    nan, inf = float("nan"), float("inf")
    given = dataclasses.replace(
        reading(0),
        scores=(Score("a", "m", nan), Score("a", "m", inf), Score("a", "m", -inf)),
        aggregates=(Aggregate("m", "all", 3, 0, nan, nan, inf),),
    )
    evidence = {"p": nan, "series": [inf, -inf, {"deep": nan}]}
    given = dataclasses.replace(given, flags=(dataclasses.replace(given.flags[0], evidence=evidence),))
    store.add_reading(run_id, given)
    store.add_losses(run_id, [LossPoint(1, "loss", nan, epoch=nan), LossPoint(2, "loss", inf)])
    found = store.reading(run_id, 0)
    assert repr(found.scores) == repr(given.scores)
    assert repr(found.flags[0].evidence) == repr(evidence)
    assert found.aggregates == (Aggregate("m", "all", 3, 0, None, None, inf),)
    first, second = store.losses(run_id)
    assert math.isnan(first.value)
    assert first.epoch is None
    assert second == LossPoint(2, "loss", inf)


def test_factors_of_every_json_type(store: Store) -> None:
    factors: Mapping[str, Any] = {
        "args.learning_rate": 2e-4,
        "seed": 2**62,
        "big": 2**200,
        "bf16": True,
        "none": None,
        "text": "12",
        "list": [1, [2.5, None], {"k": "v"}],
        "like our own escape": {"$float": "none"},
    }
    given = run_info("r", **factors)
    store.begin_run(given, ANCHORS)
    found = store.run("r").info
    assert found == given
    assert {name: type(value) for name, value in found.factors.items()} == {
        name: type(value) for name, value in factors.items()
    }


def test_the_anchor_set_comes_back_equal(store: Store) -> None:
    store.begin_run(run_info("r1"), ANCHORS)
    store.begin_run(run_info("r2"), ANCHORS)
    found = store.anchor_set("r2")
    assert found == ANCHORS
    assert found.digest == ANCHORS.digest


def test_an_anchor_with_a_lone_surrogate_in_its_schema(store: Store) -> None:
    anchor = {"id": "a", "kind": "core", "prompt": "x", "expect": {"json_schema": {"enum": ["\ud800"]}}}
    store.begin_run(run_info("r"), AnchorSet.model_validate({"name": "x", "anchors": [anchor]}))
    assert store.anchor_set("r")["a"].expect.json_schema == {"enum": ["\ufffd"]}


def test_what_cannot_be_stored_is_one_line_and_leaves_nothing(store: Store, run_id: str) -> None:
    given = reading(0)
    flag = dataclasses.replace(given.flags[0], evidence={"model": object()})
    with pytest.raises(StoreError, match=r"^cannot write to the store .*: Object of type object is not JSON.*$"):
        store.add_reading(run_id, dataclasses.replace(given, flags=(flag,)))
    with pytest.raises(StoreError, match="too large"):
        store.add_reading(run_id, reading(2**70))
    assert store.steps(run_id) == []
