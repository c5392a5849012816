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
    repeated: Flags
    """Looks × metrics: whether a sampled look is that of the check before, because no sample was drawn since."""
    baseline: Array
    """Anchors × metrics: sum of the baseline's sampled answers; the greedy one's score where it is taken for one."""
    k: Counts
    """Anchors × metrics: how many they are."""
    like: Array
    """Mean at baseline of the same kind of answer as in `now`: the greedy one's score, or the mean of the samples."""
    floor: Array
    """Metrics: share of the anchors with a score at baseline that have sampled answers there."""

    def of(self, metrics: NDArray[np.intp]) -> Looks:
        """The same of some metrics only."""
        return Looks(*(getattr(self, each.name)[..., metrics] for each in fields(self)))

    @property
    def difference(self) -> Array:
        """Mean of now − like; nan where either is missing."""
        return np.where(self.m > 0, self.now / np.maximum(self.m, 1), np.nan) - self.like


def compare(scores: Array, samples: Array, window: int) -> Looks:
    """Every check after the baseline as a look; arguments as in `trends`.

    Where some anchors of a metric have sampled answers at baseline and others, of which a sample cannot be scored, have
    not, the greedy answer of the others is taken for their one draw: they count for less, and are not lost. Once
    samples were drawn at a later check, a window is over the checks that drew some; anchors without any count with the
    greedy answer of the check itself.
    """
    anchors, checks, metrics = scores.shape
    first = scores[:, 0]
    baseline, k = _total(samples[:, 0])
    has_floor = (k > 0).any(axis=0)
    with_score = np.maximum((~np.isnan(first)).sum(axis=0), 1)
    floor = np.minimum(1.0, (k > 0).sum(axis=0) / with_score)
    greedy, many = _total(scores[:, 1:, :, None])
    greedy, many = _windows(greedy, window), _windows(many, window)
    later = np.full((anchors, checks - 1, metrics, samples.shape[3]), np.nan)
    later[:, : samples.shape[1] - 1] = samples[:, 1:checks]
    drawn, draws = _total(later)
    drew = np.asarray((draws > 0).any(axis=0))
    drawn, draws = _windows_of(drawn, window, drew), _windows_of(draws, window, drew)
    sampled = (draws.sum(axis=0) > 0) & has_floor
    by_draws = sampled & (draws > 0) & (k > 0)[:, None]
    one = sampled & ~by_draws
    greedy = np.where(one, np.nan_to_num(scores[:, 1:]), greedy)
    many = np.where(one, ~np.isnan(scores[:, 1:]), many)
    mean = np.where(k > 0, baseline / np.maximum(k, 1), np.nan)
    alone = has_floor & (k == 0) & ~np.isnan(first)
    return Looks(
        now=np.where(by_draws, drawn, greedy),
        m=np.where(by_draws, draws, many),
        sampled=sampled,
        repeated=sampled & ~drew,
        baseline=np.where(alone, first, baseline),
        k=np.where(alone, 1, k),
        like=np.where(by_draws, mean[:, None], scores[:, :1]),
        floor=floor,
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


def _windows_of(values: NDArray[_Number], window: int, own: Flags) -> NDArray[_Number]:
    """Sums over the last `window` of the `own` checks (checks × metrics) up to each check; 0 before the first."""
    result = np.zeros_like(values)
    last = np.cumsum(own, axis=0) - 1
    for metric in range(values.shape[2]):
        found = _windows(values[:, own[:, metric], metric], window)
        after = last[:, metric] >= 0
        result[:, after, metric] = found[:, last[after, metric]]
    return result


def _windows(values: NDArray[_Number], window: int) -> NDArray[_Number]:
    """Sums over the last `window` checks (axis 1), fewer at the start."""
    total = np.cumsum(values, axis=1)
    before = np.concatenate([np.zeros_like(total[:, :window]), total[:, :-window]], axis=1)[:, : total.shape[1]]
    result: NDArray[_Number] = total - before
    return result
