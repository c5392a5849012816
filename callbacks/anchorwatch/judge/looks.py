"""What is compared at each check: the last few checks with the baseline, per anchor and metric."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from anchorwatch.judge.exact import Array, Counts

Flags = NDArray[np.bool_]
_Number = TypeVar("_Number", np.float64, np.int64)


@dataclass(frozen=True)
class Looks:
    """Arrays anchors × looks × metrics; look 0 is check 1. Sums and numbers of draws, means where there are any."""

    now: Array
    """Sum over the window: of sampled answers where it has any and the baseline has too, else of the greedy ones."""
    m: Counts
    """How many answers that sum is over."""
    sampled: Flags
    """Looks × metrics: which of the two."""
    baseline: Array
    """Anchors × metrics: sum of the baseline's sampled answers."""
    k: Counts
    """Anchors × metrics: how many they are."""
    like: Array
    """Mean at baseline of the same kind of answer as in `now`: the greedy one's score, or the mean of the samples."""

    def of(self, metrics: NDArray[np.intp]) -> Looks:
        """The same of some metrics only."""
        return Looks(*(getattr(self, each.name)[..., metrics] for each in fields(self)))

    @property
    def difference(self) -> Array:
        """Mean of now − like; nan where either is missing."""
        return np.where(self.m > 0, self.now / np.maximum(self.m, 1), np.nan) - self.like


def compare(scores: Array, samples: Array, window: int) -> Looks:
    """Every check after the baseline as a look; arguments as in `trends`."""
    anchors, checks, metrics = scores.shape
    baseline, k = _total(samples[:, 0])
    each, present = _total(scores[:, 1:, :, None])
    greedy, many = _windows(each, window), _windows(present, window)
    drawn = np.zeros((anchors, checks - 1, metrics))
    draws = np.zeros((anchors, checks - 1, metrics), dtype=np.int64)
    later = samples[:, 1:checks]
    drawn[:, : later.shape[1]], draws[:, : later.shape[1]] = _total(later)
    drawn, draws = _windows(drawn, window), _windows(draws, window)
    sampled = (draws.sum(axis=0) > 0) & (k.sum(axis=0) > 0)
    mean = np.where(k > 0, baseline / np.maximum(k, 1), np.nan)
    return Looks(
        now=np.where(sampled, drawn, greedy),
        m=np.where(sampled, draws, many),
        sampled=sampled,
        baseline=baseline,
        k=k,
        like=np.where(sampled, mean[:, None], scores[:, :1]),
    )


def varied(scores: Array, samples: Array) -> Flags:
    """Checks × metrics: whether any anchor has had two different values, samples included, up to the check."""
    both = np.full((*scores.shape[:3], 1 + samples.shape[3]), np.nan)
    both[..., 0] = scores
    both[:, : samples.shape[1], :, 1:] = samples[:, : scores.shape[1]]
    high = np.maximum.accumulate(np.nan_to_num(both, nan=-np.inf).max(axis=3), axis=1)
    low = np.minimum.accumulate(np.nan_to_num(both, nan=np.inf).min(axis=3), axis=1)
    return np.asarray((high > low).any(axis=0))


def _total(values: Array) -> tuple[Array, Counts]:
    """Sum and number over the last axis, nan apart."""
    present = ~np.isnan(values)
    return np.where(present, values, 0.0).sum(axis=-1), present.sum(axis=-1)


def _windows(values: NDArray[_Number], window: int) -> NDArray[_Number]:
    """Sums over the last `window` checks (axis 1), fewer at the start."""
    total = np.cumsum(values, axis=1)
    before = np.concatenate([np.zeros_like(total[:, :window]), total[:, :-window]], axis=1)[:, : total.shape[1]]
    result: NDArray[_Number] = total - before
    return result
