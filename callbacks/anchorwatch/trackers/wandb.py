"""Weights & Biases: numbers by `train/global_step`, a table of outputs for each check, an alert for new flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import Flag, RunInfo
from anchorwatch.trackers.history import HistoryTracker
from anchorwatch.trackers.tables import Alert


class WandbTracker(HistoryTracker):
    """Adds to `wandb.run`. Each check is a new version of its table, which the web page steps through.

    The tables stand under a prefix of their own: `define_metric("anchors/*", summary=…)` would mangle them.
    """

    name = "wandb"

    def start(self, run: RunInfo, anchor_set: AnchorSet, standing: Sequence[Flag] = ()) -> Mapping[str, str]:
        """Note the watch in the run's config. The address is the run's page, or the folder of an offline run."""
        import wandb

        if wandb.run is None:
            raise RuntimeError("no W&B run is open")
        self._begin(wandb.run, anchor_set, standing)
        watched = {
            "run_id": run.id,
            "anchor_set": run.anchor_set,
            "anchor_set_version": run.anchor_set_version,
            "anchor_set_digest": run.anchor_set_digest,
        }
        self._run.config.update({"anchorwatch": watched}, allow_val_change=True)
        if self._run.disabled:
            return {}
        return {self.name: str(Path(self._run.dir).parent) if self._run.offline else self._run.url}

    def _table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
        import wandb

        return wandb.Table(columns=list(columns), data=[list(row) for row in rows], log_mode="IMMUTABLE")

    def _alert(self, alert: Alert) -> None:
        self._run.alert(alert.title, alert.text, level="WARN" if alert.alarm else "INFO")
