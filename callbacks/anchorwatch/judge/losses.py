"""The loss of a run as a course over steps, and whether it improved by more than its noise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, isnan, nan, sqrt
from typing import Literal

import numpy as np

from anchorwatch.judge.exact import Array, Counts
from anchorwatch.records import LossPoint

LEAST = 4
"""Points below which a window has no noise, and so no improvement."""
SMOOTH = 5
"""At most so many points are averaged at either end of a window, and at most a third of it."""
NOISES = 2.0
"""By how many standard errors a loss must differ to be better or worse."""


@dataclass(frozen=True)
class LossChange:
    """A smoothed loss at the two ends of a window."""

    name: str
    before: float
    after: float
    """nan where the newest value is no number: the training is lost."""
    noise: float
    """Standard error of after − before."""

    @property
    def lost(self) -> bool:
        """Whether the newest value is no number."""
        return isnan(self.after)

    @property
    def direction(self) -> Literal["better", "worse"] | None:
        """What it amounts to; None within the noise, and where it is lost."""
        change = self.after - self.before
        if self.lost or abs(change) <= NOISES * self.noise:
            return None
        return "better" if change < 0 else "worse"


@dataclass(frozen=True)
class LossCourse:
    """The values of one loss by step, ascending; nan for what is not finite."""

    name: str
    steps: Counts
    values: Array

    def change(self, since: int, until: int) -> LossChange | None:
        """From `since` to `until`, by the points logged after `since` and before `until`; None below `LEAST` numbers,
        unless the last of the points is none.

        The noise is that of a point around the line through its two neighbours, by the median, so that neither the
        trend nor the steep beginning counts as noise. Source: Gasser, Sroka & Jennen-Steinmetz 1986.
        """
        values = self.values[(self.steps > since) & (self.steps < until)]
        if len(values) and isnan(values[-1]):
            return LossChange(self.name, nan, nan, nan)
        values = values[~np.isnan(values)]
        if len(values) < LEAST:
            return None
        around = values[1:-1] - (values[:-2] + values[2:]) / 2
        noise = float(np.median(np.abs(around))) / 0.6745 / sqrt(1.5)
        ends = min(SMOOTH, len(values) // 3)
        return LossChange(self.name, float(values[:ends].mean()), float(values[-ends:].mean()), noise * sqrt(2 / ends))


def courses(points: Iterable[LossPoint]) -> tuple[LossCourse, LossCourse]:
    """The train loss ("loss") and an eval loss; empty where not logged.

    Of several the eval loss that was logged first ("eval_loss" before others of its step), so that a later one changes
    nothing. What else a trainer logs as a loss ("aux_loss") is neither.
    """
    by_name: dict[str, dict[int, float]] = {}
    for point in points:
        by_name.setdefault(point.name, {})[point.step] = point.value if isfinite(point.value) else nan
    others = [name for name in by_name if name.startswith("eval_")]
    evaluated = min(others, key=lambda name: (min(by_name[name]), name != "eval_loss", name), default="eval_loss")
    return _course("loss", by_name), _course(evaluated, by_name)


def _course(name: str, by_name: dict[str, dict[int, float]]) -> LossCourse:
    points = sorted(by_name.get(name, {}).items())
    return LossCourse(
        name, np.array([step for step, _ in points], dtype=np.int64), np.array([value for _, value in points])
    )
