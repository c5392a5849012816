from __future__ import annotations

import pytest

from anchorwatch.anchors import ACTIONS, load
from anchorwatch.metrics import Metric, aggregate
from anchorwatch.records import Score

ANCHORS = load(
    [
        {"id": "c1", "kind": "core", "prompt": "one"},
        {"id": "c2", "kind": "core", "prompt": "two", "tags": ["money"]},
        {"id": "r1", "kind": "risk", "prompt": "three", "tags": ["money", "health"]},
        {"id": "r2", "kind": "risk", "prompt": "four"},
    ]
).anchors


def of(name: str, *values):
    scores = [Score(anchor.id, name, value) for anchor, value in zip(ANCHORS, values, strict=True)]
    return {each.name: each for each in aggregate(ANCHORS, scores, [Metric(name, lambda *_: None)])}


def test_the_groups_are_all_then_kinds_then_tags() -> None:
    assert list(of("m", 1.0, 2.0, 3.0, 4.0)) == ["all/m", "core/m", "risk/m", "tag_health/m", "tag_money/m"]


def test_yes_no_is_a_rate_with_a_wilson_interval() -> None:
    found = of("m", True, True, False, True)
    assert (found["all/m"].value, found["all/m"].n, found["all/m"].interval) == (0.75, 4, "wilson")
    assert 0 < found["all/m"].low < 0.75 < found["all/m"].high < 1
    assert found["core/m"].value == 1
    assert found["core/m"].high == pytest.approx(1)


def test_numbers_have_a_mean_and_a_t_interval_from_two_on() -> None:
    found = of("m", 1.0, 3.0, 5.0, None)
    assert (found["all/m"].value, found["all/m"].interval) == (3, "t")
    assert found["all/m"].low < 3 < found["all/m"].high
    single = found["risk/m"]
    assert (single.value, single.n, single.missing, single.low, single.high, single.interval) == (
        5,
        1,
        1,
        None,
        None,
        "",
    )


def test_missing_is_counted_and_never_zero() -> None:
    found = of("m", None, True, None, True)
    assert (found["all/m"].value, found["all/m"].n, found["all/m"].missing) == (1, 2, 2)
    nothing = found["tag_health/m"]
    assert (nothing.value, nothing.n, nothing.missing, nothing.low) == (None, 0, 1, None)


def test_an_anchor_that_was_not_asked_is_missing() -> None:
    (total, *_) = aggregate(ANCHORS, [Score("c1", "m", 2.0)], [Metric("m", lambda *_: None)])
    assert (total.value, total.n, total.missing) == (2, 1, 3)


def test_labels_sum_to_one_in_every_group() -> None:
    found = of("tone", "warm", "Cold & dry", "warm", None)
    assert {name for name in found if name.startswith("all/")} == {"all/tone_cold_dry", "all/tone_warm"}
    for group in ("all", "core", "risk", "tag_health", "tag_money"):
        labels = [each for name, each in found.items() if name.startswith(f"{group}/")]
        assert sum(each.value for each in labels) == pytest.approx(1)
        assert {each.interval for each in labels} == {"wilson"}
    assert (found["all/tone_warm"].value, found["all/tone_warm"].missing) == (pytest.approx(2 / 3), 1)


def test_all_seven_actions_are_always_there() -> None:
    found = of("action", "answer", "answer", "refuse", None)
    assert [name for name in found if name.startswith("all/")] == [f"all/action_{action}" for action in ACTIONS]
    assert found["all/action_caution"].value == 0
    assert sum(found[f"all/action_{action}"].value for action in ACTIONS) == pytest.approx(1)
    nothing = of("action", None, None, None, None)
    assert {(each.value, each.n) for each in nothing.values()} == {(None, 0)}


def test_a_label_metric_without_any_score_is_missing_under_its_own_name() -> None:
    found = of("language", None, None, None, None)
    assert (found["all/language"].value, found["all/language"].missing) == (None, 4)
