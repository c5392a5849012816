"""The judgement of a whole run: the same function while it trains and from the store afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anchorwatch.anchors import Anchor
from anchorwatch.judge.contracts import broken_since_baseline
from anchorwatch.judge.rules import RULES, Judged
from anchorwatch.judge.rules.overconfident import excess
from anchorwatch.judge.series import join
from anchorwatch.judge.trends import trends
from anchorwatch.metrics import METRICS, Metric
from anchorwatch.records import Flag, LossPoint, Reading


def judge_run(
    anchors: Sequence[Anchor],
    readings: Sequence[Reading],
    losses: Iterable[LossPoint],
    planned: int,
    metrics: Iterable[Metric] = tuple(METRICS.values()),
) -> dict[int, tuple[Flag, ...]]:
    """The flags of every check by its step: broken contracts first, then those of `RULES`; none at the baseline.

    The flags of a check depend on the readings up to it and the losses logged before its step only, so that a run
    judged as it goes and judged again at its end has the same ones, provided that `planned` and `metrics` are the same.
    The same input gives the same flags. Flags that the readings carry are not looked at.

    Args:
        anchors: those of the set the run was watched with.
        readings: the checks in step order, the first of them the baseline; none gives no flags.
        losses: what the trainer logged, in any order.
        planned: checks that are planned after the baseline, drift checks included: what the error rate is shared among.
            A run that makes more of them counts as planned longer from there on.
        metrics: those the run was measured with. A metric of the user's that is not among them has no direction, so
            it is not judged.
    """
    if not readings:
        return {}
    series = join(anchors, readings, losses, metrics)
    judged = Judged(
        series=series,
        trends=trends(
            series.scores,
            worse=[behaviour.worse for behaviour in series.behaviours],
            yes_no=series.yes_no,
            planned=planned,
            samples=series.samples,
            groups=list(series.kinds.values()),
        ),
        early=trends(excess(series), worse=["up"], yes_no=[False], planned=planned),
        planned=planned,
    )
    contracts = {reading.step: reading.contracts for reading in readings}
    flags: dict[int, tuple[Flag, ...]] = {series.steps[0]: ()}
    for at, step in enumerate(series.steps[1:], start=1):
        so_far = {each: contracts[each] for each in series.steps[: at + 1]}
        flags[step] = broken_since_baseline(so_far) + tuple(found for rule in RULES for found in rule(judged, at))
    return flags
