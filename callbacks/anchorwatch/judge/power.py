r"""What a set of n anchors can show, said before the run.

Anchors are paired with themselves at baseline, so a fall of a yes/no metric is tested on the anchors that changed:
McNemar's test in its exact, one-sided form, which is a sign test. Suppose the best case, in which anchors change one
way only, each with probability δ (the fall). With k changed anchors the test gives p = 2^-k, so it speaks at p ≤ α
from

    k* = ⌈log2(1/α)⌉ = 5 changed anchors for α = .05        (1/32 = .031)

however many there are. The number of changed anchors is binomial, so a fall of δ is heard with probability

    P(X ≥ k*),  X ~ Binomial(n, δ)   =   I_δ(k*, n − k* + 1)        (regularised incomplete beta function)

and the smallest fall heard with probability .8 is the inverse of I at .8. In the same way the inverse at .2 is the
largest fall that is missed with probability .8. One test at one check is meant: anchors that change the other way,
and several metrics and checks under one error rate, all ask for more. Sources: McNemar 1947; Clopper & Pearson 1934
for the identity with the beta function.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log2

ALPHA = 0.05
"""Level of the test, one-sided."""
POWER = 0.8
"""Probability with which a change that "can be shown" is heard."""
LEAST = ceil(log2(1 / ALPHA))
"""Anchors that must change together before the test can speak at all: 5."""


@dataclass(frozen=True)
class Power:
    """What `n` anchors can show, in whole percentage points of a yes/no metric."""

    n: int
    shows: int | None
    """The smallest fall heard with probability `POWER`; None where no fall is."""
    misses: int | None
    """The largest fall missed with probability `POWER`; None where every fall is."""


def power(n: int) -> Power:
    """What `n` anchors can show; nothing below `LEAST`."""
    if n < LEAST:
        return Power(n, None, None)
    # scipy.special alone loads fast; scipy.stats does not.
    from scipy.special import betaincinv

    shows = 100 * float(betaincinv(LEAST, n - LEAST + 1, POWER))
    misses = 100 * float(betaincinv(LEAST, n - LEAST + 1, 1 - POWER))
    return Power(n, ceil(shows), floor(misses))


def statement(n: int, what: str = "anchors") -> str:
    """One sentence for people: "12 risk anchors cannot show a 27-point change; they can show 51"."""
    can = power(n)
    if can.shows is None:
        return (
            f"{n} {what} can show no change by a test, for which {LEAST} must change the same way: "
            "read their contracts one by one"
        )
    return f"{n} {what} cannot show a {can.misses}-point change; they can show {can.shows}"
