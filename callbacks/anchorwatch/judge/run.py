"""The judgement of a whole run: the same one while it trains and from the store afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anchorwatch.anchors import Anchor
from anchorwatch.errors import ConfigurationError
from anchorwatch.judge.behaviours import Behaviour, behaviours, directions
from anchorwatch.judge.contracts import broken_since_baseline
from anchorwatch.judge.rows import Row, RowReader
from anchorwatch.judge.rules import RULES, Judged
from anchorwatch.judge.rules.evidence import judged_of
from anchorwatch.judge.series import join
from anchorwatch.judge.trends import ALARM, WATCH
from anchorwatch.metrics import Metric
from anchorwatch.records import Flag, LossPoint, Reading

PLANNED = 20
"""Checks a run counts as planned with where it is not known."""
MOST = 0.5
"""The largest error rate that may be asked for."""
_DIRECTION, _METRIC = "direction.", "metric."
"""Of the factors that say which direction of a metric of the user's is better, and which version a metric had."""


def judge_factors(planned: int, metrics: Iterable[Metric]) -> dict[str, Any]:
    """What a run must remember to be judged again as it was: factors, which `RunJudge` finds there."""
    own = {f"{_DIRECTION}{name}": "higher" if up else "lower" for name, up in directions(metrics).items()}
    return {"checks.planned": planned, **own}


def planned_in(factors: Mapping[str, Any]) -> int:
    """Checks that a run with these factors was planned with after its baseline; `PLANNED` where it is not known."""
    recorded = factors.get("checks.planned")
    return recorded if isinstance(recorded, int) else PLANNED


def behaviours_in(factors: Mapping[str, Any]) -> tuple[Behaviour, ...]:
    """The behaviours judged in a run with these factors."""
    named = {name.removeprefix(_DIRECTION): value for name, value in factors.items() if name.startswith(_DIRECTION)}
    return behaviours({name: value == "higher" for name, value in named.items()})


class RunJudge:
    """Judges a run check by check.

    The flags of a check depend on the checks up to it and the losses logged before its step only, so that a run judged
    as it goes and judged again at its end has the same ones, unless it was resumed with a longer plan in between. The
    same input gives the same flags. Flags that readings carry are not looked at.
    """

    def __init__(
        self,
        anchors: Sequence[Anchor],
        factors: Mapping[str, Any],
        planned: int | None = None,
        *,
        alarm: float = ALARM,
        watch: float = WATCH,
    ) -> None:
        """`anchors` are those of the set that the run is watched with, `factors` those of the run.

        `planned`, the checks planned after the baseline, drift checks included, is what the error rate is shared among.
        None: as the factors have it, else `PLANNED`. A run that makes more counts as planned longer from there on.

        `alarm` and `watch` are error rates of a whole run: at most such a share of quiet runs has an alarm, a watch.

        Raises:
            ConfigurationError: not 0 < alarm ≤ watch ≤ .5.
        """
        if not 0 < alarm <= watch <= MOST:
            raise ConfigurationError(
                f"alarm={alarm:g}, watch={watch:g}: give error rates of a whole run, 0 < alarm ≤ watch ≤ {MOST}; "
                f"the defaults are {ALARM} and {WATCH}"
            )
        self.alarm, self.watch = alarm, watch
        self.planned = planned or planned_in(factors)
        self._anchors = anchors
        self._behaviours = behaviours_in(factors)
        versions = {name.removeprefix(_METRIC): value for name, value in factors.items() if name.startswith(_METRIC)}
        self._reader = RowReader(anchors, self._behaviours, versions)
        self._rows: list[Row] = []

    def add(self, reading: Reading) -> None:
        """Take a check, the baseline first, later ones in step order; one at the last one's step takes its place."""
        row = self._reader.read(reading)
        if self._rows and self._rows[-1].step == row.step:
            del self._rows[-1]
        self._rows.append(row)

    def forget_after(self, step: int) -> None:
        """Forget the checks after `step`."""
        self._rows = [row for row in self._rows if row.step <= step]

    def flags(self, losses: Iterable[LossPoint]) -> tuple[Flag, ...]:
        """Of the last check; `losses` are all that the trainer logged so far, in any order."""
        return self._flags(self._judged(losses), len(self._rows) - 1) if len(self._rows) > 1 else ()

    def all_flags(self, losses: Iterable[LossPoint]) -> dict[int, tuple[Flag, ...]]:
        """Of every check, by its step."""
        if not self._rows:
            return {}
        judged = self._judged(losses)
        return {row.step: self._flags(judged, at) for at, row in enumerate(self._rows)}

    def _judged(self, losses: Iterable[LossPoint]) -> Judged:
        return judged_of(
            join(self._anchors, self._behaviours, self._rows, losses), self.planned, self.alarm, self.watch
        )

    def _flags(self, judged: Judged, at: int) -> tuple[Flag, ...]:
        """Broken contracts first, then those of `RULES`; none at the baseline."""
        if at == 0:
            return ()
        contracts = {row.step: row.contracts for row in self._rows[: at + 1]}
        return broken_since_baseline(contracts) + tuple(found for rule in RULES for found in rule(judged, at))


def judge_run(
    anchors: Sequence[Anchor],
    readings: Iterable[Reading],
    losses: Iterable[LossPoint],
    factors: Mapping[str, Any],
    planned: int | None = None,
    *,
    alarm: float = ALARM,
    watch: float = WATCH,
) -> dict[int, tuple[Flag, ...]]:
    """The flags of every check of a run by its step, as `RunJudge` gives them; no checks, no flags.

    `readings` are in step order, the first of them the baseline.
    """
    judge = RunJudge(anchors, factors, planned, alarm=alarm, watch=watch)
    for reading in readings:
        judge.add(reading)
    return judge.all_flags(losses)
