"""Exact null distributions on small integer lattices: draws exchanged within each anchor, and signs flipped.

Both are permutation tests whose statistic is a sum over anchors of small integers, so that the whole null distribution
is a convolution, computed to the last digit where resampling would stop at 1/10,000. What one anchor adds depends on
a few small counts only, and is computed once for each combination of them.

Sources: Mantel & Haenszel 1959 and Agresti 1992 (exact conditional inference in stratified tables); Fisher 1935 (sign
flips of paired differences).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

LATTICE = 12
"""Steps from 0 to 1 of a difference of means: exact for means over 1, 2, 3, 4, 6 and 12 draws, else rounded."""


@dataclass(frozen=True)
class Terms:
    """What each anchor adds to a sum, anchors × looks × metrics: what was seen, and its null distribution.

    The distribution, over 0, 1, 2, …, is row `row` of `fresh`, but with probability `persistence` that of `repeated`.
    """

    seen: Counts
    row: Counts
    fresh: Array
    repeated: Array
    persistence: Array
    """Looks × metrics."""

    def moments(self) -> tuple[Array, Array]:
        """Mean and variance of each term."""
        x = np.arange(self.fresh.shape[1])
        first, second = (self._mix((self.fresh @ x**n)[self.row], (self.repeated @ x**n)[self.row]) for n in (1, 2))
        return first, second - first**2

    def at(self, look: Counts, metric: Counts) -> Array:
        """Distributions at the given places: places × anchors × support."""
        row = self.row[:, look, metric].T
        persistence = self.persistence[look, metric][:, None, None]
        return np.asarray((1 - persistence) * self.fresh[row] + persistence * self.repeated[row])

    def _mix(self, fresh: Array, repeated: Array) -> Array:
        return (1 - self.persistence) * fresh + self.persistence * repeated


def draws(baseline: Counts, k: Counts, now: Counts, m: Counts, persistence: Array) -> Terms:
    """The number of ones among the m draws of now, `now`, where `baseline` were among the k of the baseline.

    If nothing changed all k + m draws of an anchor are exchangeable, and given how many ones there are in all, their
    number among the m is hypergeometric. With probability `persistence` the m draws are instead one draw seen m times,
    which then counts once. An anchor without draws on either side has all its weight on its own count: it says nothing.
    """
    return _look_up(_draws, int(m.max(initial=0)), baseline, k, now, m, persistence)


def squares(baseline: Counts, k: Counts, now: Counts, m: Counts, persistence: Array) -> Terms:
    """As `draws`, but of the squared difference of the two means in steps of 1/`LATTICE`."""
    return _look_up(_squares, LATTICE, baseline, k, now, m, persistence)


def sign_flips(differences: Array) -> Terms:
    """The positive differences, where each |difference| is positive with probability ½; in steps of 1/`LATTICE`.

    `differences` are in [-1, 1]; nan counts as 0.
    """
    steps = np.rint(np.nan_to_num(differences) * LATTICE).astype(np.int64)
    table = 0.5 * (np.eye(LATTICE + 1) + np.eye(LATTICE + 1)[:1])
    return Terms(np.maximum(steps, 0), np.abs(steps), table, table, np.zeros(steps.shape[1:]))


def tails(distributions: Array, seen: Counts) -> tuple[Array, Array]:
    """P(sum ≤ seen) and P(sum ≥ seen) of independent terms; never 0.

    `distributions` is tests × terms × support (0, 1, …); `seen` is the sum in each test.
    """
    tests, terms, width = distributions.shape
    total = np.zeros((tests, terms * (width - 1) + 1))
    total[:, 0] = 1.0
    for term in range(terms):
        reach = term * (width - 1) + 1
        old = total[:, :reach].copy()
        total[:, : reach + width - 1] = 0.0
        for value in range(width):
            weight = distributions[:, term, value, None]
            if weight.any():
                total[:, value : value + reach] += old * weight
    rows, tiny = np.arange(tests), np.finfo(np.float64).tiny
    at_most = np.cumsum(total, axis=1)[rows, seen]
    at_least = np.cumsum(total[:, ::-1], axis=1)[rows, total.shape[1] - 1 - seen]
    return np.clip(at_most, tiny, 1.0), np.clip(at_least, tiny, 1.0)


class _Term(NamedTuple):
    seen: int
    fresh: dict[int, float]
    repeated: dict[int, float]


def _look_up(
    term: Callable[[int, int, int, int], _Term],
    largest: int,
    baseline: Counts,
    k: Counts,
    now: Counts,
    m: Counts,
    persistence: Array,
) -> Terms:
    """Terms whose values are at most `largest`; each combination of the four counts is computed once."""
    ks, ms = int(k.max(initial=0)) + 1, int(m.max(initial=0)) + 1
    code = ((baseline * ks + k) * ms + now) * ms + m
    found = np.flatnonzero(np.bincount(code.ravel(), minlength=1))
    place = np.zeros(found.max(initial=0) + 1, dtype=np.int64)
    place[found] = np.arange(len(found))
    terms = [term(*(int(each) for each in np.unravel_index(one, (ks, ks, ms, ms)))) for one in found]
    fresh, repeated = np.zeros((2, len(found), largest + 1))
    for row, each in enumerate(terms):
        fresh[row, list(each.fresh)] = list(each.fresh.values())
        repeated[row, list(each.repeated)] = list(each.repeated.values())
    row_of = place[code]
    seen = np.array([each.seen for each in terms], dtype=np.int64)
    return Terms(seen[row_of], row_of, fresh, repeated, persistence)


@cache
def _draws(baseline: int, k: int, now: int, m: int) -> _Term:
    if not k or not m:
        return _Term(now, {now: 1.0}, {now: 1.0})
    ones = baseline + now
    possible = range(max(0, ones - k), min(m, ones) + 1)
    fresh = {x: comb(ones, x) * comb(k + m - ones, m - x) / comb(k + m, m) for x in possible}
    one = (baseline + now / m) / (k + 1)
    return _Term(now, fresh, {0: 1 - one, m: one})


@cache
def _squares(baseline: int, k: int, now: int, m: int) -> _Term:
    if not k or not m:
        return _Term(0, {0: 1.0}, {0: 1.0})
    counts = _draws(baseline, k, now, m)
    single = baseline + now / m  # ones in all, if what was seen m times is one draw
    fresh, repeated = dict.fromkeys(range(LATTICE + 1), 0.0), dict.fromkeys(range(LATTICE + 1), 0.0)
    for x, weight in counts.fresh.items():
        fresh[_steps(x / m - (baseline + now - x) / k)] += weight
    for x, weight in counts.repeated.items():
        repeated[_steps(x / m - (single - x / m) / k)] += weight
    return _Term(_steps(now / m - baseline / k), fresh, repeated)


def _steps(difference: float) -> int:
    return round(min(1.0, difference**2) * LATTICE)
