"""Trends: has a behaviour moved, over the anchors of a group, by more than noise? One p-value for the whole run.

The contract of `trends`, on which every alarm rests:

*What is promised.* If nothing changes, the probability that any `p` or `churn_p` of the run, over all its metrics,
groups and checks, is ever ≤ `ALARM` is at most .05 (`WATCH`: .25), decided at each check from what was known then.
Nothing is promised of one p among many. `better_p` has an error rate of its own.

*Under which assumptions.* Anchors are independent of each other; metrics need not be, nor checks. For yes/no scores two
comparisons must agree, because each alone can be fooled:

1. *With the sampled answers at baseline*, the noise floor, by an exact test: given how often an anchor said yes in all,
   any of its draws may have been any other. Jitter that persists from check to check is measured (`noise`), and an
   answer that is only repeated counts once. This is controlled over the whole run. It is not fooled by a lucky greedy
   baseline, nor by anchors chosen because the untouched model passed them; it is by greedy answers that were always
   worse than sampled ones.
2. *With the greedy answer at baseline*, like with like, by an exact sign-flip test, at `AGREES` for one look. Where the
   baseline's greedy answers are already worse than its samples (p ≤ `DIFFERS`) this one, too, is controlled over the
   whole run. What remains is a difference of greedy from sampled answers that is too small to be seen at baseline:
   the benchmark's family "greedy ties" measures what it does.

Where later checks have sampled answers, samples are compared with samples in both. Without baseline samples only the
second is left, controlled over the whole run. Where the caller says that greedy answers may be worse than sampled ones
by their nature (`greedy_worse`: loops), it is so unless the greedy answers at baseline are no worse. Of a metric that
can be scored on the samples of some anchors only, the greedy answer of the others is taken for their one draw, and
counts for less.

Yes/no scores that are no worse at the check itself are not worse (p = 1), whatever the checks before it were. And an
alarm lasts (`lasts`): each of the last two checks with scores of their own, taken alone, shows it (sign flips, at
`lasting.LASTS`). A single check at which half of the answers are broken is worth a "watch"; averaged with its
neighbours it would speak for three.

Numbers of one check are compared with the baseline's by Student's paired t, at the last two checks both; it asks for
differences that are about symmetric, as those of two exchangeable draws are. A number that every training moves, such
as the log-probability lost on the old answer, says that the model moved, not that it got worse.

*When it cannot speak.* A group of fewer than `LEAST` anchors has p = 1, and so has a look without scores on both sides.
Without baseline samples 12 anchors hardly ever ring. `hearing` says before the run what a set can show.

How often it rings at noise and what it hears is measured by `scripts/bench_judge.py` (docs/benchmarks.md).

Sources: Mantel & Haenszel 1959; Fisher 1935; Berger 1982 (two conditions that must both hold need no correction for
being two); and those named in `exact` and `whole_run`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from anchorwatch.judge import comparisons
from anchorwatch.judge.exact import Array
from anchorwatch.judge.lasting import churn_lasts, last_two, lasts
from anchorwatch.judge.looks import Flags, Looks, compare, varied
from anchorwatch.judge.noise import noise_floor
from anchorwatch.judge.whole_run import LEAST, SHARES, WINDOW, Correction, shares

ALARM = 0.05
WATCH = 0.25
"""Levels of p: at most one quiet run in twenty has an alarm, at most one in four a watch."""
DIFFERS = 0.05
"""p at which the greedy baseline counts as worse than the samples."""
MAY_DIFFER = 0.5
"""The same of a metric of which greedy answers may be worse by their nature: about where they look worse at all.
Chosen on simulated runs with Beta(1, 4), which `scripts/bench_rules.py` has not; its lines "loop" came after."""
AGREES = 0.2
"""p that the second comparison needs where the first can be relied on."""
CREDIT = 2.0
"""By what the corrected p of the first comparison is divided, because asking for the second as well makes alarms rarer;
less where some anchors have no sampled answers, down to 1, since the two are then nearly one.
Chosen, with `AGREES`, `DIFFERS`, `SHARES` and `noise.CAUTION`, on the development half of `scripts/bench_judge.py`."""

Direction = Literal["down", "up"] | None
"""Which direction of a metric is worse; None where either is (tested both ways, at half the error rate each)."""


@dataclass(frozen=True)
class Trends:
    """Arrays checks × metrics × groups, the group of all anchors first; check 0 is the baseline (p = 1)."""

    before: Array
    """Mean at baseline of the anchors that have a score on both sides at the check; nan where there is none."""
    after: Array
    """Mean of the same anchors at the check itself."""
    low: Array
    high: Array
    """95% interval of after − before for this one look, paired by anchor (`intervals`), as for anchors drawn from many;
    nan without an anchor, for numbers below two. p is of these anchors, and of the last `WINDOW` checks."""
    by_anchor: Array
    """Anchors × checks × metrics: the check's own score − the baseline's, of samples where those are compared."""
    p: Array
    """That it is worse than at baseline (for direction None: other than), corrected for the whole run."""
    lasts: Flags
    """Whether that is so at each of the last two checks: without it p is worth no alarm."""
    better_p: Array
    """The same as `p` for the better; 1 for direction None."""
    churn_p: Array
    """Checks × metrics, over all anchors: that anchors changed by more than noise, whichever way, corrected for the
    whole run. Yes/no metrics only."""
    churn_lasts: Flags
    """Whether anchors had moved both ways at each of the last two checks."""

    @property
    def change(self) -> Array:
        """After − before."""
        return self.after - self.before

    @property
    def ringing(self) -> tuple[Array, Array]:
        """`p` and `churn_p` where they last, else 1: what an alarm goes by."""
        return np.where(self.lasts, self.p, 1.0), np.where(self.churn_lasts, self.churn_p, 1.0)


def level(p: float, alarm: float = ALARM, watch: float = WATCH, *, lasts: bool) -> Literal["alarm", "watch"] | None:
    """What a corrected p amounts to."""
    return "alarm" if p <= alarm and lasts else "watch" if p <= watch else None


def trends(
    scores: Array,
    *,
    worse: Sequence[Direction],
    yes_no: Sequence[bool],
    planned: int,
    samples: Array | None = None,
    groups: Sequence[Sequence[int]] = (),
    carried: Flags | None = None,
    among: int | None = None,
    greedy_worse: Sequence[bool] | None = None,
) -> Trends:
    """Judge every check of one run, each from the data up to it: a longer run gives the same answer for its beginning.

    Args:
        scores: anchors × checks × metrics of the greedy answers, nan where missing; check 0 is the baseline. Yes/no
            scores are 0 or 1.
        worse: per metric.
        yes_no: per metric, whether its scores are yes/no.
        planned: checks planned after the baseline; a check beyond them counts as planned.
        samples: anchors × checks × metrics × draws of the sampled answers, nan where missing. May end before `scores`
            (one check: baseline only).
        groups: indices of the anchors of each group besides all.
        carried: checks × metrics, whether the scores only repeat those of the check before; None: none do. A number
            must differ at two checks with scores of their own.
        among: metrics that share the error rate; None counts at each check those that have varied.
        greedy_worse: per metric, whether greedy answers may be worse than sampled ones by their nature; None: of none.
    """
    anchors, checks, metrics = scores.shape
    if samples is None:
        samples = np.empty((anchors, 1, metrics, 0))
    binary = np.asarray(yes_no, dtype=bool)
    member = np.zeros((1 + len(groups), anchors))
    member[0] = 1
    for number, group in enumerate(groups, start=1):
        member[number, list(group)] = 1
    shape = (checks, metrics, len(member))
    before, after, low, high = np.full((4, *shape), np.nan)
    result = Trends(
        before,
        after,
        low,
        high,
        by_anchor=np.full(scores.shape, np.nan),
        p=np.ones(shape),
        lasts=np.zeros(shape, dtype=bool),
        better_p=np.ones(shape),
        churn_p=np.ones(shape[:2]),
        churn_lasts=np.zeros(shape[:2], dtype=bool),
    )
    if checks < 2 or not anchors:
        return result
    looks, last = compare(scores, samples, WINDOW), compare(scores, samples, 1)
    moved = result.by_anchor[:, 1:] = last.difference
    n, change, deviation = comparisons.moments(moved, member)
    result.before[1:] = comparisons.moments(np.where(np.isnan(moved), np.nan, last.like), member)[1]
    result.after[1:] = result.before[1:] + change
    result.low[1:], result.high[1:] = comparisons.interval(n, change, deviation)
    result.low[1:, binary], result.high[1:, binary] = comparisons.interval_of_rates(moved[..., binary], member)

    live = varied(scores, samples)[1:].sum(axis=1, keepdims=True) if among is None else np.full((checks - 1, 1), among)
    correct = Correction(np.maximum(planned, np.arange(1, checks))[:, None], np.maximum(live, 1), shares(member))
    persistence = np.ones((checks - 1, metrics))
    persistence[:, binary] = noise_floor(scores[:, :, binary], samples[:, 0, binary]).persistence[1:]
    persistence[looks.sampled] = 0.0
    sides, lasting = np.ones((2, *n.shape)), np.ones((2, *n.shape), dtype=bool)
    with_floor = binary & (looks.floor > 0)
    loops = np.zeros(metrics, dtype=bool) if greedy_worse is None else np.asarray(greedy_worse, dtype=bool)
    for test, chosen in ((_numbers, ~binary), (_without_floor, binary & ~with_floor)):
        which = np.flatnonzero(chosen)
        part = last.of(which) if test is _numbers else looks.of(which)
        sides[:, :, which] = test(part, member, persistence[:, which], correct)
    which = np.flatnonzero(with_floor)
    part, known = looks.of(which), (persistence[:, which], scores[:, 0, which])
    sides[:, :, which] = _with_floor(part, *known, member, correct, loops[which])
    result.churn_p[1:, which] = _churn(part, *known, correct)
    again = (np.zeros((checks - 1, metrics), dtype=bool) if carried is None else carried[1:]) | last.repeated
    alone, carries = last.of(np.flatnonzero(binary)), again[:, binary]
    lasting[:, :, binary] = lasts(alone, member, carries)
    result.churn_lasts[1:, binary] = churn_lasts(alone, carries)
    no_worse = ~np.stack([change < 0, change > 0])
    sides[no_worse & binary[:, None]] = 1.0
    sides[:, :, ~binary] = last_two(sides[:, :, ~binary], again[:, ~binary])
    sides[:, n < LEAST] = 1.0
    result.churn_p[1:][n[..., 0] < LEAST] = 1.0
    down, up = (np.array([each == side for each in worse])[:, None] for side in ("down", "up"))
    either, of_lower = np.minimum(1.0, 2 * sides.min(axis=0)), np.argmin(sides, axis=0) == 0
    result.p[1:] = np.where(down, sides[0], np.where(up, sides[1], either))
    result.lasts[1:] = np.where(down | (~up & of_lower), lasting[0], lasting[1])
    result.better_p[1:] = np.where(down, sides[1], np.where(up, sides[0], 1.0))
    return result


def _with_floor(
    looks: Looks, persistence: Array, greedy: Array, member: Array, correct: Correction, greedy_worse: Flags
) -> comparisons.Sides:
    """The two comparisons; p for "lower now", p for "higher now", as of the next two."""
    first = comparisons.with_samples(looks, persistence, member, _needed(looks, correct))
    second = comparisons.with_like(looks.difference, member, np.where(np.minimum(*first) < 1, 2 * AGREES, 0.0))
    doubtful = comparisons.greedy_with_samples(looks, greedy, member)
    floor_share, like_share = _baseline_shares(looks, persistence)
    result = []
    for floor, like, doubt in zip(first, second, doubtful, strict=True):
        differs = np.where(greedy_worse, MAY_DIFFER, DIFFERS)[:, None]
        strict = (doubt <= differs) & ~looks.sampled[..., None]
        agrees = np.where(strict, correct.whole(like, like_share), np.where(like <= AGREES, 0.0, 1.0))
        credit = np.where(looks.sampled, 1.0, 1.0 + (CREDIT - 1.0) * looks.floor)[..., None]
        result.append(np.maximum(correct.whole(floor, floor_share) / credit, agrees))
    return result[0], result[1]


def _without_floor(looks: Looks, member: Array, persistence: Array, correct: Correction) -> comparisons.Sides:
    low, high = comparisons.with_like(looks.difference, member, _needed(looks, correct))
    shared = _baseline_shares(looks, persistence)[1]
    return correct.whole(low, shared), correct.whole(high, shared)


def _numbers(looks: Looks, member: Array, persistence: Array, correct: Correction) -> comparisons.Sides:
    low, high = comparisons.student(looks.difference, member)
    shared = np.full(looks.sampled.shape, 0.5)  # one answer against one
    return correct.whole(low, shared), correct.whole(high, shared)


def _churn(looks: Looks, persistence: Array, greedy: Array, correct: Correction) -> Array:
    everyone = np.ones((1, len(greedy)))
    correct = replace(correct, shares=np.array([SHARES["churn"]]))
    p = comparisons.churned(looks, persistence, _needed(looks, correct))
    doubt = np.minimum(*comparisons.greedy_with_samples(looks, greedy, everyone))[:, 0] <= DIFFERS
    whole = correct.whole(p[..., None], _baseline_shares(looks, persistence)[0])[..., 0]
    return np.where(doubt & ~looks.sampled, 1.0, whole)


def _needed(looks: Looks, correct: Correction) -> Array:
    needed = correct.needed()
    return np.broadcast_to(needed, (*looks.sampled.shape, needed.shape[-1]))


def _baseline_shares(looks: Looks, persistence: Array) -> tuple[Array, Array]:
    """Looks × metrics: the baseline's part of the variance, against the samples and against the like answers."""
    m = np.maximum(looks.m.max(axis=0), 1)
    k = np.maximum(looks.k.max(axis=0), 1)
    now = (1 + (m - 1) * persistence) / m
    like = np.where(looks.sampled, 1 / k, 1.0)
    return (1 / k) / (1 / k + now), like / (like + now)
