"""Confidence intervals for a rate and for a mean. SciPy is imported inside: `scipy.stats` takes half a second."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev

LEVEL = 0.95
"""Of every interval."""


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Wilson's score interval for a rate of `successes` in `n`, within [0, 1]; n ≥ 1.

    Keeps about its level also for small n and rates near 0 and 1, where p ± 1.96 s fails. Source: Wilson 1927; Brown,
    Cai & DasGupta 2001 recommend it for n ≤ 40.
    """
    from scipy.stats import binomtest

    interval = binomtest(successes, n).proportion_ci(LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def student_t(values: Sequence[float]) -> tuple[float, float] | None:
    """Student's t interval for the mean of `values`; None below two values.

    Equal values give an interval of no width: it says that they did not differ, not that the next one could not.
    """
    n = len(values)
    if n < 2:
        return None
    from scipy.special import stdtrit

    mean = fmean(values)
    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * stdev(values) / sqrt(n)
    return mean - half, mean + half
