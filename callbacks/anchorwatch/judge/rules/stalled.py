"""The loss falls and nothing that the anchors ask about has moved."""

from __future__ import annotations

import numpy as np

from anchorwatch.judge.exact import Array
from anchorwatch.judge.looks import Flags
from anchorwatch.judge.rules.evidence import Judged, figure, flag, loss_words, since
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
    kl, changed = (_means(judged.series.drift[name][:, : at + 1]) for name in ("kl", "changed"))
    still = _quiet(judged, at) & np.where(np.isnan(kl), changed == 0, (kl <= STILL_KL) & (changed <= STILL_CHANGED))
    if not still[at]:
        return ()
    message = (
        f"{loss_words(loss)}, but {figure(1 - float(changed[at]), yes_no=True)} of the answers are those of the "
        "baseline and no behaviour has moved: see whether the training rows hold what the anchors ask about"
    )
    return (
        flag(
            judged,
            at,
            "stalled",
            "watch",
            message,
            since_step=since(judged, at, still),
            kl=None if np.isnan(kl[at]) else float(kl[at]),
            changed=float(changed[at]),
        ),
    )


def _quiet(judged: Judged, at: int) -> Flags:
    """Per check up to `at`: no behaviour is better, worse or churning."""
    trends = judged.trends
    checks = slice(0, at + 1)
    p = [each[checks].reshape(at + 1, -1).min(axis=1) for each in (trends.p, trends.better_p, trends.churn_p)]
    return np.asarray(np.min(p, axis=0) > judged.watch)


def _means(values: Array) -> Array:
    """Per check, over the anchors measured; nan where none was."""
    measured = (~np.isnan(values)).sum(axis=0)
    return np.asarray(np.where(measured > 0, np.nansum(values, axis=0) / np.maximum(measured, 1), np.nan))
