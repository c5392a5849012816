"""Single looks, uncorrected: p with the sampled baseline, with the like baseline, for numbers, for churn; intervals.

A p is an array looks × metrics × groups; each test gives one for "lower now" and one for "higher now". `member` is
groups × anchors, 1 where the anchor is in the group. `needed` (of the shape of p) says how small a p must be to matter:
where the normal approximation is above it, the exact one is not computed and p is 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anchorwatch.judge import exact
from anchorwatch.judge.exact import Array, Counts
from anchorwatch.judge.intervals import paired_rates
from anchorwatch.judge.looks import Looks

Sides = tuple[Array, Array]
"""p for "lower now", p for "higher now"."""


def with_samples(looks: Looks, persistence: Array, member: Array, needed: Array) -> Sides:
    """The mean now against the sampled baseline: the exact stratified test on the noise floor."""
    ones, k, now, m = _counts(looks)
    return _tails(exact.draws(ones, k, now, m, persistence), member, needed)


def churned(looks: Looks, persistence: Array, needed: Array) -> Array:
    """Whether anchors are further from their sampled baseline than noise takes them, up or down: looks × metrics.

    The sum over all anchors of the squared difference, against its exact distribution.
    """
    ones, k, now, m = _counts(looks)
    terms = exact.squares(ones, k, now, m, persistence)
    return _tails(terms, np.ones((1, len(now))), needed)[1][..., 0]


def greedy_with_samples(looks: Looks, greedy: Array, member: Array) -> Sides:
    """The greedy baseline (anchors × metrics) against the sampled one, as a single look: metrics × groups."""
    ones, k = looks.baseline.astype(np.int64)[:, None], looks.k[:, None]
    seen = np.nan_to_num(greedy).astype(np.int64)[:, None]
    terms = exact.draws(ones, k, seen, (~np.isnan(greedy)).astype(np.int64)[:, None], np.zeros(seen.shape[1:]))
    low, high = _tails(terms, member, np.full((1, seen.shape[2], len(member)), 0.6))
    return low[0], high[0]


def with_like(difference: Array, member: Array, needed: Array) -> Sides:
    """Yes/no differences by anchor (nan where missing): the exact sign-flip test."""
    return _tails(exact.sign_flips(difference), member, needed)


def student(difference: Array, member: Array) -> Sides:
    """Differences of numbers by anchor (nan where missing): Student's paired t; 2^-n where all are the same, not 0."""
    from scipy.special import stdtr  # inside: slow to import

    n, mean, deviation = moments(difference, member)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = mean / (deviation / np.sqrt(n))
        low, high = stdtr(n - 1, t), stdtr(n - 1, -t)
    flat = deviation < 1e-9
    low = np.where(flat, np.where(mean < -1e-9, 0.5**n, 1.0), low)
    high = np.where(flat, np.where(mean > 1e-9, 0.5**n, 1.0), high)
    return np.nan_to_num(low, nan=1.0), np.nan_to_num(high, nan=1.0)


def moments(values: Array, member: Array) -> tuple[Array, Array, Array]:
    """Number, mean and standard deviation over the anchors of each group, nan apart: looks × metrics × groups."""
    present = ~np.isnan(values)
    clean = np.where(present, values, 0.0)
    n = over_anchors(present, member)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = over_anchors(clean, member) / n
        variance = (over_anchors(clean**2, member) - n * mean**2) / (n - 1)
    return n, mean, np.sqrt(np.maximum(variance, 0.0))


def interval(n: Array, change: Array, deviation: Array) -> tuple[Array, Array]:
    """95% intervals of the mean of numbers with these moments, by Student's t; nan below two."""
    from scipy.special import stdtrit  # inside: slow to import

    with np.errstate(invalid="ignore", divide="ignore"):
        half = np.where(n > 1, stdtrit(n - 1, 0.975) * deviation / np.sqrt(n), np.nan)
    return change - half, change + half


def interval_of_rates(difference: Array, member: Array) -> tuple[Array, Array]:
    """95% intervals of the mean of yes/no differences, as `intervals.paired_rates`; nan without an anchor."""
    n = over_anchors(~np.isnan(difference), member)
    up, down = (over_anchors(np.maximum(np.nan_to_num(each), 0.0), member) for each in (difference, -difference))
    low, high = paired_rates(up, down, n)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def over_anchors(values: NDArray[np.generic], member: Array) -> Array:
    """Sums over the anchors of each group: looks × metrics × groups."""
    return np.asarray(np.tensordot(values.astype(np.float64), member, axes=(0, 1)))


def _counts(looks: Looks) -> tuple[Counts, Counts, Counts, Counts]:
    """Ones and draws at baseline and now, all anchors × looks × metrics."""
    shape = looks.m.shape
    ones = np.broadcast_to(looks.baseline.astype(np.int64)[:, None], shape)
    return ones, np.broadcast_to(looks.k[:, None], shape), looks.now.astype(np.int64), looks.m


def _tails(terms: exact.Terms, member: Array, needed: Array) -> Sides:
    """P(sum ≤ seen), P(sum ≥ seen) over the anchors of each group."""
    from scipy.special import ndtri  # inside: slow to import

    mean, variance = terms.moments()
    z = over_anchors(terms.seen - mean, member) / np.sqrt(np.maximum(over_anchors(variance, member), 1e-12))
    low, high = np.ones(z.shape), np.ones(z.shape)
    look, metric, group = found = np.nonzero(np.abs(z) > -ndtri(needed))
    inside = member[group] > 0
    distributions = terms.at(look, metric)
    distributions[~inside] = np.arange(distributions.shape[2]) == 0
    at_most, at_least = exact.tails(distributions, np.where(inside, terms.seen[:, look, metric].T, 0).sum(axis=1))
    low[found] = np.where(z[found] < 0, at_most, 1.0)
    high[found] = np.where(z[found] > 0, at_least, 1.0)
    return low, high
