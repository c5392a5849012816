"""The loss is better and a behaviour is worse."""

from __future__ import annotations

from anchorwatch.judge.rules.evidence import Judged, flag, go_back, loss_words, moved, read
from anchorwatch.records import Flag


def regressed(judged: Judged, at: int) -> tuple[Flag, ...]:
    """One flag for each behaviour that is worse than at baseline while the loss is better.

    Fires, at the level of the trend, when the loss has improved since the baseline by more than its noise and contract
    pass, form, preference, declining on core anchors (more is worse) or a metric of the user's with a direction is
    worse over all anchors or over a kind. Where the loss has not moved by more than its noise, or too little of it
    was logged, at most as "watch": behaviour is worse, but nothing says that the two part company.

    Does not fire when the loss is worse too, which needs no bell; nor for length, similarity and drift, of which
    neither direction is worse; nor for what `overconfident`, `unstable` and `collapsed` speak of.

    Example: eval loss 2.31 → 1.02, contract pass on risk anchors 90% → 40%, p = .004: an alarm.
    """
    loss = judged.series.loss(at)
    if loss is not None and loss.direction == "worse":
        return ()
    flags = []
    for number, behaviour in enumerate(judged.series.behaviours):
        if behaviour.rule != "regressed" or (found := moved(judged, at, number, judged.trends.p[:, number])) is None:
            continue
        better = loss is not None and loss.direction == "better"
        message = (
            f"{found.sentence()} while {loss_words(loss)}: {read(found.anchor_ids, found.count)}, and go back to "
            f"{go_back(judged, found.since_step)} if the change is not wanted"
        )
        level = found.level if better else "watch"
        flags.append(flag(judged, at, "regressed", level, message, since_step=found.since_step, found=found))
    return tuple(flags)
