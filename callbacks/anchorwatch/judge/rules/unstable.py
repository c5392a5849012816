"""Sampled answers to one prompt agree less than they did."""

from __future__ import annotations

from anchorwatch.judge.rules.evidence import Judged, flag, loss_words, moved, read
from anchorwatch.records import Flag


def unstable(judged: Judged, at: int) -> tuple[Flag, ...]:
    """At most one flag, at the level of the trend.

    Fires when `sample_agreement` is lower than at baseline, at two full checks in a row, whatever the loss does.

    Does not fire without sampled answers at the baseline and now (`samples` of an anchor), nor when answers that
    disagreed from the beginning still do.

    Example: agreement of sampled answers on risk anchors 0.81 → 0.52, p = .03: an alarm.
    """
    for number, behaviour in enumerate(judged.series.behaviours):
        if behaviour.rule == "unstable" and (found := moved(judged, at, number)):
            message = (
                f"{found.sentence()} while {loss_words(judged.series.loss(at))}: one greedy answer no longer tells "
                f"what users will get, so {read(found.anchor_ids, found.count, 'the sampled answers')}"
            )
            return (flag(judged, at, "unstable", found.level, message, since_step=found.since_step, found=found),)
    return ()
