"""Confidence intervals for a rate and for a mean."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Any

import numpy as np

LEVEL = 0.95
"""Of every interval."""

_Z = 1.959963984540054
"""The (1 + LEVEL) / 2 quantile of the standard normal distribution."""


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Wilson's score interval for a rate of `successes` in `n`, within [0, 1]; n ≥ 1.

    Keeps about its level also for small n and rates near 0 and 1, where p ± 1.96 s fails. Source: Wilson 1927; Brown,
    Cai & DasGupta 2001 recommend it for n ≤ 40.
    """
    rate, z2 = successes / n, _Z * _Z
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    # Rounding may leave the range by an ulp where the rate is 0 or 1.
    return max(0.0, centre - half), min(1.0, centre + half)


def paired_rates(up: Any, down: Any, n: Any) -> tuple[Any, Any]:
    """For the mean of `n` ≥ 1 paired differences of yes/no scores, each in [-1, 1]; numbers or arrays.

    `up` and `down` are the sums of the positive and of the negative differences, both ≥ 0. An adjusted Wald interval:
    one pair more of either direction, then the normal approximation. It keeps about its level for small n and never has
    no width. Source: Bonett & Price 2012.
    """
    up, down, n = (up + 1) / (n + 2), (down + 1) / (n + 2), n + 2
    half = _Z * np.sqrt((up + down - (up - down) ** 2) / n)
    return np.maximum(-1.0, up - down - half), np.minimum(1.0, up - down + half)


def student_t(values: Sequence[float]) -> tuple[float, float] | None:
    """Student's t interval for the mean of `values`; None below two values.

    Equal values give an interval of no width: it says that they did not differ, not that the next one could not.
    """
    n = len(values)
    if n < 2:
        return None
    from scipy.special import stdtrit  # inside: most checks need no mean, and SciPy is slow to import

    mean = fmean(values)
    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * stdev(values) / sqrt(n)
    return mean - half, mean + half
