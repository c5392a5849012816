"""Answers repeat themselves, are empty, run into the limit, or are in another language."""

from __future__ import annotations

import numpy as np

from anchorwatch.judge.rules.evidence import (
    NAMED,
    Judged,
    figure,
    flag,
    go_back,
    loss_words,
    moved,
    read,
    rounded,
    since,
)
from anchorwatch.records import Flag


def collapsed(judged: Judged, at: int) -> tuple[Flag, ...]:
    """One flag for each sign of collapse that is worse than at baseline, whatever the loss does.

    The signs: answers that break down (empty, gibberish or loops, as the action classifier says), cut off at the limit,
    repetition (rep_4), not in the expected language. Fires at the level of the trend; and as "watch" at once, without
    waiting for a trend, when a fifth more of the anchors, at least three, are bad at this check than at baseline, and
    these are more than noise explains in the whole run (`sudden`). Where there is no sampled floor, as there is none of
    rep_4, they must be bad at two checks in a row.

    Does not fire for what was so at the baseline already, in the greedy answer or in a sampled one, nor for a single
    broken answer.

    Example: 9 of 24 answers break down that did not: "watch" at that check, an alarm two checks later.
    """
    loss, flags = loss_words(judged.series.loss(at)), []
    for number, behaviour in enumerate(judged.series.behaviours):
        if behaviour.rule != "collapsed":
            continue
        p, newly_bad = judged.trends.p[:, number], judged.sudden.newly_bad[:, :, number]
        many = judged.sudden.p[:, number] <= judged.watch
        first = since(judged, at, (p.min(axis=1) <= judged.watch) | many)
        if found := moved(judged, at, number):
            which = read(found.anchor_ids, found.count)
            back = go_back(judged, at, found)
            message = f"{found.sentence()} while {loss}: {which}, and go back to {back} if it is not wanted"
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
                    p=rounded(float(judged.sudden.p[at, number])),
                )
            )
    return tuple(flags)
