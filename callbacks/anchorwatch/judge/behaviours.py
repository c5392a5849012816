"""Which behaviours are judged, which direction of each is worse, and which rule speaks of it.

The list is fixed before the run: they share one error rate, and picking them by what was seen would break it. What
every training moves (log-probabilities, KL, similarity) and what is neither good nor bad (length) is not among them;
nor is what only repeats another (`json_schema` is part of `format`, `compression` sees what `rep_4` sees).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from anchorwatch.anchors import Anchor
from anchorwatch.anchors.model import Kind
from anchorwatch.metrics import METRICS, Metric

Rule = Literal["regressed", "overconfident", "unstable", "collapsed"]


@dataclass(frozen=True)
class Behaviour:
    """A metric of some anchors, with a direction."""

    metric: str
    """A metric's name, or `metric_label` for one label of a metric with labels, as aggregates are named."""
    worse: Literal["down", "up"]
    rule: Rule
    """Which one speaks of it when it is worse."""
    what: str
    """In words, as a sentence goes on: "… on risk anchors fell from 90% to 40%"."""
    kind: Kind | None = None
    """Of which anchors; None for all."""

    def concerns(self, anchor: Anchor) -> bool:
        """Whether the direction holds for `anchor`: if declining is good depends on its kind and what it expects."""
        if self.kind is None:
            return True
        answering = anchor.expect.action is None or "answer" in anchor.expect.action
        return anchor.kind == self.kind and (anchor.expect.action is None or answering == (self.worse == "up"))


_BUILT_IN = (
    Behaviour("contract_pass", "down", "regressed", "contract pass"),
    Behaviour("format", "down", "regressed", "keeping to the form"),
    Behaviour("preference", "down", "regressed", "preference for the chosen answer"),
    Behaviour("declines", "up", "regressed", "declining", kind="core"),
    Behaviour("declines", "down", "overconfident", "declining", kind="risk"),
    Behaviour("sample_agreement", "down", "unstable", "agreement of sampled answers"),
    Behaviour("action_degenerate", "up", "collapsed", "answers that break down"),
    Behaviour("truncated", "up", "collapsed", "answers cut off at the limit"),
    Behaviour("rep_4", "up", "collapsed", "repetition (rep-4)"),
    Behaviour("language_match", "down", "collapsed", "answers in the expected language"),
)


def behaviours(own: Mapping[str, bool]) -> tuple[Behaviour, ...]:
    """Those of a run: the built-in ones, and the user's own metrics, by name, with whether higher is better."""
    return _BUILT_IN + tuple(
        Behaviour(name, "down" if higher_is_better else "up", "regressed", name.replace("_", " "))
        for name, higher_is_better in own.items()
    )


def directions(metrics: Iterable[Metric]) -> dict[str, bool]:
    """Of the user's own metrics that have a direction: whether higher is better, by name."""
    return {
        metric.name: metric.higher_is_better
        for metric in metrics
        if metric.name not in METRICS and metric.higher_is_better is not None
    }
