"""Which checkpoint is kept: the last one before a behaviour turned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.errors import ConfigurationError, unknown
from anchorwatch.metrics import Metric
from anchorwatch.probe.distributed import from_main
from anchorwatch.records import Aggregate, Reading
from anchorwatch.trainer_state import behaviour_names

Recalled = Sequence[tuple[int, tuple[Aggregate, ...]]]
"""Steps and aggregates of the full checks that a resumed run has made after its baseline."""

_CHOOSER = "_anchorwatch_keep_best"


class KeepBest:
    """Keeps the checkpoint of the last full check at which a behaviour was as good as ever after the baseline.

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
        self._checks = 0
        """Those to choose from that measured it."""

    def check_against(self, args: Any, state: Any) -> None:
        """Whether nothing else chooses the best checkpoint of this training.

        Raises:
            ConfigurationError: the trainer does, or another watch.
        """
        if args.metric_for_best_model is not None:
            raise ConfigurationError(
                f"keep_best={self.name!r} and metric_for_best_model={args.metric_for_best_model!r} (set by "
                "load_best_model_at_end and reduce_lr_on_plateau, too) cannot both choose the best checkpoint: leave "
                f"keep_best out, and set metric_for_best_model='anchors/{self.name}' if that is to choose it"
            )
        other = getattr(state, _CHOOSER, self)
        if other is not self:
            raise ConfigurationError(
                f"keep_best={self.name!r} and another watch's keep_best={other.name!r}: a training has one best "
                "checkpoint, leave one out"
            )
        setattr(state, _CHOOSER, self)

    def begin(self, args: Any, state: Any, recalled: Recalled | None) -> None:
        """Take up the best of the checks that a resumed run has made, as far as its checkpoint is still there.

        A checkpoint does not know of a check that was made when it was written. `recalled` None, where there is no
        watch, leaves what it knows.
        """
        self._checks = 0
        best: tuple[float | None, int | None, str | None] = None, None, None
        if recalled is None:
            best = state.best_metric, state.best_global_step, state.best_model_checkpoint
        for step, aggregates in recalled or ():
            measured = self._value(aggregates)
            value, folder = self._as_good(measured, best[0]), _folder(args, step)
            if value is not None and folder.is_dir():
                best = value, step, str(folder)
            # One that was as good, and whose checkpoint is gone, is not among those to choose from.
            self._checks += measured is not None and (value is None or best[1] == step)
        state.best_metric, state.best_global_step, state.best_model_checkpoint = from_main(best)

    def better(self, reading: Reading, best: float | None) -> float | None:
        """The value of a full check if it is at least as good as `best`; None if it is not, or not measured."""
        value = None if reading.check.trigger == "drift" else self._value(reading.aggregates)
        self._checks += value is not None
        return self._as_good(value, best)

    def saved(self, args: Any, state: Any) -> None:
        """A checkpoint was written: hold on to it if it is the best. In a folder of its own trial the trainer does."""
        folder = _folder(args, state.global_step)
        if state.best_global_step == state.global_step and folder.is_dir():
            state.best_model_checkpoint = str(folder)

    def note(self, state: Any, baseline: Reading) -> str:
        """One line that says which checkpoint was kept, and of how many checks it was the best."""
        before = self._value(baseline.aggregates)
        was = "" if before is None else f" (at the baseline {before:.3g})"
        if state.best_metric is None:
            return f"keep_best: no checkpoint was kept, {self.name} was not measured after the baseline{was}"
        kept = state.best_model_checkpoint or "no checkpoint of it was written"
        n = self._checks
        among = f"the only check of {self.name} was" if n == 1 else f"of {n} checks, {self.name} was best"
        return f"keep_best: {among} at step {state.best_global_step}, {state.best_metric:.3g}{was}: {kept}"

    def _as_good(self, value: float | None, best: float | None) -> float | None:
        if value is None or best is None:
            return value
        return value if (value >= best if self._higher_is_better else value <= best) else None

    def _value(self, aggregates: Iterable[Aggregate]) -> float | None:
        return next((each.value for each in aggregates if each.name == self.name), None)


def _folder(args: Any, step: int) -> Path:
    return Path(args.output_dir) / f"checkpoint-{step}"
