"""What a set can hear, said before the run: the test that will be used, on simulated runs.

`power` beside it bounds what any test of a single check could do; here everything counts that the bell corrects for.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from anchorwatch.judge.trends import ALARM, trends
from anchorwatch.judge.whole_run import LEAST, WINDOW

RUNS = 1000
"""Simulated for one answer: standard error at most .016."""


@cache
def heard(
    n: int, before: float, after: float, *, of: int | None = None, planned: int = 20, metrics: int = 8, k: int = 4
) -> float:
    """Probability of an alarm within `WINDOW` checks, if a yes/no metric of n anchors falls from `before` to `after`.

    Every answer is yes with the same probability, independently, greedy answers as well as the k samples at baseline;
    that is the noisiest case. The other metrics stay as they are. Deterministic: the simulation has a fixed seed.

    Args:
        n: anchors that fall; fewer than `LEAST` are never heard as a trend.
        before: share of yes at baseline, in [0, 1].
        after: share of yes from the first check on.
        of: anchors in all, where the n are one group of them, of three; None where they are all.
        planned: checks after the baseline that the run is planned with.
        metrics: metrics judged, this one included.
        k: sampled answers of each anchor at baseline; 0 for none.
    """
    if n < LEAST:
        return 0.0
    total = n if of is None else max(of, n)
    rest = np.array_split(np.arange(n, total), 2)
    groups = [] if of is None else [range(n), *(part.tolist() for part in rest)]
    rate = np.full((total, WINDOW + 1, RUNS), before)  # each run is a metric: they are judged apart
    rate[:n, 1:] = after
    random = np.random.default_rng(0)
    judged = trends(
        (random.random(rate.shape) < rate).astype(np.float64),
        worse=["down"] * RUNS,
        yes_no=[True] * RUNS,
        planned=planned,
        samples=(random.random((total, 1, RUNS, k)) < before).astype(np.float64),
        groups=groups,
        among=metrics,
    )
    return float((judged.p[..., : 2 if groups else 1].min(axis=(0, 2)) <= ALARM).mean())


def statement(n: int, before: float, after: float, what: str = "anchors", *, of: int | None = None) -> str:
    """One sentence for people: "with 8 risk anchors a fall from 90% to 40% is seen with probability .46"."""
    probability = f"{heard(n, before, after, of=of):.2f}".lstrip("0")
    return f"with {n} {what} a fall from {before:.0%} to {after:.0%} is seen with probability {probability}"
