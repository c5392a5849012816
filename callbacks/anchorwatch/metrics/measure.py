"""One check's outputs in, scores, contracts and aggregates out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.aggregate import aggregate
from anchorwatch.metrics.contract import FROM_CONTRACTS, evaluate
from anchorwatch.metrics.metric import Measured, Metric
from anchorwatch.records import Aggregate, ContractResult, Output, Score, Value
from anchorwatch.text import scrub


class Measurement(NamedTuple):
    """What was read off one check: scores by anchor and metric, contracts by anchor, aggregates by metric and group."""

    scores: tuple[Score, ...]
    contracts: tuple[ContractResult, ...]
    aggregates: tuple[Aggregate, ...]


def measure(
    anchors: Sequence[Anchor],
    outputs: Sequence[Output],
    baseline: Mapping[str, Output] | None,
    previous: Mapping[str, Output] | None,
    metrics: Sequence[Metric],
    on_error: Callable[[str, Exception], None],
) -> Measurement:
    """Scores every output with every metric, then checks its contracts.

    `baseline` and `previous` hold the outputs to compare with by anchor id; None at the baseline itself. A metric that
    raises, or returns something else than a score, costs that one score: it is missing with the error as its reason,
    `on_error(metric name, error)` is called, and the others go on.
    """
    by_id = {anchor.id: anchor for anchor in anchors}
    compared = {"baseline": baseline or {}, "previous": previous or {}}
    scores: list[Score] = []
    contracts: list[ContractResult] = []
    for output in outputs:
        anchor = by_id[output.anchor_id]
        of_output = [
            _score(metric, anchor, output, compared[metric.against].get(anchor.id), on_error)
            for metric in metrics
            if metric.name not in FROM_CONTRACTS
        ]
        results = evaluate(anchor, output, {score.metric: score.value for score in of_output})
        of_contracts = {name: read(anchor, results) for name, read in FROM_CONTRACTS.items()}
        of_output += [
            Score(anchor.id, metric.name, *of_contracts[metric.name])
            for metric in metrics
            if metric.name in FROM_CONTRACTS
        ]
        scores += of_output
        contracts += results
    return Measurement(tuple(scores), tuple(contracts), aggregate(anchors, scores, metrics))


def _score(
    metric: Metric, anchor: Anchor, output: Output, compared: Output | None, on_error: Callable[[str, Exception], None]
) -> Score:
    try:
        returned = metric.function(anchor, output, compared)
        measured = returned if isinstance(returned, Measured) else Measured(returned)
        return Score(anchor.id, metric.name, _value(measured.value), scrub(measured.reason))
    # Whatever a metric raises, a user's own included, training goes on.
    except Exception as error:
        on_error(metric.name, error)
        return Score(anchor.id, metric.name, None, scrub(f"{type(error).__name__}: {error}"))


def _value(value: object) -> Value:
    """`value` as a plain bool, float, str or None. NumPy and torch scalars are unwrapped."""
    if not isinstance(value, bool | float | int | str) and callable(item := getattr(value, "item", None)):
        value = item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, float | int):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a finite number")
        return float(value)
    raise TypeError(f"a score is a bool, a number, a str or None; found {type(value).__name__}")
