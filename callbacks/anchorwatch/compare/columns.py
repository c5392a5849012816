"""The scores of runs side by side: a column per metric, each score a number by anchor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import isfinite

from anchorwatch.compare.records import CommonAnchors, ComparedRun
from anchorwatch.records import Reading, Value

Numbers = dict[str, float]
"""By anchor id, a yes as 1 and a no as 0; without the anchors whose score is missing."""

# By name, because `anchorwatch.metrics` takes longer to import than runs take to compare.
SINCE_PREVIOUS = frozenset({"changed_since_previous", "similarity_to_previous"})
"""Metrics that look at the check before: they depend on how often a run was checked."""
OF_THE_ANSWER = frozenset(
    {
        *("action", "declines", "tokens", "length_ratio", "truncated", "rep_4", "compression", "language", "changed"),
        *("similarity", "logprob_lost", "greedy_kept", "kl", "margin", "sample_agreement"),
    }
)
"""Metrics that read nothing of what an anchor expects. Of a user's own it is not known."""


@dataclass(frozen=True)
class Column:
    """A metric, or one label of a metric with labels."""

    name: str
    """The metric's, or `metric_label`."""
    metric: str
    yes_no: bool
    now: dict[str, Numbers]
    """By run, at the check compared."""
    baseline: dict[str, Numbers]
    """By run, at its own baseline."""


def columns(runs: Mapping[str, ComparedRun], common: CommonAnchors) -> list[Column]:
    """By name, the scores of all runs on the common anchors; a label that one run has is a column of all.

    Left out are `SINCE_PREVIOUS`, and of anchors that expect something else in some run all but `OF_THE_ANSWER`.
    """
    now = {label: _values(run.now, common) for label, run in runs.items()}
    baseline = {label: _values(run.baseline, common) for label, run in runs.items()}
    metrics = {metric for table in (*now.values(), *baseline.values()) for metric in table}
    found: list[Column] = []
    for metric in metrics:
        cells = [value for table in (*now.values(), *baseline.values()) for value in table.get(metric, {}).values()]
        if labels := {value for value in cells if isinstance(value, str)}:
            found += [
                Column(f"{metric}_{each}", metric, True, _is(each, metric, now), _is(each, metric, baseline))
                for each in labels
            ]
        else:
            yes_no = all(isinstance(value, bool) for value in cells)
            found.append(Column(metric, metric, yes_no, _numbers(metric, now), _numbers(metric, baseline)))
    return sorted(found, key=lambda column: column.name)


_Table = dict[str, dict[str, Value]]
"""Scores by metric and anchor id, none of them missing."""


def _values(reading: Reading, common: CommonAnchors) -> _Table:
    asked, unlike = {anchor.id for anchor in common.anchors}, set(common.other_expectations)
    table: _Table = {}
    for score in reading.scores:
        missing = score.value is None or (isinstance(score.value, float) and not isfinite(score.value))
        if score.anchor_id in asked and not missing and _comparable(score.metric, score.anchor_id, unlike):
            table.setdefault(score.metric, {})[score.anchor_id] = score.value
    return table


def _comparable(metric: str, anchor_id: str, unlike: Collection[str]) -> bool:
    return metric not in SINCE_PREVIOUS and (anchor_id not in unlike or metric in OF_THE_ANSWER)


def _numbers(metric: str, tables: Mapping[str, _Table]) -> dict[str, Numbers]:
    return {
        label: {id_: float(value) for id_, value in table.get(metric, {}).items() if value is not None}
        for label, table in tables.items()
    }


def _is(wanted: str, metric: str, tables: Mapping[str, _Table]) -> dict[str, Numbers]:
    return {
        label: {id_: float(value == wanted) for id_, value in table.get(metric, {}).items()}
        for label, table in tables.items()
    }
