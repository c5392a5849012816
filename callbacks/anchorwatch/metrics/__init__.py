"""Metrics: plain functions from an output to a score, found in `METRICS`. No torch, no tracker."""

from __future__ import annotations

from anchorwatch.anchors import Anchor
from anchorwatch.metrics import change, drift, language, length, preference, repetition, stability
from anchorwatch.metrics.action import ACTION_VERSION, classify
from anchorwatch.metrics.aggregate import aggregate
from anchorwatch.metrics.contract import FROM_CONTRACTS, check_names
from anchorwatch.metrics.does import action_metrics
from anchorwatch.metrics.measure import Measurement, measure
from anchorwatch.metrics.metric import Measured, Metric, MetricFunction, as_metric
from anchorwatch.records import Output

__all__ = [
    "METRICS",
    "Measured",
    "Measurement",
    "Metric",
    "MetricFunction",
    "action_metrics",
    "aggregate",
    "as_metric",
    "check_names",
    "measure",
]


def _from_contracts(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Has no score alone: `measure` reads it off the anchor's contracts (see `contract.FROM_CONTRACTS`)."""
    return Measured(None, "read off the contracts by measure")


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        *action_metrics(classify, ACTION_VERSION),
        Metric("tokens", length.tokens),
        Metric("length_ratio", length.length_ratio),
        Metric("truncated", length.truncated, higher_is_better=False),
        Metric("rep_4", repetition.rep_4, higher_is_better=False),
        Metric("compression", repetition.compression, higher_is_better=False),
        Metric("language", language.language),
        Metric("language_match", language.language_match, higher_is_better=True),
        Metric("changed", change.changed),
        Metric("similarity", change.similarity),
        Metric("changed_since_previous", change.changed, against="previous"),
        Metric("similarity_to_previous", change.similarity, against="previous"),
        Metric("logprob_lost", drift.logprob_lost),
        Metric("greedy_kept", drift.greedy_kept),
        Metric("kl", drift.kl),
        Metric("margin", drift.margin),
        Metric("preference", preference.preference, higher_is_better=True),
        Metric("chosen_logprob", preference.chosen_logprob, higher_is_better=True),
        Metric("rejected_logprob", preference.rejected_logprob, higher_is_better=False),
        Metric("reference_logprob", preference.reference_logprob, higher_is_better=True),
        Metric("sample_agreement", stability.sample_agreement),
        *(Metric(name, _from_contracts, higher_is_better=True) for name in FROM_CONTRACTS),
    )
}
"""The metrics of every run, by name, in the order in which they are computed and shown."""
