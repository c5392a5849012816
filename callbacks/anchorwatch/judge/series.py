"""Loss and behaviour of a run joined by step, as plain arrays: what all judgement is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from anchorwatch.anchors import KINDS, Anchor
from anchorwatch.judge.behaviours import Behaviour, behaviours
from anchorwatch.judge.exact import Array
from anchorwatch.judge.looks import Flags
from anchorwatch.judge.losses import LossChange, LossCourse, courses
from anchorwatch.judge.sampled import SampleScores, Values
from anchorwatch.metrics import Metric
from anchorwatch.records import LossPoint, Reading, Value

DRIFT = ("logprob_lost", "kl", "changed")
"""How far the model moved, whether for better or worse: 0 at the baseline."""


@dataclass(frozen=True)
class Series:
    """A run from its baseline (check 0) to its last check. Scores are nan where missing, yes/no ones 0 or 1.

    What is said of a check uses the losses logged before its step: those of the step itself come after the check while
    the run goes on, and what is judged later from the store must see what was seen then.
    """

    steps: tuple[int, ...]
    anchor_ids: tuple[str, ...]
    kinds: Mapping[str, tuple[int, ...]]
    """Which anchors are of each kind there is."""
    behaviours: tuple[Behaviour, ...]
    yes_no: tuple[bool, ...]
    """Per behaviour."""
    scores: Array
    """Anchors × checks × behaviours, of the greedy answers; nan also where a behaviour does not concern an anchor."""
    samples: Array
    """Anchors × checks × behaviours × draws, of the sampled answers."""
    drift: Mapping[str, Array]
    """By `DRIFT`: anchors × checks."""
    declined: Flags
    """Anchors that are risk, should be declined and were at the baseline."""
    train: LossCourse
    evaluated: LossCourse

    def loss(self, at: int, since: int = 0) -> LossChange | None:
        """From check `since` to check `at`: of the eval loss, or of the train loss where that has too few points."""
        window = self.steps[since], self.steps[at]
        return self.evaluated.change(*window) or self.train.change(*window)


def join(
    anchors: Sequence[Anchor], readings: Sequence[Reading], losses: Iterable[LossPoint], metrics: Iterable[Metric]
) -> Series:
    """The series of one run; `readings` in step order, the first of them the baseline, at least one.

    A drift check scores nothing but the baseline's answer and asks for no samples: what it left out stays as it was at
    the check before.
    """
    metrics = tuple(metrics)
    judged = behaviours(metrics)
    values = [{(score.anchor_id, score.metric): score.value for score in reading.scores} for reading in readings]
    yes_no = tuple(_is_yes_no(behaviour, values) for behaviour in judged)
    scores = np.stack([_table(anchors, judged, yes_no, each) for each in values], axis=1)
    for check, reading in enumerate(readings):
        if reading.check.trigger == "drift" and check:
            scores[:, check] = np.where(np.isnan(scores[:, check]), scores[:, check - 1], scores[:, check])
    concerned = np.array([[behaviour.concerns(anchor) for behaviour in judged] for anchor in anchors])
    risk = next(number for number, each in enumerate(judged) if each.rule == "overconfident")
    train, evaluated = courses(losses)
    return Series(
        steps=tuple(reading.step for reading in readings),
        anchor_ids=tuple(anchor.id for anchor in anchors),
        kinds={
            kind: found
            for kind in KINDS
            if (found := tuple(number for number, anchor in enumerate(anchors) if anchor.kind == kind))
        },
        behaviours=judged,
        yes_no=yes_no,
        scores=np.where(concerned[:, None], scores, np.nan),
        samples=np.where(concerned[:, None, :, None], _samples(anchors, judged, yes_no, readings, metrics), np.nan),
        drift={name: _drift(name, anchors, values) for name in DRIFT},
        declined=concerned[:, risk] & (scores[:, 0, risk] == 1),
        train=train,
        evaluated=evaluated,
    )


def _samples(
    anchors: Sequence[Anchor],
    judged: Sequence[Behaviour],
    yes_no: Sequence[bool],
    readings: Sequence[Reading],
    metrics: Sequence[Metric],
) -> Array:
    if not any(output.samples for output in readings[0].check.outputs):
        return np.empty((len(anchors), len(readings), len(judged), 0))
    scorer = SampleScores(anchors, readings[0], metrics)
    draws = [scorer.draws(reading) for reading in readings]
    result = np.full((len(anchors), len(readings), len(judged), max(map(len, draws))), np.nan)
    for check, of_check in enumerate(draws):
        for draw, values in enumerate(of_check):
            result[:, check, :, draw] = _table(anchors, judged, yes_no, values)
    # Numbers of one check are compared as they are: the sampled answers are a floor for yes and no.
    result[:, :, ~np.array(yes_no)] = np.nan
    return result


def _table(anchors: Sequence[Anchor], judged: Sequence[Behaviour], yes_no: Sequence[bool], values: Values) -> Array:
    """One check: anchors × behaviours."""
    return np.array(
        [
            [_score(_value(anchor, each, values), binary) for each, binary in zip(judged, yes_no, strict=True)]
            for anchor in anchors
        ],
        dtype=np.float64,
    ).reshape(len(anchors), len(judged))


def _value(anchor: Anchor, behaviour: Behaviour, values: Values) -> Value:
    if (anchor.id, behaviour.metric) in values:
        return values[anchor.id, behaviour.metric]
    metric, _, label = behaviour.metric.rpartition("_")
    found = values.get((anchor.id, metric))
    return found == label if isinstance(found, str) else None


def _score(value: Value, binary: bool) -> float:
    if isinstance(value, str) or value is None or isinstance(value, bool) != binary or not isfinite(value):
        return np.nan
    return float(value)


def _is_yes_no(behaviour: Behaviour, values: Sequence[Values]) -> bool:
    """By the first check that has any score of it, so that later ones change nothing."""
    for of_check in values:
        found = [value for (_, metric), value in of_check.items() if metric == behaviour.metric and value is not None]
        if found:
            return all(isinstance(value, bool) for value in found)
    return True


def _drift(name: str, anchors: Sequence[Anchor], values: Sequence[Values]) -> Array:
    result = np.array(
        [[_plain(of_check.get((anchor.id, name))) for of_check in values] for anchor in anchors], dtype=np.float64
    )
    result[:, 0] = 0.0
    return result


def _plain(value: Value) -> float:
    return np.nan if value is None or isinstance(value, str) else float(value)
