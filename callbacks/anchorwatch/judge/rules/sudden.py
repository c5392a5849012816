"""Many answers broken at once: what `collapsed` says before there is a trend, with an error rate over the whole run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anchorwatch.judge.exact import Array, Counts, tails
from anchorwatch.judge.looks import Flags, varied
from anchorwatch.judge.series import Series

SHARE = 0.2
"""Of all anchors, newly bad less newly good, from which it can be said."""
FEWEST = 3
"""So many anchors at least."""
LOOPING = 0.5
"""rep_4 from which a single answer counts as bad; of a yes/no score it parts yes from no."""


@dataclass(frozen=True)
class Sudden:
    """Of the behaviours that `collapsed` speaks of; of any other, nothing is newly bad."""

    newly_bad: Array
    """Anchors × checks × behaviours: 1 where the answer is newly bad, −1 where it is newly good, else 0."""
    p: Array
    """Checks × behaviours: that so many answers are bad, corrected for the whole run; 1 below `SHARE` or `FEWEST`."""


def sudden(series: Series, planned: int) -> Sudden:
    """Judge every check of a run, planned with so many checks after the baseline, from the data up to it.

    *With sampled answers at the baseline*, an answer is newly bad if neither the greedy baseline nor any sample was,
    and p is exact: given how many of an anchor's answers were bad in all, samples and now, any of them may have been
    the one now. Corrected for the planned checks and for the signs that have varied (Bonferroni). Greedy answers may be
    worse than sampled ones by their nature (loops): where more of them are bad at the baseline, the sign test of newly
    bad and newly good ones must agree, corrected alike.

    *Without them*, an answer must be bad at two checks in a row with scores of their own, and one that was bad at the
    baseline is newly good if it is good at either. p is that of the sign test of the two, corrected for the planned
    checks; asking for two in a row pays for there being several signs (measured, not proved). It is fooled, as every
    comparison with greedy answers alone is, by anchors chosen because the untouched model passed them.

    Sources: Fisher 1935; Wang 1993 (sums of unlike yes/no draws).
    """
    signs = [number for number, each in enumerate(series.behaviours) if each.rule == "collapsed"]
    up = np.array([series.behaviours[number].worse == "up" for number in signs])
    bad, drawn = _bad(series.scores[:, :, signs], up), _bad(series.samples[:, :1, signs], up[:, None])
    looks = np.maximum(planned, np.arange(bad.shape[1]))
    live = np.maximum(varied(bad, drawn).sum(axis=1), 1)
    newly_bad, p = np.zeros(series.scores.shape), np.ones(series.scores.shape[1:])
    for place, number in enumerate(signs):
        floor = drawn[:, 0, place]
        if np.isnan(floor).all():
            newly, one = _twice(bad[:, :, place], series.carried[:, number])
            whole = looks * one
        else:
            newly, one = _beyond_floor(bad[:, :, place], floor)
            whole = looks * live * one
        many = (newly.sum(axis=0) >= FEWEST) & (newly.mean(axis=0) >= SHARE)
        newly_bad[:, :, number], p[:, number] = newly, np.where(many, np.minimum(1.0, whole), 1.0)
    return Sudden(newly_bad, p)


def _bad(values: Array, up: Flags) -> Array:
    """1 where bad, 0 where not, nan where missing; `up` says, along the last axes, whether higher is worse."""
    return np.where(np.isnan(values), np.nan, (values >= LOOPING) == up)


def _beyond_floor(bad: Array, floor: Array) -> tuple[Array, Array]:
    """What is newly bad (anchors × checks), and p of each look; `floor` is anchors × draws."""
    k, ones = (~np.isnan(floor)).sum(axis=1)[:, None], np.nansum(floor, axis=1)[:, None]
    newly = np.where((k > 0) & (ones == 0) & (bad == 1) & (bad[:, :1] == 0), 1.0, 0.0) - _newly_good(bad)
    seen = np.where((k > 0) & (bad == 1), 1, 0)
    chance = np.where((k > 0) & ~np.isnan(bad), (ones + seen) / (k + 1), 0.0).T
    p = tails(np.stack([1 - chance, chance], axis=2), seen.sum(axis=0))[1]
    greedy_worse = np.nansum(np.where(k > 0, bad, np.nan)[:, 0]) > (ones / np.maximum(k, 1)).sum()
    return newly, np.maximum(p, _sign_test(newly)) if greedy_worse else p


def _twice(bad: Array, carried: Flags) -> tuple[Array, Array]:
    """As `_beyond_floor`, from the greedy answers alone; nothing at the first check."""
    last, before = _own(carried)
    both = (bad[:, last] == 1) & (bad[:, before] == 1) & (bad[:, :1] == 0)
    newly = np.where(before > 0, both - np.maximum(_newly_good(bad)[:, last], _newly_good(bad)[:, before]), 0.0)
    return newly, _sign_test(newly)


def _sign_test(newly: Array) -> Array:
    """The p of each look, that more are newly bad than newly good."""
    from scipy.special import bdtrc  # inside: slow to import

    worse, better = (newly > 0).sum(axis=0), (newly < 0).sum(axis=0)
    return np.where(worse > 0, bdtrc(np.maximum(worse - 1, 0), worse + better, 0.5), 1.0)


def _newly_good(bad: Array) -> Array:
    return np.where((bad == 0) & (bad[:, :1] == 1), 1.0, 0.0)


def _own(carried: Flags) -> tuple[Counts, Counts]:
    """The last check with scores of its own, at each check, and the one before that; 0 where there is none."""
    own = np.where(carried, 0, np.arange(len(carried)))
    last = np.maximum.accumulate(own)
    previous = np.concatenate([[0], last[:-1]])
    return last, previous[last]
