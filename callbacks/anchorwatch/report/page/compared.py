"""What the page shows of runs side by side, as JSON values. Their answers are in the page already: they are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anchorwatch.compare import Against, Change, ComparedRun, Comparison, compare
from anchorwatch.compare.common import common_anchors
from anchorwatch.errors import AnchorSetError
from anchorwatch.report import difference
from anchorwatch.report.attribution import headline, sentences
from anchorwatch.report.comparison import moved, telling
from anchorwatch.report.page.watched import WatchedRun
from anchorwatch.report.sentences import as_json, english


def comparison_data(runs: Sequence[WatchedRun]) -> dict[str, Any] | None:
    """The comparison of those runs that can be compared, the first of them the reference; None for a single run.

    A run is told by its place in `runs`, an answer by the place of its check. `left_out` says of each other run why it
    is not compared: "no_check", or "no_common_anchor" with the runs before it; where fewer than two are left, there is
    nothing but that.
    """
    if len(runs) < 2:
        return None
    compared, left_out = _comparable(runs)
    reasons = [{"run": place, "why": why} for place, why in left_out.items()]
    if len(compared) < 2:
        return {"left_out": reasons, "runs": []}
    found = compare(list(compared.values()))
    common = found.common
    return {
        "left_out": reasons,
        "runs": [
            {"label": label, "run": place, "check": runs[place].readings.index(run.now)}
            for place, (label, run) in zip(compared, found.runs.items(), strict=True)
        ],
        "anchors": [pair.anchor.id for pair in found.against[0].answers],
        "alike": len({run.info.anchor_set_digest for run in found.runs.values()}) == 1,
        "anchors_left_out": common.left_out,
        "other_expectations": common.other_expectations,
        "attributions": _attributions(found),
        "against": [_against(each) for each in found.against],
    }


def _comparable(runs: Sequence[WatchedRun]) -> tuple[Mapping[int, ComparedRun], Mapping[int, str]]:
    """By their places, the runs that can be compared, at their last full check, and why the others cannot."""
    compared: dict[int, ComparedRun] = {}
    left_out: dict[int, str] = {}
    for place, run in enumerate(runs):
        full = [reading for reading in run.readings if reading.check.trigger != "drift"]
        if not full:
            left_out[place] = "no_check"
            continue
        added = {**compared, place: ComparedRun(run.stored.info, run.anchor_set, full[0], full[-1])}
        try:
            common_anchors({str(each): one for each, one in added.items()})
        except AnchorSetError:
            left_out[place] = "no_common_anchor"
        else:
            compared = added
    return compared, left_out


def _attributions(found: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "runs": each.runs,
            "verdict": each.verdict,
            "says": [{"english": english(one), "said": as_json(one)} for one in sentences(each, found)],
        }
        for each in found.attributions
    ]


def _against(given: Against) -> dict[str, Any]:
    by_metric = telling(given.changes)
    shown = {metric[0].metric for metric in moved(by_metric)}
    first = headline(given.changes)
    return {
        "run": given.run,
        "causes": [[cause.name, list(map(difference.factor, cause.factors))] for cause in given.causes],
        "measured": list(map(difference.factor, given.measured)),
        "incomparable": given.incomparable,
        "rescored": list(map(difference.factor, given.rescored)),
        "baselines_differ": given.baselines_differ,
        "headline": first.metric if first else None,
        "metrics": [
            {
                "metric": metric[0].metric,
                "rate": metric[0].yes_no,
                "comparable": metric[0].comparable,
                "shown": metric[0].metric in shown,
                "groups": {change.group: _change(change) for change in metric},
            }
            for metric in by_metric
        ],
        "switched": {
            pair.anchor.id: [[each.name for each in pair.worse], [each.name for each in pair.better]]
            for pair in given.answers
            if pair.worse or pair.better
        },
    }


def _change(change: Change) -> dict[str, Any]:
    """Figures of one group. What there is none of is left out, for the size of the file."""
    own = change.own_reference, change.own_other
    whole = {
        "n": change.n,
        "reference": _short(change.reference),
        "other": _short(change.other),
        "difference": _short(change.difference.value),
        "low": _short(change.difference.low),
        "high": _short(change.difference.high),
        "own": [_short(each.value if each else None) for each in own] if any(own) else None,
        "noise": _short(change.noise),
        "beyond": change.beyond_noise,
    }
    return {name: value for name, value in whole.items() if value is not None}


def _short(value: float | None) -> float | None:
    """Six significant digits: what is rounded again to three, to be shown, is as if it were rounded once."""
    return None if value is None else float(f"{value:.6g}")
