from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tracker_samples import FELL, NASTY, flagged, make_drift_reading, make_reading

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import RunInfo
from anchorwatch.trackers import FanOut, discover, tables


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A run such as the trainer's integration opens, with its x-axis."""
    for name in ("WANDB_DIR", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    import wandb

    run = wandb.init(project="shop")
    run.define_metric("train/global_step")
    run.define_metric("*", step_metric="train/global_step", step_sync=True)
    yield run
    wandb.finish()


def read_back(folder: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
    """(rows of history, alerts, config) of an offline run that is finished."""
    command = [sys.executable, "-m", "wandb", "leet", "inspect", "--json", folder]
    lines = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout.splitlines()
    records = [json.loads(line) for line in lines]
    rows = [record["history"]["item"] for record in records if record["type"] == "history"]
    alerts = [record["alert"] for record in records if record["type"] == "alert"]
    config: dict[str, Any] = {}
    for record in records:
        if record["type"] == "config":
            config.update(record["config"]["update"])
    return rows, alerts, config


def table(folder: str, row: dict[str, Any], key: str) -> dict[str, Any]:
    return dict(json.loads((Path(folder) / "files" / row[f"{key}.path"]).read_text(encoding="utf-8")))


def test_a_run_holds_numbers_tables_alerts_and_config(offline: Any, run: RunInfo, anchor_set: AnchorSet) -> None:
    trackers = FanOut(discover(["wandb"]))
    folder = trackers.start(run, anchor_set)["wandb"]
    baseline, last = make_reading(0), make_reading(40, {"hours": NASTY, "premise": "x" * 1_000_000}, held=False)
    trackers.record(baseline, None)
    offline.log({"train/loss": 2.5, "train/global_step": 10})  # the trainer, between two checks
    trackers.record(last, baseline)
    trackers.finish(last, baseline)
    assert offline.id in folder
    offline.finish()

    rows, alerts, config = read_back(folder)
    first, loss, second, final = rows
    assert first["train/global_step"] == 0
    assert "anchors/risk/logprob_lost" not in first
    assert loss["train/loss"] == 2.5
    assert second["train/global_step"] == 40
    assert {key: value for key, value in second.items() if key.startswith("anchors/")} == tables.scalars(last)
    assert final["train/global_step"] == 40

    shown = table(folder, second, "anchor_tables/outputs")
    assert shown["columns"] == list(tables.Row._fields)
    assert shown["data"] == [list(row) for row in tables.rows(anchor_set, last, baseline)]
    assert table(folder, final, "anchor_tables/final") == shown
    assert table(folder, first, "anchor_tables/outputs")["data"] != shown["data"]
    assert table(folder, second, "anchor_tables/flags")["data"][0][0] == "contract_broken"
    assert [(alert["title"], alert["level"]) for alert in alerts] == [("anchorwatch: 1 new flag at step 40", "WARN")]
    assert config["anchorwatch"] == {
        "run_id": "0123456789ab",
        "anchor_set": "shop",
        "anchor_set_version": 3,
        "anchor_set_digest": anchor_set.digest,
    }


def test_a_drift_check_is_numbers_and_new_flags_without_outputs(
    offline: Any, run: RunInfo, anchor_set: AnchorSet
) -> None:
    trackers = FanOut(discover(["wandb"]))
    folder = trackers.start(run, anchor_set)["wandb"]
    baseline, drift = make_reading(0), make_drift_reading(20, held=False)
    trackers.record(baseline, None)
    trackers.record(drift, baseline)
    trackers.record(make_drift_reading(30, held=False), baseline)
    trackers.record(make_reading(40, held=False), baseline)
    offline.finish()

    rows, alerts, _ = read_back(folder)
    _, second, silent, third = rows
    assert second["train/global_step"] == 20
    assert {key: value for key, value in second.items() if key.startswith("anchors/")} == tables.scalars(drift)
    assert {key.split(".")[0] for key in second if key.startswith("anchor_tables/")} == {"anchor_tables/flags"}
    assert not [key for key in silent if key.startswith("anchor_tables/")]
    assert "anchor_tables/flags.path" in third
    assert [alert["title"] for alert in alerts] == ["anchorwatch: 1 new flag at step 20"]


@pytest.mark.parametrize("part", ["log", "alert"])
def test_what_was_down_when_a_flag_rang_has_its_row_and_its_alert_once(
    offline: Any, run: RunInfo, anchor_set: AnchorSet, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise OSError("no connection")

    trackers = FanOut(discover(["wandb"]))
    folder = trackers.start(run, anchor_set)["wandb"]
    baseline = make_reading(0)
    trackers.record(baseline, None)
    with monkeypatch.context() as outage:
        outage.setattr(offline, part, down)
        trackers.record(flagged(20, FELL), baseline)
        trackers.record(flagged(40, FELL), baseline)
    trackers.record(flagged(60, FELL), baseline)
    offline.finish()

    rows, alerts, _ = read_back(folder)
    assert [row["train/global_step"] for row in rows] == [0, 20, 40, 60]
    (alert,) = alerts
    assert alert["title"] == "anchorwatch: 1 new flag at step 20"
    assert alert["text"] == f"{FELL.message} (since step 20; change −60 to −20 points at 95%, p = .004)"


def test_a_run_taken_up_again_rings_for_what_is_new_and_shows_what_stands(
    offline: Any, run: RunInfo, anchor_set: AnchorSet
) -> None:
    trackers = FanOut(discover(["wandb"]))
    baseline, new = make_reading(0), replace(FELL, rule="churn", evidence={"p": 0.03})
    folder = trackers.start(run, anchor_set, (FELL,))["wandb"]
    trackers.record(flagged(40, FELL, drift=True), baseline)
    trackers.record(flagged(60, FELL, new), baseline)
    offline.finish()

    rows, alerts, _ = read_back(folder)
    assert [alert["title"] for alert in alerts] == ["anchorwatch: 1 new flag at step 60"]
    first, second = (table(folder, row, "anchor_tables/flags") for row in rows)
    assert first["columns"] == list(tables.FlagRow._fields)
    assert [row[0] for row in first["data"]] == ["regressed"]
    assert [row[0] for row in second["data"]] == ["regressed", "churn"]


@pytest.mark.parametrize("drift", [False, True])
def test_flags_that_no_longer_stand_are_taken_away(
    offline: Any, run: RunInfo, anchor_set: AnchorSet, drift: bool
) -> None:
    trackers = FanOut(discover(["wandb"]))
    folder = trackers.start(run, anchor_set)["wandb"]
    baseline = make_reading(0)
    trackers.record(baseline, None)
    for reading in (flagged(20, FELL), flagged(40, drift=drift), flagged(60, drift=drift)):
        trackers.record(reading, baseline)
    offline.finish()

    rows, _, _ = read_back(folder)
    shown = [table(folder, row, "anchor_tables/flags") for row in rows if "anchor_tables/flags.path" in row]
    assert [len(each["data"]) for each in shown] == [1, 0]
    assert shown[0]["columns"] == shown[1]["columns"]


def test_the_trainers_run_is_left_open(offline: Any, run: RunInfo, anchor_set: AnchorSet) -> None:
    import wandb

    trackers = FanOut(discover(["wandb"]))
    trackers.start(run, anchor_set)
    trackers.record(make_reading(0), None)
    trackers.finish(make_reading(0), make_reading(0))
    assert wandb.run is offline


def test_a_run_that_was_closed_costs_one_warning(
    offline: Any, run: RunInfo, anchor_set: AnchorSet, warned: Callable[[], list[str]]
) -> None:
    trackers = FanOut(discover(["wandb"]))
    trackers.start(run, anchor_set)
    offline.finish()
    trackers.record(make_reading(0), None)
    trackers.finish(make_reading(0), make_reading(0))
    assert len(warned()) == 1


def test_a_disabled_run_has_no_address(
    run: RunInfo, anchor_set: AnchorSet, warned: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    import wandb

    monkeypatch.setattr(wandb, "run", None)  # finishing a disabled run leaves it there, for the tests that follow
    with wandb.init(mode="disabled"):
        trackers = FanOut(discover(["wandb"]))
        assert trackers.start(run, anchor_set) == {}
        trackers.record(make_reading(0), None)
    assert warned() == []
