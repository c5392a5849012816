"""Loss and behaviour of a run joined by step, as plain arrays: what all judgement is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from anchorwatch.anchors import KINDS, Anchor
from anchorwatch.judge.behaviours import Behaviour
from anchorwatch.judge.exact import Array
from anchorwatch.judge.looks import Flags
from anchorwatch.judge.losses import LossChange, LossCourse, courses
from anchorwatch.judge.rows import DRIFT, Row
from anchorwatch.records import LossPoint


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
    carried: Flags
    """Checks × behaviours: whether the scores are those of the check before, because a drift check made none."""
    samples: Array
    """Anchors × checks × behaviours × draws, of the sampled answers."""
    drift: Mapping[str, Array]
    """By `DRIFT`: anchors × checks."""
    declined: Flags
    """Anchors that are risk, should be declined and were at the baseline."""
    train: LossCourse
    evaluated: LossCourse

    def still_asked(self) -> Flags:
        """Anchors × checks: those of `declined` where no other answer that declines has taken the old one's place."""
        declines = next(number for number, each in enumerate(self.behaviours) if each.rule == "overconfident")
        replaced = (self.drift["changed"] == 1) & (self.scores[:, :, declines] == 1)
        return np.asarray(self.declined[:, None] & ~replaced)

    def loss(self, at: int, since: int = 0) -> LossChange | None:
        """From check `since` to check `at`: of the eval loss, or of the train loss where that has too few points.

        One that is lost, the eval or the train loss, is told before all else.
        """
        window = self.steps[since], self.steps[at]
        changes = [change for course in (self.evaluated, self.train) if (change := course.change(*window))]
        return next((change for change in changes if change.lost), next(iter(changes), None))

    def improves(self, at: int) -> bool:
        """Whether up to check `at` the eval loss is better, or the train loss where that has too few points."""
        loss = self.loss(at)
        return loss is not None and loss.direction == "better"

    def improved(self, at: int) -> LossChange | None:
        """Up to check `at`: the eval loss if it is better, else the train loss if that is, else as `loss`."""
        window, told = (self.steps[0], self.steps[at]), self.loss(at)
        changes = [] if told and told.lost else [course.change(*window) for course in (self.evaluated, self.train)]
        return next((change for change in changes if change and change.direction == "better"), told)


def join(
    anchors: Sequence[Anchor], behaviours: Sequence[Behaviour], rows: Sequence[Row], losses: Iterable[LossPoint]
) -> Series:
    """The series of one run; `rows` in step order, the first of them the baseline, at least one.

    What a drift check left out stays as it was at the check before.
    """
    yes_no = _yes_no(rows)
    # A number may be given as False, as by `text and share`: it counts as 0, as where it is shown.
    of_run = np.stack([np.where(row.yes_no | ~yes_no, row.scores, np.nan) for row in rows], axis=1)
    carried = np.zeros((len(rows), len(behaviours)), dtype=bool)
    for check, row in enumerate(rows):
        if row.drift_only and check:
            carried[check] = np.isnan(of_run[:, check]).all(axis=0)
            of_run[:, check] = np.where(np.isnan(of_run[:, check]), of_run[:, check - 1], of_run[:, check])
    concerned = np.array([[behaviour.concerns(anchor) for behaviour in behaviours] for anchor in anchors])
    scores = np.where(concerned[:, None], of_run, np.nan)
    risk = next(number for number, each in enumerate(behaviours) if each.rule == "overconfident")
    train, evaluated = courses(losses)
    return Series(
        steps=tuple(row.step for row in rows),
        anchor_ids=tuple(anchor.id for anchor in anchors),
        kinds={
            kind: found
            for kind in KINDS
            if (found := tuple(number for number, anchor in enumerate(anchors) if anchor.kind == kind))
        },
        behaviours=tuple(behaviours),
        yes_no=tuple(yes_no.tolist()),
        scores=scores,
        carried=carried,
        samples=_samples(rows, concerned & yes_no),
        drift={name: np.stack([row.drift[:, number] for row in rows], axis=1) for number, name in enumerate(DRIFT)},
        declined=concerned[:, risk] & (scores[:, 0, risk] == 1),
        train=train,
        evaluated=evaluated,
    )


def _samples(rows: Sequence[Row], counted: Flags) -> Array:
    """Numbers of one check are compared as they are: the sampled answers are a floor for yes and no."""
    draws = max(row.samples.shape[2] for row in rows)
    padded = [
        np.pad(row.samples, ((0, 0), (0, 0), (0, draws - row.samples.shape[2])), constant_values=np.nan) for row in rows
    ]
    return np.where(counted[:, None, :, None], np.stack(padded, axis=1), np.nan)


def _yes_no(rows: Sequence[Row]) -> Flags:
    """Per behaviour, whether its scores at the first check that has any are yes or no: later ones change nothing."""
    result = np.ones(rows[0].yes_no.shape[1], dtype=bool)
    unknown = np.ones_like(result)
    for row in rows:
        missing = np.isnan(row.scores)
        all_yes_no = np.asarray((row.yes_no | missing).all(axis=0))
        found = unknown & ~missing.all(axis=0)
        result = np.where(found, all_yes_no, result)
        unknown = unknown & ~found
    return result
