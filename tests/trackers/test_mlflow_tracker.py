from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from tracker_samples import FELL, NASTY, Server, Tracked, flagged, make_drift_reading, make_reading, make_run

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.records import Flag, RunInfo
from anchorwatch.trackers import FanOut, discover, tables

Point = Callable[[str], None]


@pytest.fixture(params=["sqlite", "file", "server"])
def uri(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    if request.param == "server":
        return str(request.getfixturevalue("server").uri)
    if request.param == "file":
        monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        return (tmp_path / "mlruns").as_uri()
    return f"sqlite:///{tmp_path}/mlflow.db"


def artifact(client: MlflowClient, run_id: str, path: str) -> dict[str, Any]:
    return dict(json.loads(Path(client.download_artifacts(run_id, path)).read_text(encoding="utf-8")))


def points(client: MlflowClient, run_id: str, name: str) -> list[tuple[int, float]]:
    return [(metric.step, metric.value) for metric in client.get_metric_history(run_id, name)]


def test_a_run_holds_numbers_tables_tags_and_data(
    uri: str,
    mlflow_at: Point,
    run: RunInfo,
    anchor_set: AnchorSet,
    warned: Callable[[], list[str]],
    tmp_path: Path,
) -> None:
    mlflow_at(uri)
    theirs = {"path": "samples.json", "type": "table"}
    run_id = mlflow.start_run(tags={"mlflow.loggedArtifacts": json.dumps([theirs])}).info.run_id
    trackers = FanOut(discover(["mlflow"]))
    assert trackers.start(run, anchor_set) == {"mlflow": f"{uri}#/experiments/0/runs/{run_id}"}
    report = tmp_path / "shop-0123456789ab.html"
    report.write_text("<p>ü 漢</p>", encoding="utf-8")
    baseline, last = make_reading(0), make_reading(40, {"hours": NASTY, "premise": "x" * 1_000_000}, held=False)
    trackers.record(baseline, None)
    trackers.record(last, baseline)
    trackers.before_train_end()
    assert mlflow.active_run() is not None
    mlflow.end_run()  # the trainer's integration closes before the last word
    trackers.finish(last, baseline, report)
    assert mlflow.active_run() is None
    assert warned() == []

    client = MlflowClient(uri)
    assert len(client.search_runs(["0"])) == 1
    for name, value in tables.scalars(last).items():
        assert points(client, run_id, name)[-1] == (40, value)
    assert points(client, run_id, "anchors/all/action_refuse") == [(0, 0.5), (40, 0.0)]
    assert points(client, run_id, "anchors/risk/logprob_lost") == [(40, 0.25)]

    latest = artifact(client, run_id, "anchors/latest.json")
    assert latest["columns"][0] == "anchor_id"
    assert "output" in latest["columns"]
    assert latest["data"] == [list(row) for row in tables.rows(anchor_set, last, baseline)]
    assert artifact(client, run_id, "anchors/by_step/000040.json") == latest
    before = artifact(client, run_id, "anchors/by_step/000000.json")
    assert before["data"] == [list(row) for row in tables.rows(anchor_set, baseline, None)]
    assert artifact(client, run_id, "anchors/flags.json")["data"][0][0] == "contract_broken"
    assert load(client.download_artifacts(run_id, "anchors/set.yaml")).digest == anchor_set.digest
    assert Path(client.download_artifacts(run_id, "anchors/report.html")).read_bytes() == report.read_bytes()

    found = client.get_run(run_id)
    assert found.info.status == "FINISHED"
    assert json.loads(found.data.tags["mlflow.loggedArtifacts"]) == [
        theirs,
        {"path": "anchors/latest.json", "type": "table"},
    ]
    ours = {key: value for key, value in found.data.tags.items() if key.startswith("anchorwatch.")}
    assert ours == {
        "anchorwatch.run_id": "0123456789ab",
        "anchorwatch.anchor_set": "shop",
        "anchorwatch.anchor_set_version": "3",
        "anchorwatch.digest": anchor_set.digest,
        "anchorwatch.contracts_broken": "1",
        "anchorwatch.alarms": "none",
    }
    (data,) = found.inputs.dataset_inputs
    assert (data.dataset.digest, json.loads(data.dataset.profile)) == ("feedfacecafebeef", {"num_rows": 120})


def test_a_drift_check_is_numbers_and_flags_without_outputs(tracked: Tracked, anchor_set: AnchorSet) -> None:
    run_id, trackers = tracked
    baseline, drift = make_reading(0), make_drift_reading(20, held=False)
    trackers.record(baseline, None)
    trackers.record(drift, baseline)

    client = MlflowClient()
    assert {name: points(client, run_id, name)[-1] for name in tables.scalars(drift)} == {
        name: (20, value) for name, value in tables.scalars(drift).items()
    }
    assert client.get_run(run_id).data.tags["anchorwatch.contracts_broken"] == "1"
    listed = {file.path for folder in ("anchors", "anchors/by_step") for file in client.list_artifacts(run_id, folder)}
    assert listed == {
        "anchors/set.yaml",
        "anchors/latest.json",
        "anchors/flags.json",
        "anchors/by_step",
        "anchors/by_step/000000.json",
    }
    assert [row[:3] for row in artifact(client, run_id, "anchors/flags.json")["data"]] == [
        ["contract_broken", "alarm", 20]
    ]
    before = [list(row) for row in tables.rows(anchor_set, baseline, None)]
    assert artifact(client, run_id, "anchors/latest.json")["data"] == before


def test_flags_that_no_longer_stand_are_taken_away(tracked: Tracked) -> None:
    run_id, trackers = tracked
    trackers.record(make_reading(40, held=False), make_reading(0))
    trackers.record(make_reading(80), make_reading(0))
    assert artifact(MlflowClient(), run_id, "anchors/flags.json")["data"] == []


def test_a_watch_that_becomes_an_alarm_at_a_drift_check_is_one_in_the_table(tracked: Tracked) -> None:
    run_id, trackers = tracked
    baseline = make_reading(0)
    trackers.record(baseline, None)
    trackers.record(flagged(20, replace(FELL, level="watch")), baseline)
    trackers.record(flagged(30, FELL, drift=True), baseline)
    found = artifact(MlflowClient(), run_id, "anchors/flags.json")
    (row,) = (dict(zip(found["columns"], row, strict=True)) for row in found["data"])
    assert (row["level"], row["step"]) == ("alarm", 30)
    assert (row["loss"], row["loss_before"], row["loss_after"]) == ("eval_loss", 2.31, 1.02)
    assert (row["change_low"], row["change_high"], row["p"]) == (-0.6, -0.2, 0.004)


def test_a_run_taken_up_again_shows_what_stands_and_takes_away_what_does_not(
    tracked: Tracked, anchor_set: AnchorSet
) -> None:
    run_id, trackers = tracked
    client, baseline = MlflowClient(), make_reading(0)
    trackers.record(flagged(20, FELL), baseline)
    for left, rows in (((FELL,), 1), ((), 0)):
        client.log_text(run_id, '{"columns": [], "data": [[], [], []]}', "anchors/flags.json")
        again = FanOut(discover(["mlflow"]))
        again.start(make_run(), anchor_set, (FELL,))
        again.record(flagged(30, *left, drift=True), baseline)
        assert len(artifact(client, run_id, "anchors/flags.json")["data"]) == rows


def test_an_alarm_is_a_tag(tracked: Tracked) -> None:
    run_id, trackers = tracked
    rung = Flag("regressed", "alarm", 40, 20, "contract pass fell", ("refund",), "contract_pass", "all")
    trackers.record(replace(make_reading(40), flags=(rung,)), make_reading(0))
    (found,) = MlflowClient().search_runs(["0"], "tags.`anchorwatch.alarms` LIKE '%regressed%'")
    assert found.info.run_id == run_id
    assert found.data.tags["anchorwatch.alarms"] == "regressed contract_pass"


def test_a_server_that_comes_back_gets_what_it_missed(
    server: Server, mlflow_at: Point, run: RunInfo, anchor_set: AnchorSet, warned: Callable[[], list[str]]
) -> None:
    mlflow_at(server.uri)
    run_id = mlflow.start_run().info.run_id
    trackers = FanOut(discover(["mlflow"]))
    baseline = make_reading(0)
    trackers.start(run, anchor_set)
    trackers.record(baseline, None)
    server.kill()
    trackers.record(make_reading(40), baseline)
    trackers.record(make_reading(80), baseline)
    server.start()
    trackers.record(make_reading(120), baseline)

    client = MlflowClient(server.uri)
    assert [step for step, _ in points(client, run_id, "anchors/all/contract_pass")] == [0, 40, 80, 120]
    steps = {file.path for file in client.list_artifacts(run_id, "anchors/by_step")}
    assert steps == {f"anchors/by_step/{step:06d}.json" for step in (0, 40, 80, 120)}
    (warning,) = warned()
    assert warning.startswith(f"the tracker mlflow failed (ConnectionError: the tracking server {server.uri} ")
