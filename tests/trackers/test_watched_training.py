"""Loss by the trainer, behaviour by the watch: side by side, at the same step, wherever the trainer reports to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from tracker_samples import Server
from transformers import TrainerCallback

from anchorwatch import AnchorWatch
from anchorwatch.anchors import AnchorSet
from anchorwatch.metrics import Metric
from anchorwatch.mlflow_address import Address
from anchorwatch.store import Store
from behaving import Clock
from training import trainer

EVALUATES = {"eval_strategy": "steps", "eval_steps": 3, "logging_steps": 3}
PASS = "anchors/all/contract_pass"


@pytest.fixture(autouse=True)
def _own_wandb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("WANDB_DIR", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path))


def _steps(client: MlflowClient, run: str, name: str) -> list[int]:
    return sorted(point.step for point in client.get_metric_history(run, name))


def _offline(folder: str) -> list[dict[str, Any]]:
    """The records of an offline W&B run."""
    command = [sys.executable, "-m", "wandb", "leet", "inspect", "--json", folder]
    lines = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout.splitlines()
    return [json.loads(line) for line in lines]


def test_wandb_and_mlflow_show_behaviour_beside_loss(
    anchor_set: AnchorSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mlflow_at: Callable[[str], None]
) -> None:
    mlflow_at(f"sqlite:///{tmp_path}/mlflow.db")
    trainer(AnchorWatch(anchor_set, every=3, verbose=False), report_to=["wandb", "mlflow"], **EVALUATES).train()
    import wandb

    wandb.finish()
    with Store() as store:
        run = store.run("latest")

    client = MlflowClient()
    of_mlflow = Address.parse(run.links["mlflow"]).run_id
    assert _steps(client, of_mlflow, PASS) == [0, 3, 6]
    assert _steps(client, of_mlflow, "eval_loss") == [3, 6]
    assert client.get_run(of_mlflow).info.status == "FINISHED"
    assert client.get_run(of_mlflow).data.tags["anchorwatch.run_id"] == run.info.id
    assert sorted(file.path for file in client.list_artifacts(of_mlflow, "anchors/by_step")) == [
        f"anchors/by_step/{step:06d}.json" for step in (0, 3, 6)
    ]
    latest = json.loads(mlflow.artifacts.load_text(f"runs:/{of_mlflow}/anchors/latest.json"))
    assert latest["columns"][0] == "anchor_id"
    assert "output" in latest["columns"]
    assert len(latest["data"]) == len(anchor_set)
    assert len(client.search_runs([client.get_run(of_mlflow).info.experiment_id])) == 1, "no run of our own is opened"

    rows = [record["history"]["item"] for record in _offline(run.links["wandb"]) if record["type"] == "history"]
    assert [row["train/global_step"] for row in rows if PASS in row] == [0, 3, 3, 6, 6], "again beside the eval loss"
    assert [row["train/global_step"] for row in rows if {PASS, "eval/loss"} <= row.keys()] == [3, 6]
    assert {row["train/global_step"] for row in rows if "train/loss" in row} == {3, 6}
    assert [row["train/global_step"] for row in rows if "anchor_tables/outputs.path" in row] == [0, 3, 6]
    assert any("anchor_tables/final.path" in row for row in rows)


def test_a_training_that_is_resumed_rings_for_what_is_new() -> None:
    import wandb

    clock, alerts = Clock(), []
    kept = {"kind": "risk", "prompt": "?", "expect": {"metrics": {"kept": {"min": 1}}}, "max_new_tokens": 3}
    own = Metric("kept", lambda anchor, *_: clock.step < {"first": 2, "second": 3}[anchor.id], higher_is_better=True)
    for steps, resumed in ((2, None), (4, "out/checkpoint-2")):
        watch = AnchorWatch([{**kept, "id": id_} for id_ in ("first", "second")], every=1, metrics=[own], verbose=False)
        saves = {"save_strategy": "steps", "save_steps": 2, "max_steps": steps, "report_to": ["wandb"]}
        trainer(watch, callbacks=[clock], **saves).train(resume_from_checkpoint=resumed)
        wandb.finish()
        with Store() as store:
            found = _offline(store.run("latest").links["wandb"])
        alerts.append([record["alert"]["text"].split(":")[0] for record in found if record["type"] == "alert"])
    assert alerts == [["first"], ["second"]]


def test_every_other_tracker_is_told_through_attach(
    anchor_set: AnchorSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "events"))
    watch = AnchorWatch(anchor_set, every=3, verbose=False)
    trained = trainer(watch, report_to=["tensorboard"], **EVALUATES)
    watch.attach(trained)
    trained.train()
    events = EventAccumulator(str(tmp_path / "events"))
    events.Reload()
    assert [event.step for event in events.Scalars(f"train/{PASS}")] == [0, 3, 6]
    assert [event.step for event in events.Scalars("train/loss")] == [3, 6]


class _ServerStops(TrainerCallback):
    def __init__(self, server: Server) -> None:
        self.server = server

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == 3:
            self.server.kill()


def test_a_server_that_stops_in_mid_run_costs_one_warning(
    server: Server, mlflow_at: Callable[[str], None], anchor_set: AnchorSet, warned: Callable[[], list[str]]
) -> None:
    mlflow_at(server.uri)
    watch = AnchorWatch(anchor_set, every=1, verbose=False)
    trained = trainer(watch, callbacks=[_ServerStops(server)], report_to=["mlflow"], logging_steps=2)
    trained.train()  # the trainer's own MLflow integration alone would raise at its end
    assert trained.state.global_step == 6
    assert len(warned()) == 1, warned()
    with Store() as store:
        run = store.run("latest")
        assert run.status == "finished"
        assert store.steps(run.info.id) == [0, 1, 2, 3, 4, 5, 6]
        assert {point.step for point in store.losses(run.info.id)} == {2, 4, 6}
    of_mlflow = Address.parse(run.links["mlflow"]).run_id
    assert _steps(MlflowClient(server.store), of_mlflow, PASS) == [0, 1, 2, 3]
