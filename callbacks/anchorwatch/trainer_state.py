"""What the trainer's arguments and state say to a watch, and the one thing that a watch writes there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anchorwatch.anchors import ACTIONS, AnchorSet
from anchorwatch.errors import ConfigurationError, unknown
from anchorwatch.metrics import Metric

_RUNS = "anchorwatch_run"
"""Where a checkpoint's trainer_state.json says which run it belongs to, by the name of the anchor set."""


def run_in(state: Any, anchor_set: AnchorSet) -> str | None:
    """The id of the run that the checkpoint resumed from belongs to; None at the start of a training."""
    runs = (state.stateful_callbacks or {}).get(_RUNS)
    return runs.get(anchor_set.name) if state.global_step > 0 and isinstance(runs, dict) else None


def remember_run(state: Any, anchor_set: AnchorSet, run_id: str) -> None:
    """Have every checkpoint from now on say which run it belongs to."""
    state.stateful_callbacks[_RUNS] = {**(state.stateful_callbacks.get(_RUNS) or {}), anchor_set.name: run_id}


def best_metric(args: Any) -> str | None:
    """The behaviour that chooses the best model ("anchors/risk/contract_pass"), None if it is not one of ours."""
    name = (args.metric_for_best_model or "").removeprefix("eval_")
    return name if name.startswith("anchors/") else None


def check_best_metric(args: Any, anchor_set: AnchorSet, metrics: Sequence[Metric]) -> None:
    """Make sure that the behaviour that chooses the best model exists, and is chosen in its own direction.

    Raises:
        ConfigurationError: it does not, or `greater_is_better` contradicts the metric.
    """
    wanted = best_metric(args)
    if wanted is None:
        return
    groups = dict.fromkeys(group for anchor in anchor_set.anchors for group in anchor.groups)
    by_name = {metric.name: metric for metric in metrics} | dict.fromkeys(f"action_{action}" for action in ACTIONS)
    names = {f"anchors/{group}/{name}": metric for group in groups for name, metric in by_name.items()}
    # Labels that a user's own metric gives are not known before it has given them.
    if wanted not in names and not any(wanted.startswith(f"{name}_") for name in names):
        raise ConfigurationError(unknown("metric_for_best_model", wanted, names))
    metric = names.get(wanted)
    better = metric.higher_is_better if metric else None
    if better is not None and args.greater_is_better is not None and bool(args.greater_is_better) != better:
        raise ConfigurationError(
            f"metric_for_best_model {wanted!r} is better when it is {'higher' if better else 'lower'}: "
            f"set greater_is_better={better}"
        )


def weights_exchanged(args: Any, state: Any) -> bool:
    """Whether the trainer may have put its best weights in place of the last ones when training is over."""
    return bool(args.load_best_model_at_end and state.best_model_checkpoint)
