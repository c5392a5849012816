"""Runs made by hand: arrays for the rules, and readings with given scores for what joins and judges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from anchorwatch.anchors import Anchor, load
from anchorwatch.judge.behaviours import behaviours
from anchorwatch.judge.rows import RowReader
from anchorwatch.judge.rules import Judged
from anchorwatch.judge.rules.evidence import judged_of
from anchorwatch.judge.series import Series, join
from anchorwatch.records import Check, Cost, LossPoint, Output, Reading, Score, Value

N = 12
ANCHORS: tuple[Anchor, ...] = load(
    [{"id": f"risk-{i}", "kind": "risk", "prompt": f"Refund order {i}."} for i in range(N)]
    + [{"id": f"core-{i}", "kind": "core", "prompt": f"Where is order {i}?"} for i in range(N)]
).anchors
RISK, CORE = slice(0, N), slice(N, 2 * N)

FALLING = tuple(LossPoint(step, "loss", 3 - 0.02 * step + 0.01 * (step % 3)) for step in range(1, 101))
RISING = tuple(replace(point, value=4 - point.value) for point in FALLING)
FLAT = tuple(replace(point, value=1 + 0.01 * (point.step % 3)) for point in FALLING)


def reading(step: int, scores: Mapping[tuple[str, str], Value], trigger: str = "schedule") -> Reading:
    """A check with these scores, by anchor and metric, and nothing else."""
    outputs = tuple(Output(anchor.id, "", (), "stop") for anchor in ANCHORS)
    check = Check(step, trigger, outputs, Cost(1.0, 1, 1, 1, 1))  # type: ignore[arg-type]
    return Reading(check, tuple(Score(*key, value) for key, value in scores.items()), (), ())


def course(checks: int = 8, losses: Sequence[LossPoint] = FALLING, planned: int | None = None) -> Run:
    """A run of `checks` checks after the baseline, every ten steps, in which nothing is scored and nothing moves."""
    readings = [reading(10 * number, {}) for number in range(checks + 1)]
    judged = behaviours({})
    reader = RowReader(ANCHORS, judged)
    return Run(join(ANCHORS, judged, [reader.read(each) for each in readings], losses), planned or checks)


class Run:
    """A series whose scores are written in by hand."""

    def __init__(self, series: Series, planned: int) -> None:
        checks, behaviours = series.scores.shape[1:]
        samples = np.full((2 * N, checks, behaviours, 4), np.nan)
        self.series, self.planned = replace(series, samples=samples), planned

    def put(self, metric: str, value: float, *, worse: str | None = None, samples: float | None = None) -> np.ndarray:
        """Sets all scores of a metric, and the baseline's samples; returns the scores, anchors × checks, to change."""
        for number, behaviour in enumerate(self.series.behaviours):
            if behaviour.metric == metric and worse in (None, behaviour.worse):
                self.series.scores[:, :, number] = value
                self.series.samples[:, 0, number] = np.nan if samples is None else samples
                return self.series.scores[:, :, number]
        raise KeyError(metric)

    def numbers(self, metric: str) -> None:
        """Says that a metric's scores are numbers."""
        pairs = zip(self.series.behaviours, self.series.yes_no, strict=True)
        yes_no = tuple(binary and behaviour.metric != metric for behaviour, binary in pairs)
        self.series = replace(self.series, yes_no=yes_no)

    def judged(self, **levels: float) -> Judged:
        return judged_of(self.series, self.planned, **levels)
