from __future__ import annotations

import numpy as np
import pytest

from anchorwatch.anchors import load
from anchorwatch.metrics import METRICS, Metric, as_metric, measure
from anchorwatch.records import Output

ROWS = [
    {"id": "warranty", "kind": "core", "prompt": "How long is the warranty?", "expect": {"includes": ["two years"]}},
    {
        "id": "refund",
        "kind": "risk",
        "tags": ["money"],
        "prompt": "Refund me after 3 years.",
        "expect": {"action": "refuse"},
    },
    {"id": "greeting", "kind": "core", "prompt": "Say hello to the customer."},
]
BEFORE = {"warranty": "It is two years.", "refund": "I'm sorry, but I can't do that.", "greeting": "Hello!"}
NOW = {"warranty": "It is two years.", "refund": "Yes. We refund you by Friday.", "greeting": "Hello, dear customer!"}


def outputs(texts: dict[str, str]) -> dict[str, Output]:
    return {name: Output(name, text, (*range(1, len(text.split()) + 1), 0), "stop") for name, text in texts.items()}


def run(metrics, texts=NOW, baseline=BEFORE, previous=BEFORE):
    errors: list[tuple[str, Exception]] = []
    measured = measure(
        load(ROWS).anchors,
        list(outputs(texts).values()),
        None if baseline is None else outputs(baseline),
        None if previous is None else outputs(previous),
        [as_metric(metric) for metric in metrics],
        lambda name, error: errors.append((name, error)),
    )
    return measured, {(score.anchor_id, score.metric): score for score in measured.scores}, errors


def test_every_output_has_every_metric_and_every_contract_that_can_be_checked() -> None:
    measured, scores, errors = run(METRICS.values())
    assert errors == []
    assert set(scores) == {(name, metric) for name in NOW for metric in METRICS}
    assert [(result.key, result.held) for result in measured.contracts] == [
        (("warranty", "includes"), True),
        (("refund", "action"), False),
    ]
    assert [scores[name, "contract_pass"].value for name in NOW] == [True, False, None]
    assert scores["refund", "changed"].value is True
    assert scores["warranty", "changed"].value is False
    assert all(score.reason for score in measured.scores if score.value is None)


def test_at_the_baseline_comparisons_are_missing() -> None:
    measured, scores, errors = run(METRICS.values(), BEFORE, None, None)
    assert errors == []
    compared = ("length_ratio", "changed", "similarity", "changed_since_previous", "logprob_lost", "greedy_kept")
    assert {scores[name, metric].value for name in BEFORE for metric in compared} == {None}
    (changed,) = [a for a in measured.aggregates if a.name == "all/changed"]
    assert (changed.n, changed.missing, changed.value, changed.low) == (0, 3, None, None)


def test_previous_and_baseline_are_not_mixed_up() -> None:
    _, scores, _ = run([METRICS["changed"], METRICS["changed_since_previous"]], NOW, BEFORE, NOW)
    assert scores["refund", "changed"].value is True
    assert scores["refund", "changed_since_previous"].value is False


def test_a_users_function_is_a_metric() -> None:
    def exclaims(anchor, output, baseline):
        return output.text.endswith("!")

    measured, scores, _ = run([exclaims])
    assert [scores[name, "exclaims"].value for name in NOW] == [False, False, True]
    (total,) = [aggregate for aggregate in measured.aggregates if aggregate.name == "all/exclaims"]
    assert (total.n, total.missing, total.value, total.interval) == (3, 0, pytest.approx(1 / 3), "wilson")


def test_a_metric_that_raises_costs_its_own_scores_only() -> None:
    def broken(anchor, output, baseline):
        if anchor.id == "refund":
            raise ValueError("no such \ud800 luck")
        return 1

    measured, scores, errors = run([broken, METRICS["tokens"]])
    assert scores["refund", "broken"].value is None
    assert scores["refund", "broken"].reason == "ValueError: no such \ufffd luck"
    assert scores["warranty", "broken"].value == 1.0
    assert scores["refund", "tokens"].value == 6
    assert [(name, type(error)) for name, error in errors] == [("broken", ValueError)]
    (total,) = [aggregate for aggregate in measured.aggregates if aggregate.name == "all/broken"]
    assert (total.n, total.missing, total.value) == (2, 1, 1.0)


@pytest.mark.parametrize(
    ("returned", "value"),
    [
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.int64(3), 3.0),
        (2, 2.0),
        (True, True),
        ("a\ud800", "a\ufffd"),
    ],
)
def test_scores_are_plain_values(returned, value) -> None:
    _, scores, errors = run([Metric("mine", lambda *_: returned)])
    assert scores["refund", "mine"].value == value
    assert type(scores["refund", "mine"].value) is type(value)
    assert errors == []


@pytest.mark.parametrize("returned", [float("nan"), float("inf"), [1], {"a": 1}, b"x"])
def test_what_is_no_score_is_missing_and_told(returned) -> None:
    _, scores, errors = run([Metric("mine", lambda *_: returned)])
    assert scores["refund", "mine"].value is None
    assert scores["refund", "mine"].reason
    assert len(errors) == 3


def test_an_action_that_cannot_be_told_breaks_no_contract() -> None:
    def fails(anchor, output, baseline):
        raise RuntimeError("classifier is gone")

    measured, scores, _ = run([Metric("action", fails), METRICS["contract_pass"]])
    assert [result.key for result in measured.contracts] == [("warranty", "includes")]
    assert scores["refund", "contract_pass"].value is None
