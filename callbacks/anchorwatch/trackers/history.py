"""What W&B and trackio have in common: a run is a history of rows, and a row holds numbers and tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.judge.standing import Standing
from anchorwatch.records import Flag, Reading
from anchorwatch.trackers import tables
from anchorwatch.trackers.tracker import Tracker


@dataclass
class _UnderWay:
    """A check that is being recorded: it may take several calls, but has its news and its row once."""

    reading: Reading
    news: tuple[Flag, ...]
    logged: bool = False


class HistoryTracker(Tracker, ABC):
    """Adds a row for each check, with its tables if it has any, and an alert for new flags. `start` calls `_begin`."""

    def __init__(self) -> None:
        self._run: Any = None
        self._anchor_set: AnchorSet
        self._standing = Standing()
        self._shown: tables.FlagLevels | None = {}
        self._under_way: _UnderWay | None = None

    def _begin(self, run: Any, anchor_set: AnchorSet, standing: Sequence[Flag]) -> None:
        """Take the run of the tracker's library; what it shows of the `standing` flags is not known."""
        self._run, self._anchor_set = run, anchor_set
        self._standing, self._shown = Standing(standing), None if standing else {}

    def record(self, reading: Reading, baseline: Reading | None) -> None:
        """One row: the numbers, `anchor_tables/outputs`, and `anchor_tables/flags` if flags stand or stood before.

        Of a drift check the numbers, and the flags if others stand now.
        """
        now = self._under_way
        if now is None or now.reading is not reading:
            now = self._under_way = _UnderWay(reading, self._standing.news(reading.flags))
        if not now.logged:
            self._log(reading, self._row(reading, baseline))
            now.logged, self._shown = True, tables.flag_levels(reading)
        if (alert := tables.alert(reading, now.news, baseline)) is not None:
            self._alert(alert)
        self._under_way = None

    def _row(self, reading: Reading, baseline: Reading | None) -> Mapping[str, Any]:
        row: dict[str, Any] = dict(tables.scalars(reading))
        if tables.has_tables(reading):
            row["anchor_tables/outputs"] = self._paired(reading, baseline)
        if tables.flags_are_due(reading, self._shown):
            row["anchor_tables/flags"] = self._table(tables.FlagRow._fields, tables.flag_rows(reading))
        return row

    def beside_losses(self, reading: Reading, losses: Mapping[str, float]) -> None:
        """One row of both: a chart of one over the other takes its points from rows that hold the two."""
        by_name = {tables.loss_name(name): value for name, value in losses.items()}
        self._log(reading, {**by_name, **tables.scalars(reading)})

    def finish(self, reading: Reading, baseline: Reading, report: Path | None = None) -> Mapping[str, str]:
        """The table `anchor_tables/final`: the last check beside the baseline."""
        self._log(reading, {"anchor_tables/final": self._paired(reading, baseline)})
        return {}

    @abstractmethod
    def _table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any: ...

    @abstractmethod
    def _alert(self, alert: tables.Alert) -> None: ...

    def _paired(self, reading: Reading, baseline: Reading | None) -> Any:
        return self._table(tables.Row._fields, tables.rows(self._anchor_set, reading, baseline))

    def _log(self, reading: Reading, row: Mapping[str, Any]) -> None:
        # Without step=, as the trainer's integrations log. W&B drops a step lower than its own count and merges a
        # higher one with the trainer's next row; in trackio a jump of the count would move the trainer's next points.
        self._run.log({"train/global_step": reading.step, **row})
