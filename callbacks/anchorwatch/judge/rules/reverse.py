"""The loss is worse and a behaviour is better: do not stop yet."""

from __future__ import annotations

from anchorwatch.judge.losses import LossChange
from anchorwatch.judge.rules.evidence import Judged, flag, loss_words, moved, of_loss
from anchorwatch.records import Flag


def reverse(judged: Judged, at: int) -> tuple[Flag, ...]:
    """One flag for each behaviour that is better than at baseline while the loss is worse; always "watch".

    Fires when the loss has risen by more than its noise, since the baseline or over the later half of the run so far
    (the usual course: it falls, then rises), and a behaviour that `regressed` or `overconfident` would speak of is
    better by the trends' `better_p`, which has an error rate of its own and must not ring an alarm.

    Does not fire while the loss falls or stays within its noise.

    Example: eval loss 1.02 → 1.31 since the middle of the run, contract pass on all anchors 50% → 85%.
    """
    loss = _worse(judged, at)
    if loss is None:
        return ()
    flags = []
    worse = any(moved(judged, at, number) for number in range(len(judged.series.behaviours)))
    advice = "do not stop by the loss alone, and " + (
        "read what got worse before you keep this checkpoint" if worse else "keep this checkpoint"
    )
    for number, behaviour in enumerate(judged.series.behaviours):
        if behaviour.rule not in ("regressed", "overconfident"):
            continue
        found = moved(judged, at, number, better=True)
        if found is not None:
            message = f"{found.sentence()}, which is better, while {loss_words(loss)}: {advice}"
            first = found.since_step
            flags.append(
                flag(judged, at, "reverse", "watch", message, since_step=first, found=found, loss=of_loss(loss))
            )
    return tuple(flags)


def _worse(judged: Judged, at: int) -> LossChange | None:
    for since in (0, at // 2):
        loss = judged.series.loss(at, since)
        if loss is not None and loss.direction == "worse":
            return loss
    return None
