"""What checks show taken alone, by which an alarm is known to last."""

from __future__ import annotations

import numpy as np

from anchorwatch.judge import comparisons
from anchorwatch.judge.exact import Array
from anchorwatch.judge.looks import Flags, Looks

LASTS = 0.35
"""p that each of the last two checks needs by itself: two anchors that moved and none the other way, or three to one.
Chosen on the development half of `scripts/bench_judge.py`: .2 cost 4 to 12 of 100 falls, .35 costs 0 to 3."""


def lasts(alone: Looks, member: Array, carried: Flags) -> Flags:
    """2 × looks × metrics × groups, for "lower now" and "higher now": whether the last two checks each show it.

    Args:
        alone: of checks and of yes/no metrics, each check by itself.
        member: groups × anchors, 1 or 0.
        carried: looks × metrics, whether the scores only repeat those of the check before.
    """
    needed = np.full((*alone.sampled.shape, len(member)), 0.5)
    p = comparisons.with_like(alone.difference, member, needed)
    return last_two(np.stack(p), carried) <= LASTS


def churn_lasts(alone: Looks, carried: Flags) -> Flags:
    """Looks × metrics: whether anchors had moved both ways at each of the last two checks. Arguments as of `lasts`."""
    moved = alone.difference
    one_way = np.where((moved > 0).any(axis=0) & (moved < 0).any(axis=0), 0.0, 1.0)
    return last_two(one_way[None, ..., None], carried)[0, ..., 0] < 1


def last_two(sides: Array, carried: Flags) -> Array:
    """The larger p (2 × looks × metrics × groups) of each look and of the one before; before the first one it is 1.

    A look whose scores are carried over says what the last one of its own said, or 1.
    """
    result = np.ones(sides.shape)
    for metric, repeated in enumerate(carried.T):
        p = sides[:, :, metric]
        own = np.flatnonzero(~repeated)
        before = np.concatenate([np.ones_like(p[:, :1]), p[:, own[:-1]]], axis=1)[:, : len(own)]
        result[:, own, metric] = np.maximum(p[:, own], before)
        last_own = np.maximum.accumulate(np.where(repeated, -1, np.arange(len(repeated))))
        result[:, :, metric] = np.where((last_own >= 0)[:, None], result[:, last_own, metric], 1.0)
    return result
