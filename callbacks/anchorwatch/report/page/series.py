"""The lines of the chart: losses as the trainer logged them, behaviours as they were aggregated at each check."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anchorwatch.anchors import KINDS
from anchorwatch.judge.run import behaviours_in
from anchorwatch.records import Aggregate, LossPoint, Reading
from anchorwatch.report import words

MOST = 1000
"""Points of one loss above which it is thinned; a screen is not wider."""
SHOWN = 4
"""Behaviours drawn at first, if not more are flagged; the others wait in the legend."""
DRIFT = "logprob_lost"


def loss_series(points: Iterable[LossPoint]) -> list[dict[str, Any]]:
    """Each loss with its points by step, thinned to `MOST`; train loss first, then by name. NaN and inf as text."""
    by_name: dict[str, dict[int, float]] = {}
    for point in points:
        by_name.setdefault(point.name, {})[point.step] = point.value
    return [
        {"name": name, "points": [[step, _written(value)] for step, value in _thinned(sorted(by_name[name].items()))]}
        for name in sorted(by_name, key=lambda name: (name != "loss", name))
    ]


def behaviour_series(readings: Sequence[Reading], factors: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The judged behaviours, what flags speak of, and drift per kind: a value per check, None where there is none.

    `drawn` says which are drawn at first: contract pass, what was flagged, and what moved furthest.
    """
    flagged = {(flag.metric, flag.group) for reading in readings for flag in reading.flags if flag.metric}
    judged = [(each.metric, each.kind or "all") for each in behaviours_in(factors)]
    drift = [(DRIFT, group) for group in ("all", *KINDS)]
    by_check = [{(each.metric, each.group): each for each in reading.aggregates} for reading in readings]
    found = []
    for key in dict.fromkeys([*judged, *sorted(flagged), *drift]):
        aggregates = [check.get(key) for check in by_check]
        values = [None if each is None or each.value is None else _short(each.value) for each in aggregates]
        if any(value is not None for value in values):
            found.append(
                {
                    "metric": key[0],
                    "group": key[1],
                    "rate": any(each is not None and words.is_rate(each) for each in aggregates),
                    "values": values,
                    "basis": [_basis(each) for each in aggregates],
                    "drawn": key in flagged or key[0] == DRIFT or key == ("contract_pass", "all"),
                }
            )
    drawn = [each for each in found if each["drawn"] and each["metric"] != DRIFT]
    waiting = sorted((each for each in found if not each["drawn"]), key=_moved, reverse=True)
    for each in waiting[: max(0, SHOWN - len(drawn))]:
        each["drawn"] = _moved(each) > 0
    return found


def _thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """The lowest and the highest point of each of `MOST` / 2 stretches: no spike is lost.

    The ends always stay, and the first of the last points that are no numbers.
    """
    if len(points) <= MOST:
        return points
    size = math.ceil(len(points) / (MOST // 2))
    numbers = [at for at, (_, value) in enumerate(points) if math.isfinite(value)]
    kept = {points[0], points[min(numbers[-1] + 1 if numbers else 0, len(points) - 1)], points[-1]}
    for start in range(0, len(points), size):
        stretch = [point for point in points[start : start + size] if math.isfinite(point[1])]
        if stretch:
            kept |= {min(stretch, key=lambda point: point[1]), max(stretch, key=lambda point: point[1])}
    return sorted(kept)


def _moved(series: Mapping[str, Any]) -> float:
    values = [value for value in series["values"] if value is not None]
    size = max(map(abs, values)) if values else 0.0
    return abs(values[-1] - values[0]) / max(size, 1.0) if values else 0.0


def _basis(aggregate: Aggregate | None) -> list[Any] | None:
    """How many anchors have a score, and the 95% interval where there is one."""
    if aggregate is None or aggregate.value is None:
        return None
    return [aggregate.n, aggregate.low, aggregate.high]


def _written(loss: float) -> float | str:
    short = _short(loss)
    return str(loss).replace("-", "−") if short is None else short


def _short(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None
