"""The noise floor: how much yes/no scores move when nothing has changed, measured rather than assumed.

Two measurements. The *spread* comes from the sampled answers at baseline: how often two answers of the untouched model
to one prompt differ. The *jitter* comes from the run itself: how often the greedy answers of two neighbouring checks
differ. If the greedy answers of different checks were as independent as samples are, jitter would equal spread. It is
mostly smaller, because greedy answers persist, and then the mean over several checks is hardly better than one check.
A few samples can happen to agree, so the spread of the run's own answers before the last window counts if it is larger.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anchorwatch.judge.exact import Array, Counts
from anchorwatch.judge.whole_run import WINDOW

CAUTION = 0.5
"""Flips that are added to the expected ones, as if they had failed to come: with little seen yet, jitter counts as
persistent."""


@dataclass(frozen=True)
class NoiseFloor:
    """Per metric; `jitter` and `persistence` also per check, each from the data up to that check."""

    spread: Array
    """Metrics. Share of pairs of baseline samples of one anchor that differ, mean over anchors, in [0, 1]; nan where
    no anchor has two samples."""
    jitter: Array
    """Checks × metrics. Share of neighbouring greedy answers that differ, in [0, 1]; nan before there are any."""
    persistence: Array
    """Checks × metrics, in [0, 1]: 0 where neighbouring checks are as good as independent, 1 where the next check only
    repeats the last, and wherever the spread is unknown. An upper estimate, see `CAUTION`."""


def noise_floor(scores: Array, baseline_samples: Array) -> NoiseFloor:
    """Measure it.

    Args:
        scores: anchors × checks × metrics, 0 or 1 of the greedy answer, nan where missing; check 0 is the baseline.
        baseline_samples: anchors × metrics × k, the same of the k sampled answers at baseline; k may be 0.
    """
    k = (~np.isnan(baseline_samples)).sum(axis=2)
    known = (k > 1).any(axis=0)
    spread = np.where(known, _differing(np.nansum(baseline_samples, axis=2), k), np.nan)
    step = np.abs(np.diff(scores, axis=1, prepend=np.nan))
    flips = np.cumsum(np.nansum(step, axis=0), axis=0)
    pairs = np.cumsum((~np.isnan(step)).sum(axis=0), axis=0)
    ones, seen = np.cumsum(np.nan_to_num(scores), axis=1), np.cumsum(~np.isnan(scores), axis=1)
    of_run = np.zeros(flips.shape)
    of_run[WINDOW:] = _differing(ones, seen)[:-WINDOW]
    expected = pairs * np.maximum(spread, of_run) + CAUTION
    return NoiseFloor(
        spread=spread,
        jitter=np.where(pairs > 0, flips / np.maximum(pairs, 1), np.nan),
        persistence=np.where(known, np.clip(1 - flips / expected, 0.0, 1.0), 1.0),
    )


def _differing(ones: Array, of: Counts) -> Array:
    """Share of pairs of draws of one anchor that differ, mean over the anchors (axis 0) with two draws; 0 for none."""
    share = np.where(of > 1, 2 * ones * (of - ones) / np.maximum(of * (of - 1), 1), 0.0)
    return np.asarray(share.sum(axis=0) / np.maximum((of > 1).sum(axis=0), 1))
