"""trackio: numbers by `train/global_step`, a table of outputs for each check, an alert for new flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import Flag, RunInfo
from anchorwatch.trackers.history import HistoryTracker
from anchorwatch.trackers.tables import Alert


class TrackioTracker(HistoryTracker):
    """Adds to the trainer's run, also after the integration has finished it."""

    name = "trackio"

    def start(self, run: RunInfo, anchor_set: AnchorSet, standing: Sequence[Flag] = ()) -> Mapping[str, str]:
        """Hold on to the run, which trackio names only in this thread and until it is finished.

        The address is `project/name`.
        """
        from trackio import context_vars

        current = context_vars.current_run.get()
        if current is None:
            raise RuntimeError("no trackio run is open")
        self._begin(current, anchor_set, standing)
        return {self.name: f"{current.project}/{current.name}"}

    def _table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
        import trackio

        return trackio.Table(columns=list(columns), data=[list(row) for row in rows])

    def _alert(self, alert: Alert) -> None:
        from trackio import AlertLevel

        level = AlertLevel.WARN if alert.alarm else AlertLevel.INFO
        self._run.alert(alert.title, alert.text, level=level, step=alert.step)
