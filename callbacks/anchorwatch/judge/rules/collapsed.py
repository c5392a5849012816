"""Answers repeat themselves, are empty, run into the limit, or are in another language."""

from __future__ import annotations

import numpy as np

from anchorwatch.judge.exact import Array
from anchorwatch.judge.rules.evidence import NAMED, Judged, figure, flag, loss_words, moved, read, since
from anchorwatch.judge.trends import WATCH
from anchorwatch.records import Flag

SHARE = 0.2
"""Of all anchors, newly bad less newly good, from which no statistics are needed to say "watch"."""
FEWEST = 3
"""So many anchors at least."""
LOOPING = 0.5
"""rep_4 from which a single answer counts as bad; of a yes/no score it parts yes from no."""


def collapsed(judged: Judged, at: int) -> tuple[Flag, ...]:
    """One flag for each sign of collapse that is worse than at baseline, whatever the loss does.

    The signs: answers that break down (empty, gibberish or loops, as the action classifier says), cut off at the limit,
    repetition (rep_4), not in the expected language. Fires at the level of the trend; and as "watch" at once, without
    waiting for a trend, when at this check a fifth more of the anchors, at least three, are bad than at baseline.

    Does not fire for what was so at the baseline already, nor for a single broken answer.

    Example: 9 of 24 answers are cut off at the limit that were not: "watch" at that check, an alarm two checks later.
    """
    loss, flags = loss_words(judged.series.loss(at)), []
    for number, behaviour in enumerate(judged.series.behaviours):
        if behaviour.rule != "collapsed":
            continue
        p, newly_bad = judged.trends.p[:, number], _newly_bad(judged, number)
        many = (newly_bad.sum(axis=0) >= FEWEST) & (newly_bad.mean(axis=0) >= SHARE)
        first = since(judged, at, (p.min(axis=1) <= WATCH) | many)
        if found := moved(judged, at, number, p):
            which = read(found.anchor_ids, found.count)
            message = f"{found.sentence()} while {loss}: {which}, and stop if it is not wanted"
            flags.append(flag(judged, at, "collapsed", found.level, message, since_step=first, found=found))
        elif many[at]:
            share = float(newly_bad[:, at].mean())
            order = np.argsort(-newly_bad[:, at], kind="stable")[: int((newly_bad[:, at] > 0).sum())]
            anchor_ids = tuple(judged.series.anchor_ids[each] for each in order[:NAMED])
            message = (
                f"{behaviour.what}: worse than at baseline for {figure(share, yes_no=True)} of the anchors, those that "
                f"got better taken off, while {loss}: {read(anchor_ids, len(order))}"
            )
            flags.append(
                flag(
                    judged,
                    at,
                    "collapsed",
                    "watch",
                    message,
                    since_step=first,
                    anchor_ids=anchor_ids,
                    metric=behaviour.metric,
                    group="all",
                    share=share,
                )
            )
    return tuple(flags)


def _newly_bad(judged: Judged, number: int) -> Array:
    """Anchors × checks: 1 where the answer is bad and was not at the baseline, −1 the other way round, else 0."""
    scores = judged.series.scores[:, :, number]
    bad = scores >= LOOPING if judged.series.behaviours[number].worse == "up" else scores < LOOPING
    known = ~np.isnan(scores) & ~np.isnan(scores[:, :1])
    return np.where(known, bad.astype(np.float64) - bad[:, :1], 0.0)
