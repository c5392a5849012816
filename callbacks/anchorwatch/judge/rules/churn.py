"""Wrong in another way: anchors change in both directions while the mean stays."""

from __future__ import annotations

import numpy as np

from anchorwatch.judge.rules.evidence import NAMED, Judged, flag, loss_words, moving, of_loss, read, rounded, since
from anchorwatch.records import Flag


def churn(judged: Judged, at: int) -> tuple[Flag, ...]:
    """One flag for each yes/no behaviour in which some anchors got better and others worse, beyond noise.

    Fires, at the level of the trends' `churn_p` (an alarm only where anchors had moved both ways at the last check of
    their own, too), when more anchors changed than noise explains, at least one each way, the mean of all anchors and
    of every kind is within its noise, and the eval loss (the train loss where there is none) has improved by more than
    its noise; at most as "watch" where only the train loss has, or where they say nothing. Needs sampled answers at the
    baseline, from which the noise is measured.

    Does not fire when a mean moved, of which other rules speak, nor when a loss is worse and none is better.

    Example: train loss 1.9 → 0.6, contract pass 60% before and after, but of 30 anchors 7 hold now that did not and 7
    broke.
    """
    loss, trends = judged.series.improved(at), judged.trends
    if loss is not None and loss.direction == "worse":
        return ()
    flags = []
    for number, behaviour in enumerate(judged.series.behaviours):
        found = judged.level(float(trends.churn_p[at, number]), lasts=bool(trends.churn_lasts[at, number]))
        still = np.minimum(trends.p[at, number], trends.better_p[at, number]).min() > judged.watch
        if found is None or not still:
            continue
        everyone = judged.members("all")
        sign = 1.0 if behaviour.worse == "up" else -1.0
        worse, better = (moving(judged, at, number, everyone, each) for each in (sign, -sign))
        if not worse or not better:
            continue
        message = (
            f"{behaviour.what} is no better on the whole, but {len(worse)} anchors got worse and {len(better)} better "
            f"while {loss_words(loss)}: {read(worse, len(worse))}, because training now moves mistakes rather than "
            "mending them"
        )
        flags.append(
            flag(
                judged,
                at,
                "churn",
                found if judged.series.improves(at) else "watch",
                message,
                since_step=since(judged, at, trends.churn_p[:, number] <= judged.watch),
                anchor_ids=(*worse[:NAMED], *better[:NAMED]),
                metric=behaviour.metric,
                worse=list(worse),
                better=list(better),
                loss=of_loss(loss),
                p=rounded(float(trends.churn_p[at, number])),
            )
        )
    return tuple(flags)
