"""Which checkpoint is kept: the last one before a behaviour turned."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.errors import ConfigurationError, unknown
from anchorwatch.metrics import Metric
from anchorwatch.records import Reading
from anchorwatch.trainer_state import behaviour_names


class KeepBest:
    """Keeps the checkpoint of the last check at which a behaviour was as good as ever after the baseline.

    The trainer saves at every such check. `save_total_limit` bounds how many checkpoints stay, and the best one always
    does: the trainer's state has it as its best.
    """

    def __init__(self, name: str, anchor_set: AnchorSet, metrics: Iterable[Metric]) -> None:
        """`name` is "GROUP/METRIC", such as "risk/contract_pass".

        Raises:
            ConfigurationError: there is no such behaviour, or neither direction of it is better.
        """
        names = behaviour_names(anchor_set, metrics)
        given = str(name).removeprefix("eval_").removeprefix("anchors/")
        if given not in names:
            raise ConfigurationError(unknown("keep_best", name, [each for each, up in names.items() if up is not None]))
        up = names[given]
        if up is None:
            raise ConfigurationError(
                f"keep_best={name!r}: neither direction of it is better; take one that has a direction, such as "
                f"{next(each for each, direction in names.items() if direction is not None)!r}"
            )
        self.name = given
        self._higher_is_better = up

    def check_against(self, args: Any) -> None:
        """Whether nothing else chooses the best checkpoint.

        Raises:
            ConfigurationError: the trainer does.
        """
        if args.metric_for_best_model is not None:
            raise ConfigurationError(
                f"keep_best={self.name!r} and metric_for_best_model={args.metric_for_best_model!r} cannot both choose "
                f"the best checkpoint: leave one out, or set metric_for_best_model='anchors/{self.name}'"
            )

    def better(self, reading: Reading, best: float | None) -> float | None:
        """The value of this check if it is at least as good as `best`; None if it is not, or not measured."""
        value = self._value(reading)
        if value is None or best is None:
            return value
        return value if (value >= best if self._higher_is_better else value <= best) else None

    def saved(self, args: Any, state: Any) -> None:
        """A checkpoint was written: hold on to it if it is the best."""
        if state.best_global_step == state.global_step:
            state.best_model_checkpoint = str(Path(args.output_dir) / f"checkpoint-{state.global_step}")

    def note(self, state: Any, baseline: Reading) -> str:
        """One line that says which checkpoint was kept."""
        before = self._value(baseline)
        was = "" if before is None else f" (at the baseline {before:.3g})"
        if state.best_metric is None or state.best_model_checkpoint is None:
            return f"keep_best: no checkpoint was kept, {self.name} was not measured after the baseline{was}"
        return (
            f"keep_best: {self.name} was best at step {state.best_global_step}, {state.best_metric:.3g}{was}: "
            f"{state.best_model_checkpoint}"
        )

    def _value(self, reading: Reading) -> float | None:
        return next((each.value for each in reading.aggregates if each.name == self.name), None)
