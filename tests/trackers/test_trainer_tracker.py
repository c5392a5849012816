from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tracker_samples import make_reading
from tracker_trainings import make_trainer
from transformers import TrainerCallback

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import RunInfo
from anchorwatch.trackers import FanOut, TrainerTracker, tables


class Watching(TrainerCallback):
    """Records a check before training and after its first and last step; the one of step 1 only after step 3."""

    def __init__(self) -> None:
        self.trackers = FanOut()
        self.baseline = make_reading(0)

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.trackers.record(self.baseline, None)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step in (3, 4):
            self.trackers.record(make_reading(1 if state.global_step == 3 else 4), self.baseline)

    def on_train_end(self, *_: Any, **__: Any) -> None:
        self.trackers.finish(make_reading(4), self.baseline)


def test_tensorboard_gets_the_numbers_at_their_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: RunInfo, anchor_set: AnchorSet
) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "events"))
    watching = Watching()
    trainer = make_trainer(tmp_path, "tensorboard", [watching])
    watching.trackers = FanOut([TrainerTracker.from_trainer(trainer)])
    assert watching.trackers.start(run, anchor_set) == {}
    trainer.train()

    events = EventAccumulator(str(tmp_path / "events"))
    events.Reload()
    for step in (0, 1, 4):
        for name, value in tables.scalars(make_reading(step)).items():
            points = {event.step: event.value for event in events.Scalars(f"train/{name}")}
            assert points[step] == value
    assert [event.step for event in events.Scalars("train/anchors/all/contract_pass")] == [0, 1, 4]
    assert [event.step for event in events.Scalars("train/anchors/risk/logprob_lost")] == [1, 4]
    assert [event.step for event in events.Scalars("train/loss")] == [2, 4]
    assert not [key for entry in trainer.state.log_history for key in entry if "anchors" in key]
    assert trainer.state.global_step == 4


def test_integrations_with_a_tracker_of_their_own_are_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: RunInfo
) -> None:
    import mlflow

    monkeypatch.chdir(tmp_path)
    trainer = make_trainer(tmp_path, "mlflow", [])
    TrainerTracker.from_trainer(trainer).record(make_reading(0), None)
    assert mlflow.active_run() is None
