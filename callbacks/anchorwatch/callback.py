"""The one line in a fine-tune: Trainer events in, checks out. What is checked, and how, is decided elsewhere."""

from __future__ import annotations

import atexit
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from anchorwatch.begin import begin_watch
from anchorwatch.cadence import Cadence
from anchorwatch.errors import AnchorWatchError
from anchorwatch.never_fatal import never_fatal
from anchorwatch.options import Options
from anchorwatch.probe import Probe, autocast_dtype
from anchorwatch.records import Reading, Trigger
from anchorwatch.report.live import Live
from anchorwatch.store import Store
from anchorwatch.trackers import TrainerTracker
from anchorwatch.trainer_state import (
    best_metric,
    best_weights_note,
    check_best_metric,
    evaluation_metrics,
    planned_checks,
    remember_run,
    weights_exchanged,
)
from anchorwatch.watch import Watch

logger = logging.getLogger("anchorwatch")


@dataclass(eq=False)
class AnchorWatch(Options, TrainerCallback):
    """Asks a fixed set of anchors of the model in training and puts what changed beside the loss.

        trainer = SFTTrainer(..., callbacks=[AnchorWatch("support-en")])

    Works in `transformers.Trainer` and every trainer built on it and needs no `trainer` argument. It changes nothing of
    the training (losses and weights stay bitwise the same) and never ends it: whatever fails costs one warning. Its
    arguments are the fields of `Options`.

    Raises:
        AnchorWatchError: an argument is wrong. What only the trainer can show (no chat template, a prompt longer than
            the model's context, `every="eval"` without evaluation) is raised when training begins, before any step.
    """

    _watch: Watch | None = field(default=None, init=False, repr=False)
    _others: TrainerTracker | None = field(default=None, init=False, repr=False)
    _cadence: Cadence | None = field(default=None, init=False, repr=False)
    _training: tuple[int, int] | None = field(default=None, init=False, repr=False)

    def attach(self, trainer: Any) -> AnchorWatch:
        """Tell every other tracker of `trainer` too (TensorBoard, Comet, …); W&B, MLflow and trackio need it not."""
        self._others = TrainerTracker.from_trainer(trainer)
        return self

    # -- the trainer's events, in the order in which they come

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Take the baseline of a new run, or take up an earlier run again."""
        again = (id(args), id(kwargs.get("model")))
        if self._watch is not None and args.auto_find_batch_size and self._training == again:
            self._watch.begin_attempt(state.global_step)  # the same training, begun anew with a smaller batch
        else:
            self._abandon()
            try:
                self._begin(args, state, **kwargs)
            except AnchorWatchError:
                self._abandon()
                raise
            except Exception as error:
                self._abandon()
                logger.warning("this run is not watched: no baseline (%s: %s)", type(error).__name__, error)
            self._training = again
        if self._watch is not None:
            remember_run(state, self._anchor_set, self._watch.run.id)
        self._tell(self._reactions.begin(args, state, control, self._watch), state)
        self._cadence = Cadence(
            self._schedule,
            self._budget,
            start_step=state.global_step,
            watch=self._watch,
            decides_best=best_metric(args) is not None,
            keeps_best=self._reactions.keeps_best,
            acts=self._reactions.acts,
        )

    @never_fatal
    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Check where the cadence says so, and after the last step."""
        if self._cadence:
            self._reactions.remind(control)
            self._react(self._cadence.at_step(state, control), state, control, **kwargs)

    @never_fatal
    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Keep the losses."""
        if self._watch is None or logs is None:
            return
        self._watch.log(logs, step=state.global_step, epoch=state.epoch)
        if "train_runtime" in logs:  # the trainer's last log
            if not weights_exchanged(args, state):
                self._show(self._check("end", state, **kwargs))
            self._watch.trackers.before_train_end()

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Check if evaluations ask for it, and put the behaviours among their metrics, for `metric_for_best_model`."""
        if self._cadence:
            self._react(self._cadence.at_evaluation(state, control), state, control, **kwargs)
        if metrics is not None:
            metrics.update(evaluation_metrics(args, self._watch.last if self._watch else None, state.global_step))

    @never_fatal
    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Check if checkpoints ask for it, or if early stopping has decided that this was the last step."""
        if self._cadence:
            self._react(self._cadence.at_save(state, control), state, control, saved=True, **kwargs)
        self._tell(self._reactions.saved(args, state), state, logging.INFO)

    @never_fatal
    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **rest: Any) -> None:
        """Make the last check of a run that stopped early, before `load_best_model_at_end` exchanges the weights."""
        if self._cadence:
            self._react(self._cadence.at_epoch_end(state, control), state, control, **rest)

    @never_fatal
    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the run and say what was seen."""
        watch, cadence = self._watch, self._cadence
        self._watch = self._cadence = None
        if watch is None:
            return
        atexit.unregister(self._abandon)
        told = self._reactions.finish(state, watch)
        watch.finish("finished", state.global_step, self.report)
        if told and self._reactions.kept_nothing(state) and not self.verbose:
            self._tell(told[-1], state)
        notes = [cadence.note() if cadence else None, *told, best_weights_note(args, state)]
        self._live.finish(watch, time.perf_counter() - self._began, self.store, [note for note in notes if note])

    def _begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        *,
        model: Any,
        processing_class: Any = None,
        optimizer: Any = None,
        train_dataloader: Any = None,
        **_: Any,
    ) -> None:
        self._began = time.perf_counter()
        self._schedule.check_against(
            evaluates=args.eval_strategy != "no", saves=args.save_strategy != "no", max_steps=state.max_steps
        )
        check_best_metric(args, self._anchor_set, self._metrics)
        self._reactions.check_against(args, state)
        self._live = Live(self.verbose and state.is_world_process_zero)
        probe = Probe(
            self._anchor_set,
            model,
            self.tokenizer or processing_class,
            batch_size=self.batch_size,
            baseline_samples=self.baseline_samples,
            autocast=autocast_dtype(args),
        )
        planned = planned_checks(self._schedule, args, state)
        watch = self._watch = begin_watch(
            args,
            state,
            store=Store(self.store),
            others=[self._others] if self._others else [],
            mlflow_traces=self.mlflow_traces,
            probe=probe,
            model=model,
            dataset=getattr(train_dataloader, "dataset", None),
            anchor_set=self._anchor_set,
            metrics=self._metrics,
            planned=planned,
            name=self.name or args.run_name or Path(args.output_dir or "run").name,
        )
        atexit.register(self._abandon)
        self._live.begin(watch, planned=planned, samples=self.baseline_samples)
        watch.seconds = time.perf_counter() - self._began
        if watch.baseline is None:
            self._show(watch.check(model, state.global_step, "baseline", state.epoch, optimizer))

    @never_fatal
    def _react(self, trigger: Trigger | None, state: Any, control: Any, *, saved: bool = False, **kwargs: Any) -> None:
        """Make the check that an event asks for, do what it asks for, and show it."""
        if trigger is not None:
            reading = self._check(trigger, state, **kwargs)
            line = self._reactions.after(reading, state, control, saved=saved)
            self._show(reading)
            self._tell(line, state)

    def _check(self, trigger: Trigger, state: Any, *, model: Any, optimizer: Any = None, **_: Any) -> Reading | None:
        """Make a check if its step has had none; None where none was made."""
        watch = self._watch
        return watch.try_check(model, state.global_step, trigger, state.epoch, optimizer) if watch else None

    def _show(self, reading: Reading | None) -> None:
        if reading is not None and self._watch:
            self._live.check(self._watch)

    def _tell(self, line: str | None, state: Any, level: int = logging.WARNING) -> None:
        """Print a line, if there is one, in the main process; to the logger where the watch is not `verbose`."""
        if line and state.is_world_process_zero:
            if self.verbose:
                self._live.say(line)
            else:
                logger.log(level, "%s", line)

    def _abandon(self) -> None:
        """The training ended without its end being reported: the run failed."""
        if (watch := self._watch) is not None:
            self._watch = None
            atexit.unregister(self._abandon)
            watch.finish("failed", watch.last.step if watch.last else 0, self.report)
