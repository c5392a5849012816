"""Where a watched run is shown beside the local store; found from what the trainer reports to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from anchorwatch.trackers.fanout import FanOut
from anchorwatch.trackers.mlflow import MLflowTracker
from anchorwatch.trackers.tracker import Tracker
from anchorwatch.trackers.trackio import TrackioTracker
from anchorwatch.trackers.trainer import TrainerTracker
from anchorwatch.trackers.wandb import WandbTracker

__all__ = ["FanOut", "Tracker", "TrainerTracker", "discover"]


def discover(report_to: Sequence[str], *, mlflow_traces: bool = False) -> list[Tracker]:
    """A tracker for each name in `TrainingArguments.report_to` that has one; `TrainerTracker` takes the others.

    `mlflow_traces` is what `MLflowTracker` calls `traces`.
    """
    mlflow = partial(MLflowTracker, traces=mlflow_traces)
    by_name: dict[str, Callable[[], Tracker]] = {
        "wandb": WandbTracker,
        "mlflow": mlflow,
        "dagshub": mlflow,  # an MLflow server with an integration of its own
        "trackio": TrackioTracker,
    }
    found = dict.fromkeys(by_name[name] for name in report_to if name in by_name)
    return [tracker() for tracker in found]
