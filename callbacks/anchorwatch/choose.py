"""From what a user names to functions: the action classifier and the metrics of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from anchorwatch.errors import ConfigurationError, nearest
from anchorwatch.metrics import METRICS, Metric, MetricFunction, action_metrics
from anchorwatch.metrics.metric import as_metric

Classifier = Callable[[str, str | None], Any]
"""(response, prompt) -> an object with `.action`, `.declines` and `.reason`, as `metrics.action.classify` returns."""


def choose_metrics(action: str | Classifier, own: Iterable[Metric | MetricFunction]) -> tuple[Metric, ...]:
    """The built-in metrics, with the classifier chosen, and the user's own after them.

    Raises:
        ConfigurationError: an unknown classifier, something that is no metric, or a name used twice.
    """
    chosen = dict(METRICS)
    if action != "rules":
        # The version says who classified: other classifiers, other scores.
        version = action if isinstance(action, str) else getattr(action, "__qualname__", type(action).__name__)
        chosen.update({metric.name: metric for metric in action_metrics(_classifier(action), version)})
    if isinstance(own, str | bytes) or not isinstance(own, Iterable):
        raise ConfigurationError(f"metrics is a list of functions (anchor, output, baseline) or Metrics; found {own!r}")
    for given in own:
        metric = as_metric(given)
        if metric.name in chosen:
            raise ConfigurationError(f"a metric named {metric.name!r} exists already; give yours another name")
        chosen[metric.name] = metric
    return tuple(chosen.values())


def _classifier(action: str | Classifier) -> Classifier:
    if callable(action):
        return action
    if isinstance(action, str) and action.startswith("hf:") and len(action) > len("hf:"):
        from anchorwatch.probe.classifier import hf_classifier

        return hf_classifier(action.removeprefix("hf:"))
    raise ConfigurationError(
        f"unknown action classifier {action!r}; allowed: 'rules', 'hf:NAME' for a text-classification model, "
        f"or a function (response, prompt){nearest(action, ['rules'])}"
    )
