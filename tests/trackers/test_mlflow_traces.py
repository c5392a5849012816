"""Full checks as nested runs with a trace for each anchor."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from tracker_samples import NASTY, Tracked, make_drift_reading, make_reading

from anchorwatch.mlflow_address import Address

REFUND = {"anchor": "refund", "prompt": "Refund me."}


@pytest.fixture
def traced(track: Callable[..., Tracked]) -> Tracked:
    return track(mlflow_traces=True)


def nested(parent: str) -> dict[str, Any]:
    """The runs below `parent`, by name."""
    runs = MlflowClient().search_runs(["0"], f"tags.`mlflow.parentRunId` = '{parent}'")
    return {run.info.run_name: run for run in runs}


def traces(run_id: str) -> dict[str, Any]:
    """The traces of a nested run, by the anchor asked."""
    found = MlflowClient().search_traces(locations=["0"], run_id=run_id)
    return {trace.data.spans[0].inputs["anchor"]: trace for trace in found}


def assessed(trace: Any) -> dict[str, Any]:
    return {each.name: (each.value, each.rationale) for each in trace.info.assessments}


def test_every_full_check_is_a_run_whose_rows_pair_with_those_of_any_other(
    traced: Tracked, warned: Callable[[], list[str]]
) -> None:
    parent, trackers = traced
    active = mlflow.active_run()
    baseline, last = make_reading(0), make_reading(40, {"hours": NASTY}, held=False)
    trackers.record(baseline, None)
    trackers.record(make_drift_reading(20), baseline)
    trackers.record(last, baseline)
    assert mlflow.active_run() is active
    mlflow.end_run()
    address = Address.parse(trackers.finish(last, baseline)["mlflow"])

    runs = nested(parent)
    assert runs.keys() == {"first, step 0", "first, step 40"}
    assert {run.info.status for run in runs.values()} == {"FINISHED"}
    assert {run.data.tags["mlflow.runType"] for run in runs.values()} == {"genai_evaluate"}
    assert (runs["first, step 0"].info.run_id, runs["first, step 40"].info.run_id) == (address.baseline, address.last)
    before, after = traces(address.baseline), traces(address.last)
    assert before.keys() == after.keys() == {"refund", "hours", "premise"}
    for anchor in before:
        assert before[anchor].data.spans[0].inputs == after[anchor].data.spans[0].inputs
    assert before["refund"].data.spans[0].inputs == REFUND
    assert after["hours"].data.spans[0].outputs == last.output("hours").text
    assert assessed(before["refund"]) == {"action": ("refuse", None)}
    assert assessed(after["refund"]) == {"action": ("answer", None), "logprob_lost": (0.25, None)}
    assert assessed(after["premise"]) == {}, "a missing score is missing"
    assert warned() == []
    assert mlflow.active_run() is None


def test_a_resumed_run_has_its_baseline_to_compare_with(traced: Tracked) -> None:
    trackers = traced.trackers
    trackers.record(make_reading(40), make_reading(0))
    address = Address.parse(trackers.finish(make_reading(40), make_reading(0))["mlflow"])
    assert traces(address.baseline).keys() == traces(address.last).keys()
    assert address.baseline != address.last


def test_random_numbers_and_open_traces_of_the_training_are_left_alone(traced: Tracked) -> None:
    trackers = traced.trackers
    with mlflow.start_span("theirs") as theirs:
        random.seed(7)
        expected = random.random()
        for step in (0, 40):
            random.seed(7)
            trackers.record(make_reading(step), make_reading(0) if step else None)
            assert random.random() == expected
    address = Address.parse(trackers.finish(make_reading(40), make_reading(0))["mlflow"])
    assert len(traces(address.baseline)) == len(traces(address.last)) == 3, "ids of their own, though seeds repeat"
    mlflow.flush_trace_async_logging()  # what is theirs is theirs to wait for
    assert [span.name for span in MlflowClient().get_trace(theirs.trace_id).data.spans] == ["theirs"]


def test_without_tracing_a_run_is_recorded_all_the_same(traced: Tracked, warned: Callable[[], list[str]]) -> None:
    run_id, trackers = traced
    mlflow.tracing.disable()
    try:
        for step in (0, 40):
            trackers.record(make_reading(step), make_reading(0) if step else None)
        address = Address.parse(trackers.finish(make_reading(40), make_reading(0))["mlflow"])
    finally:
        mlflow.tracing.enable()
    assert warned() == [
        "no more traces of checks in MLflow (RuntimeError: MLflow's tracing is disabled in this process)"
    ]
    assert (address.last, address.baseline) == ("", "")
    assert [point.step for point in MlflowClient().get_metric_history(run_id, "anchors/all/flags")] == [0, 40]
