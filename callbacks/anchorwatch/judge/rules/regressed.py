"""The loss is better and a behaviour is worse."""

from __future__ import annotations

from anchorwatch.judge.rules.evidence import Judged, flag, go_back, loss_words, moved, of_loss, read
from anchorwatch.records import Flag


def regressed(judged: Judged, at: int) -> tuple[Flag, ...]:
    """One flag for each behaviour that is worse than at baseline while the loss is better.

    Fires, at the level of the trend, when the eval loss (the train loss where there is none) has improved since the
    baseline by more than its noise and contract pass, form, preference, declining on core anchors (more is worse) or a
    metric of the user's with a direction is worse over all anchors or over a kind. At most as "watch" where the eval
    loss does not improve and the train loss does, as it does where rows are learnt by heart: the eval loss warns
    already. So too where neither has moved by more than its noise, or too little of them was logged: behaviour is
    worse, but nothing says that the two part company.

    Does not fire when a loss is worse and none is better, which needs no bell; nor for length, similarity and drift, of
    which neither direction is worse; nor for what `overconfident`, `unstable` and `collapsed` speak of.

    Example: eval loss 2.31 → 1.02, contract pass on risk anchors 90% → 40%, p = .004: an alarm.
    """
    loss = judged.series.improved(at)
    if loss is not None and loss.direction == "worse":
        return ()
    flags = []
    for number, behaviour in enumerate(judged.series.behaviours):
        if behaviour.rule != "regressed" or (found := moved(judged, at, number)) is None:
            continue
        level = found.level if judged.series.improves(at) else "watch"
        learnt = loss is not None and loss.direction == "better"
        only = "the eval loss is no better and warns already" if learnt else "no loss is better"
        message = (
            f"{found.sentence()} while {loss_words(loss)}: {read(found.anchor_ids, found.count)}, and go back to "
            f"{go_back(judged, at, found)} if the change is not wanted"
            + (f"; a watch, because {only}" if level != found.level else "")
        )
        first, known = found.since_step, of_loss(loss)
        flags.append(flag(judged, at, "regressed", level, message, since_step=first, found=found, loss=known))
    return tuple(flags)
