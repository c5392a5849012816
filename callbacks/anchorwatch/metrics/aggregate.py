"""From the scores of single anchors to rates and means per group, with intervals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from statistics import fmean

from anchorwatch.anchors import ACTIONS, KINDS, Anchor
from anchorwatch.judge.intervals import student_t, wilson
from anchorwatch.metrics.metric import Metric
from anchorwatch.records import Aggregate, Score, Value

_ALL_LABELS: dict[str, tuple[str, ...]] = {"action": ACTIONS}
# Labels that are counted at every check, also when no output has them, so that their series have no holes.


def aggregate(anchors: Sequence[Anchor], scores: Iterable[Score], metrics: Sequence[Metric]) -> tuple[Aggregate, ...]:
    """One aggregate per metric and group ("all", the kinds present, "tag_" and each tag), in that order.

    A yes/no metric gives a rate with a Wilson interval; a number its mean with Student's t interval, which is not cut
    at the ends of the metric's range. A metric with text scores gives one rate per label, named `metric_label`, with
    a Wilson interval each (one label at a time, not jointly): for `action` all seven, for others the labels seen at
    this check; over the labels of a group the rates sum to 1. An anchor without a score counts as missing and in
    nothing else; a metric without any score has one aggregate under its own name, of value None.
    """
    values = {(score.metric, score.anchor_id): score.value for score in scores}
    groups = {group: [anchor.id for anchor in anchors if group in anchor.groups] for group in _groups(anchors)}
    aggregates: list[Aggregate] = []
    for metric in metrics:
        of_metric = {anchor.id: values.get((metric.name, anchor.id)) for anchor in anchors}
        labels = _labels(metric.name, of_metric.values())
        for group, ids in groups.items():
            present = [value for anchor_id in ids if (value := of_metric[anchor_id]) is not None]
            missing = len(ids) - len(present)
            if labels:
                found = [_name(value) for value in present]
                for label in labels:
                    name = f"{metric.name}_{label}"
                    aggregates.append(_rate(name, group, [each == label for each in found], missing))
            elif all(isinstance(value, bool) for value in present):
                aggregates.append(_rate(metric.name, group, [bool(value) for value in present], missing))
            else:
                aggregates.append(_mean(metric.name, group, [float(value) for value in present], missing))
    return tuple(aggregates)


def _groups(anchors: Sequence[Anchor]) -> list[str]:
    present = {group for anchor in anchors for group in anchor.groups}
    first = [group for group in ("all", *KINDS) if group in present]
    return first + sorted(present.difference(first))


def _labels(metric: str, values: Iterable[Value]) -> list[str]:
    """The labels of a metric with text scores; empty for any other metric."""
    present = [value for value in values if value is not None]
    always = _ALL_LABELS.get(metric, ())
    if not always and not any(isinstance(value, str) for value in present):
        return []
    return [*always, *sorted({_name(value) for value in present}.difference(always))]


def _name(label: Value) -> str:
    """A label as part of a metric's name, for which the trackers agree on little more than this."""
    return re.sub(r"[^a-z0-9]+", "_", str(label).lower())[:40].strip("_") or "other"


def _rate(metric: str, group: str, found: Sequence[bool], missing: int) -> Aggregate:
    if not found:
        return Aggregate(metric, group, 0, missing, None)
    n = len(found)
    low, high = wilson(sum(found), n)
    return Aggregate(metric, group, n, missing, sum(found) / n, low, high, "wilson")


def _mean(metric: str, group: str, numbers: Sequence[float], missing: int) -> Aggregate:
    n, value = len(numbers), fmean(numbers)
    bounds = student_t(numbers)
    if bounds is None:
        return Aggregate(metric, group, n, missing, value)
    return Aggregate(metric, group, n, missing, value, *bounds, "t")
