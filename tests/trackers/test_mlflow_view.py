"""The saved view: what it draws, when it is written, and whom it leaves alone."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from tracker_samples import Tracked, make_reading

from anchorwatch.mlflow_address import Address
from anchorwatch.trackers import mlflow_view

TAG = "mlflow.sharedViewState.anchorwatch-behaviour-vs-loss"
PASS = "anchors/all/contract_pass"


def view() -> dict[str, Any]:
    """The envelope of the one view of the experiment, with its state unpacked."""
    tags = MlflowClient().get_experiment("0").tags
    (value,) = [value for key, value in tags.items() if key.startswith("mlflow.sharedViewState.")]
    envelope = dict(json.loads(value))
    packed = envelope["state"].removeprefix("deflate;")
    return envelope | {"state": json.loads(zlib.decompress(base64.b64decode(packed)))}


def drawn() -> dict[str, list[list[str]]]:
    """Lines of each chart that stands open, by section."""
    state = view()["state"]
    return {
        section["name"]: [
            chart["selectedMetricKeys"]
            for chart in state["compareRunCharts"]
            if chart["metricSectionId"] == section["uuid"]
        ]
        for section in state["compareRunSections"]
        if section["display"]
    }


def log(run_id: str, step: int, **losses: float) -> None:
    for name, value in losses.items():
        MlflowClient().log_metric(run_id, name, value, step=step)


def test_a_view_is_there_as_soon_as_there_is_a_loss_and_grows_with_what_is_logged(tracked: Tracked) -> None:
    run_id, trackers = tracked
    baseline = make_reading(0)
    trackers.record(baseline, None)
    assert TAG not in MlflowClient().get_experiment("0").tags
    log(run_id, 40, loss=3.0)
    trackers.record(make_reading(40), baseline)
    assert view()["name"] == "behaviour vs loss"
    assert drawn()["behaviour vs loss"] == [["loss", PASS]]
    log(run_id, 80, loss=2.0, eval_loss=2.5, train_loss=2.4)
    trackers.record(make_reading(80), baseline)
    assert drawn()["behaviour vs loss"] == [["loss", "eval_loss", PASS]]
    assert "behaviour over loss" in drawn(), "the evaluation was at one check only"
    log(run_id, 120, eval_loss=2.0)
    trackers.record(make_reading(120), baseline)
    before = view()
    address = Address.parse(trackers.finish(make_reading(120), baseline)["mlflow"])
    assert (address.run_id, address.view) == (run_id, TAG.rpartition(".")[2])

    by_kind = [[PASS, "anchors/risk/contract_pass"], ["anchors/risk/logprob_lost"]]
    assert drawn() == {
        "behaviour vs loss": [["loss", "eval_loss", PASS]],
        "contracts broken and flags": [["anchors/all/contracts_broken"], ["anchors/all/flags", "anchors/all/alarms"]],
        "behaviour over eval_loss": by_kind,
        "behaviour by kind": by_kind,
    }
    over = {chart["selectedXAxisMetricKey"] for chart in view()["state"]["compareRunCharts"]}
    assert over == {"", "eval_loss"}
    assert view()["createdAt"] == before["createdAt"]


def test_losses_of_evaluations_between_the_checks_are_nothing_to_draw_behaviours_over(tracked: Tracked) -> None:
    run_id, trackers = tracked
    for step in (0, 40, 80):
        log(run_id, step, loss=3.0 - step / 100)
        log(run_id, step + 10, eval_loss=3.0)
        trackers.record(make_reading(step), make_reading(0) if step else None)
    trackers.finish(make_reading(80), make_reading(0))
    assert "behaviour over loss" in drawn()


def test_runs_share_one_view_that_draws_what_any_of_them_logs(track: Callable[..., Tracked]) -> None:
    written = []
    for losses in ({"loss": 3.0}, {"loss": 3.0, "eval_shop_loss": 2.0}, {"loss": 3.0}):
        run_id, trackers = track()
        for step in (40, 80):
            log(run_id, step, **losses)
            trackers.record(make_reading(step), make_reading(0))
        trackers.finish(make_reading(80), make_reading(0))
        mlflow.end_run()
        written.append(view()["updatedAt"])
    assert drawn()["behaviour vs loss"] == [["loss", "eval_shop_loss", PASS]]
    assert "behaviour over eval_shop_loss" in drawn(), "also after a run that was not evaluated"
    assert written[0] < written[1] == written[2], "a view that is up to date is not written again"


@pytest.mark.parametrize(
    "theirs",
    [
        json.dumps(
            {"name": "behaviour vs loss", "createdAt": 1, "updatedAt": 2, "state": json.dumps({"groupBy": None})}
        ),
        "deflate;" + base64.b64encode(zlib.compress(b'{"compareRunCharts": []}')).decode(),
        "deflate;not base64",
        "[]",
        "",
    ],
)
def test_a_view_that_a_person_saved_is_left_alone(tracked: Tracked, theirs: str) -> None:
    MlflowClient().set_experiment_tag("0", TAG, theirs)
    log(tracked.run_id, 40, loss=3.0)
    tracked.trackers.record(make_reading(40), make_reading(0))
    links = tracked.trackers.finish(make_reading(40), make_reading(0))
    assert MlflowClient().get_experiment("0").tags[TAG] == theirs
    assert Address.parse(links["mlflow"]).view == "", "no link to what is not ours"


def test_before_3_15_a_view_is_its_state_alone(tracked: Tracked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow, "__version__", "3.14.0")
    log(tracked.run_id, 40, loss=3.0)
    for step in (40, 80):
        tracked.trackers.record(make_reading(step), make_reading(0))
        log(tracked.run_id, step, eval_loss=3.0)
        value = MlflowClient().get_experiment("0").tags[TAG]
        assert value.startswith("deflate;")
        assert len(value) < 5000, "MLflow 3.10 takes no longer tag of an experiment"
    tracked.trackers.finish(make_reading(80), make_reading(0))
    state = json.loads(zlib.decompress(base64.b64decode(value.removeprefix("deflate;"))))
    assert {"searchFilter", "runsPinned", "compareRunCharts"} <= state.keys()


@pytest.mark.parametrize("version", ["3.9.1", "3.99.0", "4.0.0.dev1", "unknown"])
def test_a_version_that_was_not_tried_gets_no_view_and_misses_nothing_else(
    tracked: Tracked, monkeypatch: pytest.MonkeyPatch, version: str, warned: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr(mlflow, "__version__", version)
    log(tracked.run_id, 40, loss=3.0)
    tracked.trackers.record(make_reading(40), make_reading(0))
    links = tracked.trackers.finish(make_reading(40), make_reading(0))
    assert TAG not in MlflowClient().get_experiment("0").tags
    assert Address.parse(links["mlflow"]) == Address(tracked.run_id, mlflow.get_tracking_uri(), "0")
    assert PASS in MlflowClient().get_run(tracked.run_id).data.metrics
    assert warned() == []


def test_a_view_that_cannot_be_written_stops_no_recording(
    tracked: Tracked, monkeypatch: pytest.MonkeyPatch, warned: Callable[[], list[str]]
) -> None:
    too_long = "x" * 300
    monkeypatch.setattr(mlflow_view, "_TAG", too_long)  # longer than MLflow takes
    log(tracked.run_id, 40, loss=3.0)
    tracked.trackers.record(make_reading(40), make_reading(0))
    links = tracked.trackers.finish(make_reading(40), make_reading(0))
    assert Address.parse(links["mlflow"]).view == ""
    assert PASS in MlflowClient().get_run(tracked.run_id).data.metrics
    assert warned() == []
