"""What a flag does to the training, and which checkpoint is kept: the same in every process."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from anchorwatch.errors import ConfigurationError, nearest
from anchorwatch.judge.standing import Standing
from anchorwatch.keep_best import KeepBest, folder_of
from anchorwatch.probe.distributed import from_main
from anchorwatch.records import Flag, Reading
from anchorwatch.report import words
from anchorwatch.stopped import STOPPED_AT
from anchorwatch.text import visible
from anchorwatch.watch import Watch

logger = logging.getLogger("anchorwatch")

Reaction = Literal["log", "stop", "save"]
OnFlag = Reaction | Callable[[Flag], Reaction | None]
_REACTIONS: tuple[str, ...] = get_args(Reaction)


@dataclass(frozen=True)
class Decision:
    """What is to be done after a check."""

    stop: str = ""
    """The flags that end the training, in words; empty if none does."""
    save: str = ""
    """The flags that save a checkpoint, in words; empty if none does."""
    best: float | None = None
    """The value of the behaviour that chooses the checkpoint, if it is as good as ever; None if it is not."""


class Reactions:
    """Decides after each check, in the main process; every process does what that one decided."""

    def __init__(self, on_flag: OnFlag, keep_best: KeepBest | None) -> None:
        """`on_flag` is "log", "stop", "save", or a function that gives one of them, or None, for a new flag.

        Raises:
            ConfigurationError: it is none of these, or a function that must be awaited.
        """
        if not callable(on_flag) and on_flag not in _REACTIONS:
            raise ConfigurationError(
                f"unknown on_flag {on_flag!r}; allowed: {', '.join(map(repr, _REACTIONS))}, or a function of a flag "
                f"that returns one of them{nearest(str(on_flag), _REACTIONS)}"
            )
        if any(map(inspect.iscoroutinefunction, (on_flag, type(on_flag).__call__))):
            raise ConfigurationError(
                f"on_flag={on_flag!r} must be awaited, which a training does not; allowed: "
                f"{', '.join(map(repr, _REACTIONS))}, or a function (def, not async def) that returns one of them"
            )
        self._on_flag = on_flag
        self._keep_best = keep_best
        self._standing = Standing()
        self._to_save = False
        self._stopped = ""
        """What stopped the training, in words."""
        self._saves = ""
        """What a checkpoint is being saved for, in words."""

    @property
    def acts(self) -> bool:
        """Whether a flag may do more than be told."""
        return self._on_flag != "log"

    @property
    def keeps_best(self) -> bool:
        """Whether full checks choose a checkpoint to be kept."""
        return self._keep_best is not None

    def check_against(self, args: Any, state: Any) -> None:
        """As `KeepBest.check_against`; a warning where the trainer will delete what on_flag saves."""
        if self._keep_best:
            self._keep_best.check_against(args, state)
        limit = args.save_total_limit
        if self._on_flag == "save" and limit and limit > 0 and state.is_world_process_zero:
            logger.warning(
                "on_flag='save' with save_total_limit=%d: the trainer deletes the checkpoint of a flag like any other "
                "once it has newer ones; leave save_total_limit out to keep it",
                limit,
            )

    def begin(self, args: Any, state: Any, control: Any, watch: Watch | None) -> str | None:
        """A training begins, or goes on from a checkpoint. All processes must call it, also one without a watch.

        Flags that rang just before the training was cut off act now: one line where they stop it. What they would save
        is saved: the checkpoint that it goes on from is of their step or a later one.
        """
        self._to_save, self._stopped, self._saves = False, "", ""
        self._standing = Standing(watch.last.flags if watch and watch.last else ())
        if self._keep_best:
            self._keep_best.begin(args, state, watch)
        if not self.acts:
            return None
        lost = watch.unanswered if watch and state.is_world_process_zero else ()
        stop = [flag for flag in lost if self._wanted(flag) == "stop"]
        why = f"{_named(stop)} (rang at step {stop[0].step}, before the training was cut off)" if stop else ""
        if not self._stop(from_main(why), state, control):
            return None
        at = f"step {state.global_step} of {state.max_steps}"
        return f"on_flag stops the training that goes on from {at}: {self._stopped}"

    def after(self, reading: Reading | None, state: Any, control: Any, *, saved: bool = False) -> str | None:
        """Do what a check asks for; `reading` is None where none was made. All processes must call it alike.

        `saved` says that a checkpoint of this step is written already. One line where a flag stops the training.
        """
        if not (self.acts or self.keeps_best):
            return None
        decision = from_main(self._decide(reading, state) if state.is_world_process_zero else Decision())
        stops = self._stop(decision.stop, state, control)
        self._saves = ", ".join(filter(None, [self._saves, decision.save]))
        self._to_save |= bool(decision.save or decision.best is not None) and not saved
        if decision.best is not None:
            # The trainer's own fields: it writes them into every checkpoint, and spares the best one.
            state.best_metric, state.best_global_step = decision.best, state.global_step
        self.remind(control)
        return self._stop_line(state) if stops else None

    def remind(self, control: Any) -> None:
        """Ask for a checkpoint that is still to be written: `save_strategy="best"` forgets it if it evaluates."""
        control.should_save |= self._to_save

    def saved(self, args: Any, state: Any) -> str | None:
        """A checkpoint was written; one line if that was for a flag."""
        flags, self._saves, self._to_save = self._saves, "", False
        if self._keep_best:
            self._keep_best.saved(args, state)
        folder = folder_of(args, state.global_step)
        # In a search over hyper-parameters it lies in a folder of the trial.
        return f"on_flag saved {folder if folder.is_dir() else folder.name}: {flags}" if flags else None

    def finish(self, state: Any, watch: Watch) -> list[str]:
        """The training is over: record if a flag stopped it. A line that says so, and one on the checkpoint kept."""
        lines = []
        if self._stopped and state.global_step < state.max_steps:
            watch.add_factors({STOPPED_AT: state.global_step})
            lines.append(self._stop_line(state))
        if self._keep_best and watch.baseline:
            lines.append(self._keep_best.note(state, watch.baseline))
        return lines

    def kept_nothing(self, state: Any) -> bool:
        """Whether a checkpoint was to be kept, and none was."""
        return self._keep_best is not None and state.best_model_checkpoint is None

    def _stop(self, why: str, state: Any, control: Any) -> bool:
        """End the training, if there is a `why`; whether it would have gone on otherwise."""
        goes_on = not control.should_training_stop and state.global_step < state.max_steps
        if not why:
            return False
        control.should_training_stop = True
        self._stopped = why if goes_on else self._stopped
        return goes_on

    def _stop_line(self, state: Any) -> str:
        return f"on_flag stopped the training at step {state.global_step} of {state.max_steps}: {self._stopped}"

    def _decide(self, reading: Reading | None, state: Any) -> Decision:
        """What fails in it is a decision for nothing, since other processes wait for the answer."""
        if reading is None:
            return Decision()
        try:
            wanted = [(self._wanted(flag), flag) for flag in self._standing.news(reading.flags)]
            stop, save = (_named([flag for what, flag in wanted if what == name]) for name in ("stop", "save"))
            best = self._keep_best.better(reading, state.best_metric) if self._keep_best else None
        except Exception as error:
            logger.warning("on_flag and keep_best did nothing (%s: %s)", type(error).__name__, error)
            return Decision()
        return Decision(stop, save, best)

    def _wanted(self, flag: Flag) -> str | None:
        """What a new flag asks for. The words act on alarms of controlled error rate: not on a single anchor's."""
        if not callable(self._on_flag):
            return self._on_flag if flag.level == "alarm" and flag.rule != "contract_broken" else None
        try:
            wanted = self._on_flag(flag)
        except Exception as error:
            logger.warning("on_flag failed at %s: %s: %s", flag.rule, type(error).__name__, error)
            return None
        if wanted is None or (isinstance(wanted, str) and wanted in _REACTIONS):
            return wanted
        logger.warning("on_flag returned %r; allowed: None, %s", wanted, ", ".join(map(repr, _REACTIONS)))
        return None


def _named(flags: Sequence[Flag]) -> str:
    """Which flags, in a few words: "regressed contract_pass on risk anchors"; empty for none."""
    return visible(words.few([_about(flag) for flag in flags]))


def _about(flag: Flag) -> str:
    if flag.rule == "contract_broken":
        return f"{flag.rule} {' '.join(flag.anchor_ids)}"
    return " ".join(filter(None, [flag.rule, flag.metric, flag.group and f"on {words.group(flag.group)} anchors"]))
