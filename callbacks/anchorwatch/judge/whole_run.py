"""From the p-value of one look to that of the whole run.

Over checks. Every look of a run compares a new window of checks with the same baseline, so the looks are correlated by
the baseline's noise. This is Dunnett's comparison of many with one: with `shared` the baseline's part of the variance
of a look, the largest of L looks behaves as max(√shared·B + √(1 − shared)·W_l), B and W_l standard normal, and

    P(max > z) = 1 − ∫ φ(b) G((z − √shared·b) / √(1 − shared)) db,    G(w) = P(no W_l > w).

Neighbouring windows share all but one of their checks, so W_l and W_{l+1} have a correlation of at least `OVERLAP`, and

    G(w) ≈ Φ(w) · P(W_2 ≤ w | W_1 ≤ w)^(L − 1)

as for a Markov chain. Jitter that persists correlates the looks further and makes them fewer than they are counted.
The number of looks is that of the planned run from its first check on, so the boundary does not move.

Over metrics and groups: weighted Bonferroni, see `SHARES`. A metric that has not varied within any anchor up to a check
takes no part.

Sources: Dunnett 1955; Glaz & Johnson 1984 (product-type approximations); Genovese, Roeder & Wasserman 2006 (weights).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from anchorwatch.judge.exact import Array, Counts

WINDOW = 3
"""Checks that are averaged."""
OVERLAP = (WINDOW - 1) / WINDOW
LEAST = 5
"""Anchors below which a group is not tested."""
SHARES = {"all": 0.65, "groups": 0.2, "churn": 0.15}
"""Of the error rate of each metric. The groups large enough to be tested share theirs; without any it goes to "all"."""
_SPARE = 10.0

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(64)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Correction:
    """What a p of one look has to be corrected for."""

    looks: Counts
    """Looks × 1: how many are planned."""
    live: Counts
    """Looks × 1: metrics that can have moved."""
    shares: Array
    """Groups: of the error rate of a metric; 0 where a group is not tested."""

    def needed(self) -> Array:
        """Looks × 1 × groups: how small an uncorrected p must be to matter, with room for its being approximate."""
        return np.minimum(0.1, _SPARE * self.shares / (self.looks * self.live)[..., None])

    def whole(self, p: Array, shared: Array) -> Array:
        """p, looks × metrics × groups, corrected; `shared` is looks × metrics."""
        with np.errstate(divide="ignore"):
            cost = self.live[..., None] / self.shares
        return np.minimum(1.0, cost * over_looks(p, self.looks[..., None], shared[..., None]))


def shares(member: Array) -> Array:
    """Of the error rate, for each row of `member` (groups × anchors, 1 where it is in the group, all of them first)."""
    testable = member[1:].sum(axis=1) >= LEAST
    number = int(testable.sum())
    groups = np.where(testable, SHARES["groups"] / max(number, 1), 0.0)
    return np.concatenate([[SHARES["all"] + (0.0 if number else SHARES["groups"])], groups])


def over_looks(p: Array, looks: Counts, shared: Array) -> Array:
    """P(the smallest p of `looks` looks ≤ p), see above. `shared`, in [0, 1), and `looks` broadcast to that of `p`.

    One look gives p itself; the result is at least p and at most 1.
    """
    from scipy.special import log_ndtr, ndtri  # inside: slow to import

    result = np.ones(p.shape)
    speaks = p < 1
    p = p[speaks]
    looks, shared = np.broadcast_to(looks, speaks.shape)[speaks], np.broadcast_to(shared, speaks.shape)[speaks]
    z = -ndtri(np.maximum(p, 1e-300))[:, None]
    given = (z - np.sqrt(shared)[:, None] * _NODES) / np.sqrt(1 - shared)[:, None]
    none = log_ndtr(given) + (looks[:, None] - 1) * np.interp(given, *_stays_below())
    result[speaks] = np.clip(-np.expm1(none) @ _WEIGHTS, p, np.minimum(1.0, looks * p))
    return result


@cache
def _stays_below() -> tuple[Array, Array]:
    """The logarithm of P(W_2 ≤ w | W_1 ≤ w) at a grid of w, for a correlation of `OVERLAP`."""
    from scipy.special import log_ndtr

    w = np.linspace(-12, 12, 4801)
    common = log_ndtr((w[:, None] - np.sqrt(OVERLAP) * _NODES) / np.sqrt(1 - OVERLAP))
    one, both = np.exp(common) @ _WEIGHTS, np.exp(2 * common) @ _WEIGHTS
    some = np.expm1(common) @ _WEIGHTS - np.expm1(2 * common) @ _WEIGHTS  # one − both, accurate where it is small
    return w, np.where(w > 0, np.log1p(-np.where(w > 0, some / one, 0.0)), np.log(both / one))
