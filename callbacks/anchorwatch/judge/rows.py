"""A check as the judge keeps it: plain numbers, since a run can have thousands of checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from anchorwatch.anchors import Anchor
from anchorwatch.judge.behaviours import Behaviour
from anchorwatch.judge.exact import Array
from anchorwatch.judge.looks import Flags
from anchorwatch.judge.sampled import SampleScores
from anchorwatch.records import ContractResult, Reading, Value

DRIFT = ("logprob_lost", "kl", "changed")
"""How far the model moved, whether for better or worse: 0 at the baseline."""


@dataclass(frozen=True)
class Row:
    """One check."""

    step: int
    drift_only: bool
    """Whether it scored nothing but the baseline's answer, and asked for no samples."""
    scores: Array
    """Anchors × behaviours, of the greedy answers; nan where there is no number, yes or no."""
    yes_no: Flags
    """Of the same shape: whether the score is yes or no."""
    samples: Array
    """Anchors × behaviours × draws, of the sampled answers: 1 for yes, 0 for no, else nan."""
    drift: Array
    """Anchors × `DRIFT`."""
    contracts: tuple[ContractResult, ...]


class RowReader:
    """Reads the checks of one run, the baseline first."""

    def __init__(
        self, anchors: Sequence[Anchor], behaviours: Sequence[Behaviour], versions: Mapping[str, str] | None = None
    ) -> None:
        """`versions` are those of the run's metrics by name, where they are known."""
        self._anchors = anchors
        self._behaviours = behaviours
        self._versions = versions or {}
        self._sampled: SampleScores | None = None
        self._began = False

    def read(self, reading: Reading) -> Row:
        """The row of a check. Sampled answers count where the baseline has some, too."""
        values = {(score.anchor_id, score.metric): score.value for score in reading.scores}
        scores, yes_no = self._table(values)
        baseline = not self._began
        if baseline and any(output.samples for output in reading.check.outputs):
            self._sampled = SampleScores(self._anchors, reading, self._versions)
        self._began = True
        draws = self._sampled.draws(reading) if self._sampled else []
        tables = [np.where(binary, drawn, np.nan) for drawn, binary in map(self._table, draws)]
        return Row(
            step=reading.step,
            drift_only=reading.check.trigger == "drift",
            scores=scores,
            yes_no=yes_no,
            samples=np.stack(tables, axis=2) if tables else np.empty((*scores.shape, 0)),
            drift=np.zeros((len(self._anchors), len(DRIFT))) if baseline else self._drift(values),
            contracts=reading.contracts,
        )

    def _table(self, values: Mapping[tuple[str, str], Value]) -> tuple[Array, Flags]:
        """The scores, and which of them are yes or no."""
        found = [[_value(anchor, each, values) for each in self._behaviours] for anchor in self._anchors]
        shape = len(self._anchors), len(self._behaviours)
        numbers = np.array([[_number(value) for value in row] for row in found], dtype=np.float64).reshape(shape)
        return numbers, np.array([[isinstance(value, bool) for value in row] for row in found]).reshape(shape)

    def _drift(self, values: Mapping[tuple[str, str], Value]) -> Array:
        rows = [[_number(values.get((anchor.id, name))) for name in DRIFT] for anchor in self._anchors]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(DRIFT))


def _value(anchor: Anchor, behaviour: Behaviour, values: Mapping[tuple[str, str], Value]) -> Value:
    if (anchor.id, behaviour.metric) in values:
        return values[anchor.id, behaviour.metric]
    metric, _, label = behaviour.metric.rpartition("_")
    found = values.get((anchor.id, metric))
    return found == label if isinstance(found, str) else None


def _number(value: Value) -> float:
    return np.nan if value is None or isinstance(value, str) or not isfinite(value) else float(value)
