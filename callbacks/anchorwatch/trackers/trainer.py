"""Every other `report_to` (TensorBoard, Comet, ClearML, …): the numbers, through the trainer's own integrations."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import Flag, Reading, RunInfo
from anchorwatch.trackers import tables
from anchorwatch.trackers.tracker import Tracker


class TrainerTracker(Tracker):
    """Hands each check to `on_log` of the integrations, as the trainer does with its own logs.

    It does not call `trainer.log`, which would take the running metrics of a TRL trainer with it and leave an entry in
    `state.log_history`. The integrations add their prefix: `train/anchors/…` in TensorBoard.
    """

    name = "trainer"

    def __init__(self, trainer: Any) -> None:
        self._trainer = trainer

    @classmethod
    def from_trainer(cls, trainer: Any) -> TrainerTracker:
        """A tracker for those integrations of `trainer` that have no tracker of their own here."""
        return cls(trainer)

    def start(self, run: RunInfo, anchor_set: AnchorSet, standing: Sequence[Flag] = ()) -> Mapping[str, str]:
        """Nothing to note: integrations take numbers only."""
        return {}

    def record(self, reading: Reading, baseline: Reading | None) -> None:
        """The numbers of the check, at its step."""
        # The trainer's state may be at a later step when a check had to wait.
        state = copy.copy(self._trainer.state)
        state.global_step, state.epoch = reading.step, reading.check.epoch
        logs = tables.scalars(reading)
        for integration in self._integrations():
            integration.on_log(
                self._trainer.args, state, self._trainer.control, logs=dict(logs), model=self._trainer.model
            )

    def finish(self, reading: Reading, baseline: Reading, report: Path | None = None) -> Mapping[str, str]:
        """Nothing to add to what was recorded."""
        return {}

    def _integrations(self) -> list[Any]:
        from transformers.integrations import (
            INTEGRATION_TO_CALLBACK,
            MLflowCallback,
            TrackioCallback,
            WandbCallback,
        )

        known = tuple(INTEGRATION_TO_CALLBACK.values())
        ours = (MLflowCallback, TrackioCallback, WandbCallback)
        return [c for c in self._trainer.callback_handler.callbacks if isinstance(c, known) and not isinstance(c, ours)]
