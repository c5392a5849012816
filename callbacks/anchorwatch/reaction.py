"""What a flag does to the training, and which checkpoint is kept: the same in every process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from anchorwatch.errors import ConfigurationError, nearest
from anchorwatch.judge.standing import Standing
from anchorwatch.keep_best import KeepBest
from anchorwatch.probe.distributed import from_main
from anchorwatch.records import Flag, Reading
from anchorwatch.watch import Watch

logger = logging.getLogger("anchorwatch")

Reaction = Literal["log", "stop", "save"]
OnFlag = Reaction | Callable[[Flag], Reaction | None]
_REACTIONS: tuple[str, ...] = get_args(Reaction)


@dataclass(frozen=True)
class Decision:
    """What is to be done after a check."""

    stop: bool = False
    save: bool = False
    best: float | None = None
    """The value of the behaviour that chooses the checkpoint, if it is as good as ever; None if it is not."""


class Reactions:
    """Decides after each check, in the main process; every process does what that one decided."""

    def __init__(self, on_flag: OnFlag, keep_best: KeepBest | None) -> None:
        """`on_flag` is "log", "stop", "save", or a function that gives one of them, or None, for a new flag.

        Raises:
            ConfigurationError: it is none of these.
        """
        if not callable(on_flag) and on_flag not in _REACTIONS:
            raise ConfigurationError(
                f"unknown on_flag {on_flag!r}; allowed: {', '.join(map(repr, _REACTIONS))}, or a function of a flag "
                f"that returns one of them{nearest(str(on_flag), _REACTIONS)}"
            )
        self._on_flag = on_flag
        self._keep_best = keep_best
        self._standing = Standing()
        self._to_save = False

    @property
    def acts(self) -> bool:
        """Whether a flag may do more than be told."""
        return self._on_flag != "log"

    @property
    def keeps_best(self) -> bool:
        """Whether full checks choose a checkpoint to be kept."""
        return self._keep_best is not None

    def check_against(self, args: Any, state: Any) -> None:
        """As `KeepBest.check_against`."""
        if self._keep_best:
            self._keep_best.check_against(args, state)

    def begin(self, args: Any, state: Any, watch: Watch | None) -> None:
        """A training begins, or goes on from a checkpoint. All processes must call it, also one without a watch."""
        self._to_save = False
        self._standing = Standing(watch.last.flags if watch and watch.last else ())
        if self._keep_best:
            self._keep_best.begin(args, state, watch.recalled if watch else None)

    def after(self, reading: Reading | None, state: Any, control: Any, *, saved: bool = False) -> None:
        """Do what a check asks for; `reading` is None where none was made. All processes must call it alike.

        `saved` says that a checkpoint of this step is written already.
        """
        if not (self.acts or self.keeps_best):
            return
        decision = from_main(self._decide(reading, state) if state.is_world_process_zero else Decision())
        control.should_training_stop |= decision.stop
        self._to_save |= decision.save and not saved
        if decision.best is not None:
            # The trainer's own fields: it writes them into every checkpoint, and spares the best one.
            state.best_metric, state.best_global_step = decision.best, state.global_step
        self.remind(control)

    def remind(self, control: Any) -> None:
        """Ask for a checkpoint that is still to be written: `save_strategy="best"` forgets it if it evaluates."""
        control.should_save |= self._to_save

    def saved(self, args: Any, state: Any) -> None:
        """A checkpoint was written."""
        self._to_save = False
        if self._keep_best:
            self._keep_best.saved(args, state)

    def note(self, state: Any, watch: Watch) -> str | None:
        """One line on the checkpoint that was kept; None where none was to be."""
        return self._keep_best.note(state, watch.baseline) if self._keep_best and watch.baseline else None

    def _decide(self, reading: Reading | None, state: Any) -> Decision:
        """What fails in it is a decision for nothing, since other processes wait for the answer."""
        if reading is None:
            return Decision()
        try:
            wanted = {self._wanted(flag) for flag in self._standing.news(reading.flags)}
            best = self._keep_best.better(reading, state.best_metric) if self._keep_best else None
        except Exception as error:
            logger.warning("on_flag and keep_best did nothing (%s: %s)", type(error).__name__, error)
            return Decision()
        return Decision("stop" in wanted, "save" in wanted or best is not None, best)

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
