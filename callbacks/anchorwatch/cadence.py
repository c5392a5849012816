"""Which steps and events of one training get a check: the schedule, as far as the budget pays for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from anchorwatch.budget import Budget, affordable, turn
from anchorwatch.never_fatal import never_fatal
from anchorwatch.probe.distributed import from_main
from anchorwatch.records import Trigger
from anchorwatch.report.words import duration
from anchorwatch.schedule import Schedule
from anchorwatch.watch import Tier, Watch

logger = logging.getLogger("anchorwatch")

_WHAT_TO_DO = "raise budget=, or fix the cadence by a number of steps"


class Cadence:
    """Answers for each event of the trainer which check is to be made: its trigger, or None for no check.

    The budget leaves out only checks whose cadence is "auto", a share of the run, or the trainer's evaluations or
    checkpoints: never the last check, one fixed by a number of steps, or one that decides the best model, as every full
    one does for `keep_best`.

    Each process of a distributed training has a cadence and asks it the same, whether or not its watch stands; all of
    them get the main process's answer.
    """

    def __init__(
        self,
        schedule: Schedule,
        budget: Budget | None,
        *,
        start_step: int,
        watch: Watch | None,
        decides_best: bool = False,
        keeps_best: bool = False,
        acts: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """From now on training runs, from `start_step`. `watch` is None where it could not be begun, `budget` None is
        no limit.

        `decides_best` says whether evaluations choose the best model by a behaviour, `keeps_best` whether full checks
        choose the checkpoint to be kept, `acts` whether a flag may do more than be told.
        """
        self._schedule = schedule
        self._budget = budget
        self._start_step = start_step
        self._watch = watch
        self._decides_best = decides_best
        self._keeps_best = keeps_best
        self._acts = acts
        self._clock = clock
        self._began = clock() - (watch.seconds if watch else 0.0)
        self._made_one: set[Tier] = set()
        self._last: dict[Tier, int] = {"full": start_step, "drift": start_step}
        self._asked: dict[Tier, int] = {}
        self._due: dict[Tier, int] = {"full": 0, "drift": 0}
        self._left_out: dict[Tier, int] = {"full": 0, "drift": 0}

    def at_step(self, state: Any, control: Any) -> Trigger | None:
        """At the end of a step."""
        step, end = state.global_step, state.max_steps
        if step >= end:
            return "end"
        evaluation_asks = control.should_evaluate and (self._schedule.every == "eval" or self._decides_best)
        if evaluation_asks or (control.should_save and self._schedule.every == "save"):
            return None  # the event, which comes at this step, asks for more
        return self._choose(state, "schedule" if self._schedule.due(step, end) else None)

    def at_evaluation(self, state: Any, control: Any) -> Trigger | None:
        """After an evaluation."""
        if control.should_training_stop:
            return "end"
        if self._decides_best:
            return self._made(state, "evaluate")
        return self._choose(state, "evaluate") if self._schedule.every == "eval" else None

    def at_save(self, state: Any, control: Any) -> Trigger | None:
        """After a checkpoint; early stopping has decided by now whether this was the last step."""
        if control.should_training_stop:
            return "end"
        return self._choose(state, "save") if self._schedule.every == "save" else None

    def at_epoch_end(self, state: Any, control: Any) -> Trigger | None:
        """At the end of an epoch, or of a run that stops early: before the best weights are put in place."""
        return "end" if control.should_training_stop or state.global_step >= state.max_steps else None

    def note(self) -> str | None:
        """One line on what the budget left out, and what to do about it; None if it left nothing out."""
        found = [
            f"{left_out} of {self._due[tier]} checks of {self._option(tier)}"
            for tier, left_out in self._left_out.items()
            if left_out
        ]
        return f"{self._budget} left out {' and '.join(found)}; {_WHAT_TO_DO}" if found else None

    def _choose(self, state: Any, full: Trigger | None) -> Trigger | None:
        """`full` if the budget pays for it, else a drift check where one is due and paid for."""
        if full is not None and self._paid("full", state):
            return self._made(state, full)
        if self._schedule.drift_due(state.global_step, state.max_steps) and self._paid("drift", state):
            return self._made(state, "drift")
        return None

    def _made(self, state: Any, trigger: Trigger) -> Trigger:
        self._made_one.add("drift" if trigger == "drift" else "full")
        self._last["drift"] = state.global_step
        if trigger != "drift":
            self._last["full"] = state.global_step
        return trigger

    def _paid(self, tier: Tier, state: Any) -> bool:
        """Whether the check that is due is made: its cadence is fixed, or its turn has come. Asked once a step."""
        if self._budget is None or self._fixed(tier):
            if tier == "full":
                self._say_what_best_costs(state)
            return True
        step = state.global_step
        if step in (self._asked.get(tier), self._last["full"]):
            return False
        self._asked[tier] = step
        paid = from_main(self._pays(tier, self._budget, state))
        self._due[tier] += 1
        self._left_out[tier] += not paid
        return paid

    def _pays(self, tier: Tier, budget: Budget, state: Any) -> bool:
        """As `_in_turn`; whatever fails in it, since other processes wait for the answer, is a check less."""
        try:
            return self._watch is not None and self._in_turn(tier, budget, self._watch, state)
        except Exception as error:
            logger.warning("the budget cannot be worked out (%s: %s)", type(error).__name__, error)
            return False

    def _in_turn(self, tier: Tier, budget: Budget, watch: Watch, state: Any) -> bool:
        """Whether the turn has come of the next check that the budget pays for. The first that must wait is told of."""
        step, end, last = state.global_step, state.max_steps, self._last[tier]
        among = 1 if self._fixed("full") or self._fixed("drift") else 2
        checks = affordable(self._left(budget, watch, step, end), watch.cost(tier), among)
        interval = self._interval(tier, end)
        pays_for_all = interval is not None and checks >= _due_between(step - 1, end, interval)
        # One check made early shows what checks cost: as a rule, far less than the baseline.
        shows_cost = checks > 1 and tier not in self._made_one
        if pays_for_all or shows_cost or step >= turn(last, end, checks):
            return True
        if state.is_world_process_zero:
            before = f" from every {interval}" if interval else ""
            gap = turn(last, end, checks) - last
            too_late = not checks and self._acts and self._nothing_before_end(tier)
            watch.warn_once(
                "budget, on_flag" if too_late else "budget",
                "%s pays for %d more checks of about %s before the last one: %s; %s",
                budget,
                checks,
                duration(watch.cost(tier)),
                f"{self._option(tier)} is stretched{before} to about every {gap} steps"
                if checks
                else f"those of {self._option(tier)} are left out"
                + (", and on_flag can act at the last step alone, where one check is no alarm" if too_late else ""),
                _WHAT_TO_DO,
            )
        return False

    @never_fatal
    def _say_what_best_costs(self, state: Any) -> None:
        """Once, as soon as a check has shown it, where the budget would not pay for all that `keep_best` has made."""
        budget, watch, step, end = self._budget, self._watch, state.global_step, state.max_steps
        interval = None if isinstance(self._schedule.every, int) else self._interval("full", end)
        if budget is None or watch is None or interval is None or "full" not in self._made_one:
            return
        cost = watch.cost("full")
        if state.is_world_process_zero and self._left(budget, watch, step, end) < cost:
            watch.warn_once(
                "budget, keep_best",
                "%s does not pay for the %d checks of about %s that keep_best still has made, every %d steps and at "
                "the last one; for fewer, fix the cadence by a larger number of steps",
                budget,
                _due_between(step - 1, end, interval) + 1,
                duration(cost),
                interval,
            )

    def _left(self, budget: Budget, watch: Watch, step: int, end: int) -> float:
        """Seconds that are left at `step` for checks that the budget may leave out."""
        return budget.left(
            done=step - self._start_step,
            steps=end - self._start_step,
            trained=self._clock() - self._began - watch.seconds,
            spent=watch.seconds,
            reserved=self._reserved(watch, step, end),
        )

    def _reserved(self, watch: Watch, step: int, end: int) -> float:
        """Seconds that checks after `step` are going to take in any case: the last one, and those of fixed cadence."""
        seconds = watch.cost("full")
        tiers: tuple[Tier, ...] = ("full", "drift")
        for tier in tiers:
            interval = self._interval(tier, end)
            if interval is not None and self._fixed(tier):
                seconds += _due_between(step, end, interval) * watch.cost(tier)
        return seconds

    def _interval(self, tier: Tier, end: int) -> int | None:
        return self._schedule.interval(end) if tier == "full" else self._schedule.drift_interval(end)

    def _nothing_before_end(self, tier: Tier) -> bool:
        """Whether there is no check but the last once those of `tier` are left out."""
        others = self._made_one or self._decides_best or isinstance(self._schedule.drift_every, int)
        return tier == "full" and not others

    def _fixed(self, tier: Tier) -> bool:
        """Whether the budget has no say in checks of `tier`, or there are none."""
        if tier == "full":
            return self._keeps_best or isinstance(self._schedule.every, int)
        return not isinstance(self._schedule.drift_every, float)

    def _option(self, tier: Tier) -> str:
        return f"every={self._schedule.every!r}" if tier == "full" else f"drift_every={self._schedule.drift_every!r}"


def _due_between(step: int, end: int, interval: int) -> int:
    """How many multiples of `interval` lie after `step` and before `end`."""
    return (end - 1) // interval - step // interval
