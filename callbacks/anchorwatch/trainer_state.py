"""What the trainer's arguments and state say to a watch, and the one thing that a watch writes there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from anchorwatch.anchors import ACTIONS, AnchorSet
from anchorwatch.errors import ConfigurationError, unknown
from anchorwatch.metrics import Metric
from anchorwatch.probe.distributed import from_main
from anchorwatch.records import Reading
from anchorwatch.schedule import Schedule

_RUNS = "anchorwatch_run"
"""Where a checkpoint's trainer_state.json says which run it belongs to, by the name of the anchor set."""


def run_in(state: Any, anchor_set: AnchorSet) -> str | None:
    """The id of the run that the checkpoint resumed from belongs to; None at the start of a training."""
    runs = (state.stateful_callbacks or {}).get(_RUNS)
    return runs.get(anchor_set.name) if state.global_step > 0 and isinstance(runs, dict) else None


def remember_run(state: Any, anchor_set: AnchorSet, run_id: str) -> None:
    """Have every checkpoint from now on say which run it belongs to."""
    state.stateful_callbacks[_RUNS] = {**(state.stateful_callbacks.get(_RUNS) or {}), anchor_set.name: run_id}


def planned_checks(schedule: Schedule, args: Any, state: Any) -> int:
    """How many checks the run is planned to make after its baseline."""
    return schedule.planned(
        state.max_steps,
        evaluations=_events(args.eval_strategy, state.eval_steps, args, state),
        saves=_events(args.save_strategy, state.save_steps, args, state),
    )


def _events(strategy: Any, steps: float | None, args: Any, state: Any) -> int:
    """How many evaluations or checkpoints a run has; 0 where that is not known beforehand."""
    name = getattr(strategy, "value", strategy)
    if name == "epoch":
        epochs: int = math.ceil(args.num_train_epochs)
        return max(1, epochs)
    if name == "steps" and steps:
        interval = steps if steps >= 1 else max(1, math.ceil(state.max_steps * steps))
        return int(float(state.max_steps) / interval)
    return 0


def best_metric(args: Any) -> str | None:
    """The behaviour that chooses the best model ("anchors/risk/contract_pass"), None if it is not one of ours."""
    name = (args.metric_for_best_model or "").removeprefix("eval_")
    return name if name.startswith("anchors/") else None


def behaviour_names(anchor_set: AnchorSet, metrics: Iterable[Metric]) -> dict[str, bool | None]:
    """Every "GROUP/METRIC" of a set, with whether higher is better; None where neither direction is.

    Labels that a user's own metric gives are not among them: they are not known before it has given them.
    """
    groups = dict.fromkeys(group for anchor in anchor_set.anchors for group in anchor.groups)
    directions = {metric.name: metric.higher_is_better for metric in metrics}
    directions |= dict.fromkeys(f"action_{action}" for action in ACTIONS)
    return {f"{group}/{name}": better for group in groups for name, better in directions.items()}


def check_best_metric(args: Any, anchor_set: AnchorSet, metrics: Sequence[Metric]) -> None:
    """Make sure that the behaviour that chooses the best model exists, and is chosen in its own direction.

    Raises:
        ConfigurationError: it does not, or `greater_is_better` contradicts the metric.
    """
    wanted = best_metric(args)
    if wanted is None:
        return
    names = {f"anchors/{name}": better for name, better in behaviour_names(anchor_set, metrics).items()}
    # A user's own metric may give labels.
    if wanted not in names and not any(wanted.startswith(f"{name}_") for name in names):
        raise ConfigurationError(unknown("metric_for_best_model", wanted, names))
    better = names.get(wanted)
    if better is not None and args.greater_is_better is not None and bool(args.greater_is_better) != better:
        raise ConfigurationError(
            f"metric_for_best_model {wanted!r} is better when it is {'higher' if better else 'lower'}: "
            f"set greater_is_better={better}"
        )


def evaluation_metrics(args: Any, reading: Reading | None, step: int) -> dict[str, float]:
    """What an evaluation at `step` learns of the behaviours, as "eval_anchors/GROUP/METRIC".

    The trainer decides by these numbers: where it does, every process gets the main process's, whatever failed in one
    of them, and a missing one is NaN, which is never the best, rather than the trainer's KeyError.
    """
    found: dict[str, float] = {}
    if reading is not None and reading.step == step:
        found = {f"eval_anchors/{a.name}": a.value for a in reading.aggregates if a.value is not None}
    wanted = best_metric(args)
    return {f"eval_{wanted}": math.nan, **from_main(found)} if wanted else found


def weights_exchanged(args: Any, state: Any) -> bool:
    """Whether the trainer may have put its best weights in place of the last ones when training is over."""
    return bool(args.load_best_model_at_end and state.best_model_checkpoint)


def best_weights_note(args: Any, state: Any) -> str | None:
    """One line if the trainer has put its best weights in place of the last ones."""
    if not weights_exchanged(args, state):
        return None
    return f"the trainer went back to its best weights, of {state.best_model_checkpoint}"
