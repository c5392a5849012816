"""Where a watched run is shown beside the local store; found from what the trainer reports to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from anchorwatch.trackers.fanout import FanOut
from anchorwatch.trackers.mlflow import MLflowTracker
from anchorwatch.trackers.tracker import Tracker
from anchorwatch.trackers.trackio import TrackioTracker
from anchorwatch.trackers.trainer import TrainerTracker
from anchorwatch.trackers.wandb import WandbTracker

__all__ = ["FanOut", "Tracker", "TrainerTracker", "discover"]

# DagsHub is an MLflow server with an integration of its own.
_BY_NAME: dict[str, Callable[[], Tracker]] = {
    "wandb": WandbTracker,
    "mlflow": MLflowTracker,
    "dagshub": MLflowTracker,
    "trackio": TrackioTracker,
}


def discover(report_to: Sequence[str], *, mlflow_traces: bool = False) -> list[Tracker]:
    """A tracker for each name in `TrainingArguments.report_to` that has one; `TrainerTracker` takes the others."""
    found = dict.fromkeys(_BY_NAME[name] for name in report_to if name in _BY_NAME)
    return [tracker() for tracker in found]
