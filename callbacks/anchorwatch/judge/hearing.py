"""What a set can hear, said before the run: the test that will be used, with all it corrects for, on simulated runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from anchorwatch.anchors import Anchor
from anchorwatch.judge.trends import ALARM, trends
from anchorwatch.judge.whole_run import LEAST, WINDOW

RUNS = 300
"""Simulated for one answer: standard error at most .03."""
BEFORE, AFTER = 0.9, 0.4
"""The fall that people are told about."""
LASTING = 2
"""Checks that must show an alarm."""


@cache
def heard(
    n: int, before: float, after: float, *, of: int | None = None, planned: int = 20, metrics: int = 8, k: int = 4
) -> float:
    """Probability of an alarm within `WINDOW` checks, if a yes/no metric of n anchors falls from `before` to `after`.

    0 of fewer than two planned checks: an alarm is shown by two.

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
    rate = np.full((total, min(planned, WINDOW) + 1, RUNS), before)  # each run is a metric: they are judged apart
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
    return float((judged.ringing[0][..., : 2 if groups else 1].min(axis=(0, 2)) <= ALARM).mean())


def statement(anchors: Sequence[Anchor], *, planned: int = 20, k: int = 4) -> str:
    """One sentence for people on all anchors and on the risk anchors, if there are some beside others.

    Such as "a fall from 90% to 40% is seen with probability .98 over all 24 anchors, .46 over the 8 risk anchors".
    Another one where too few checks are planned for an alarm.
    """
    if planned < LASTING:
        return "with one check after the baseline broken contracts are told by name, and no trend can be an alarm"
    risk = sum(anchor.kind == "risk" for anchor in anchors)
    parts = [f"{_heard(len(anchors), planned=planned, k=k)} over all {len(anchors)} anchors"]
    if LEAST <= risk < len(anchors):
        parts.append(f"{_heard(risk, of=len(anchors), planned=planned, k=k)} over the {risk} risk anchors")
    elif 0 < risk < LEAST:
        parts.append(f"never over {risk} risk anchors, whose contracts are judged one by one")
    return f"a fall from {BEFORE:.0%} to {AFTER:.0%} is seen with probability {', '.join(parts)}"


def _heard(n: int, *, of: int | None = None, planned: int, k: int) -> str:
    return f"{heard(n, BEFORE, AFTER, of=of, planned=planned, k=k):.2f}".removeprefix("0")
