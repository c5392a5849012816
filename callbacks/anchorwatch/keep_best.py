"""Which checkpoint is kept: the last one before a behaviour turned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.errors import ConfigurationError, nearest, unknown
from anchorwatch.metrics import Metric
from anchorwatch.metrics.needs import lacking
from anchorwatch.probe.distributed import from_main
from anchorwatch.records import Aggregate, Reading
from anchorwatch.text import visible
from anchorwatch.trainer_state import behaviour_names

if TYPE_CHECKING:
    from anchorwatch.watch import Watch

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
            ConfigurationError: there is no such behaviour, neither direction of it is better, or no anchor of the group
                has what the metric is scored by.
        """
        names = behaviour_names(anchor_set, metrics)
        lacks = {each: lacking(anchor_set, *each.rsplit("/", 1)) for each in names}
        allowed = [each for each, up in names.items() if up is not None and not lacks[each]]
        given = str(name).removeprefix("eval_").removeprefix("anchors/")
        if given not in names:
            raise ConfigurationError(unknown("keep_best", name, allowed))
        up = names[given]
        if up is None:
            raise ConfigurationError(
                f"keep_best={name!r}: neither direction of it is better; take one that has a direction, such as "
                f"{allowed[0]!r}"
            )
        if lacks[given]:
            group = given.rsplit("/", 1)[0]
            others = ", ".join(each for each in allowed if each.startswith(f"{group}/"))
            raise ConfigurationError(
                f"keep_best={name!r} never has a value with the anchor set {anchor_set.name!r}: no anchor of {group!r} "
                f"has {lacks[given]}; allowed for this group: {others}{nearest(given, allowed)}"
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

    def begin(self, args: Any, state: Any, watch: Watch | None) -> None:
        """Take up the best of the checks that a resumed run has made, as far as its checkpoint is still there.

        A checkpoint does not know of a check that was made when it was written. Where there is no watch, what it knows
        is left. One warning where no check has measured the behaviour, the baseline included.
        """
        self._checks = 0
        best: tuple[float | None, int | None, str | None] = None, None, None
        if watch is None:
            best = state.best_metric, state.best_global_step, state.best_model_checkpoint
        for step, aggregates in watch.recalled if watch else ():
            measured = self._value(aggregates)
            value, folder = self._as_good(measured, best[0]), folder_of(args, step)
            if value is not None and folder.is_dir():
                best = value, step, str(folder)
            # One that was as good, and whose checkpoint is gone, is not among those to choose from.
            self._checks += measured is not None and (value is None or best[1] == step)
        state.best_metric, state.best_global_step, state.best_model_checkpoint = from_main(best)
        if watch and watch.baseline and not self._checks and state.is_world_process_zero:
            self._warn_unmeasured(watch, watch.baseline)

    def better(self, reading: Reading, best: float | None) -> float | None:
        """The value of a full check if it is at least as good as `best`; None if it is not, or not measured."""
        value = None if reading.check.trigger == "drift" else self._value(reading.aggregates)
        self._checks += value is not None
        return self._as_good(value, best)

    def saved(self, args: Any, state: Any) -> None:
        """A checkpoint was written: hold on to it if it is the best. In a folder of its own trial the trainer does."""
        folder = folder_of(args, state.global_step)
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

    def _warn_unmeasured(self, watch: Watch, baseline: Reading) -> None:
        """Once, where the baseline has no value: an answer can be too short for a score, a metric fail."""
        if self._value(baseline.aggregates) is not None:
            return
        metric = self.name.rsplit("/", 1)[1]
        why = next((score.reason for score in baseline.scores if score.metric == metric and score.reason), "no score")
        watch.warn_once(
            "keep_best",
            "keep_best=%r: no value at the baseline (%s); no checkpoint is kept before a check has one",
            self.name,
            visible(" ".join(why.split()), 200),
        )

    def _as_good(self, value: float | None, best: float | None) -> float | None:
        if value is None or best is None:
            return value
        return value if (value >= best if self._higher_is_better else value <= best) else None

    def _value(self, aggregates: Iterable[Aggregate]) -> float | None:
        return next((each.value for each in aggregates if each.name == self.name), None)


def folder_of(args: Any, step: int) -> Path:
    """Where the trainer writes the checkpoint of a step."""
    return Path(args.output_dir) / f"checkpoint-{step}"
