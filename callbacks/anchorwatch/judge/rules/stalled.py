"""The loss falls and nothing that the anchors ask about has moved."""

from __future__ import annotations

import numpy as np

from anchorwatch.judge.rules.evidence import Judged, figure, flag, loss_words, since
from anchorwatch.judge.trends import WATCH
from anchorwatch.records import Flag

SOONEST = 1 / 3
"""Share of the planned checks that must have been made."""
STILL_KL = 0.01
"""Nats per token, mean over the anchors, up to which the model counts as unmoved. Chosen by judgement, not measured."""
STILL_CHANGED = 0.1
"""Share of the answers that may have changed all the same."""


def stalled(judged: Judged, at: int) -> tuple[Flag, ...]:
    """One flag when training improves the loss and leaves the anchors as they were; always "watch".

    Fires after the first third of the planned checks, when the loss has improved by more than its noise, no behaviour
    of any group is better, worse or churning at "watch", the mean KL from the baseline along the old answers is at most
    `STILL_KL`, and at most `STILL_CHANGED` of the answers differ. Where KL was not measured, no answer may differ.

    Does not fire when the loss stays too, or when the answers change without getting better or worse.

    Example: train loss 2.4 → 1.1, KL 0.003, 1 of 24 answers changed: the rows teach something else, or too little.
    """
    loss = judged.series.loss(at)
    if at < SOONEST * judged.planned or loss is None or loss.direction != "better":
        return ()
    still = np.array([_still(judged, check) for check in range(at + 1)])
    if not still[at]:
        return ()
    kl, changed = _mean(judged, "kl", at), _mean(judged, "changed", at)
    message = (
        f"{loss_words(loss)}, but {figure(1 - changed, yes_no=True)} of the answers are those of the baseline and no "
        "behaviour has moved: see whether the training rows hold what the anchors ask about"
    )
    return (
        flag(
            judged,
            at,
            "stalled",
            "watch",
            message,
            since_step=since(judged, at, still),
            kl=None if np.isnan(kl) else kl,
            changed=changed,
        ),
    )


def _still(judged: Judged, at: int) -> bool:
    trends = judged.trends
    if min(each[at].min() for each in (trends.p, trends.better_p, trends.churn_p)) <= WATCH:
        return False
    kl, changed = _mean(judged, "kl", at), _mean(judged, "changed", at)
    return changed == 0 if np.isnan(kl) else bool(kl <= STILL_KL and changed <= STILL_CHANGED)


def _mean(judged: Judged, name: str, at: int) -> float:
    """Over the anchors measured; nan where none was."""
    values = judged.series.drift[name][:, at]
    return float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")
