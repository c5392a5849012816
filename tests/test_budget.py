"""The budget: how many checks it pays for, and where they stand in the run."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from anchorwatch.budget import Budget, affordable, turn
from anchorwatch.cadence import Cadence
from anchorwatch.schedule import Schedule


def test_what_is_left_after_what_was_and_will_be_spent_pays_for_checks() -> None:
    # 10 of 100 steps took 50 s, so all take 500 s: 10 s of it for the watch, of which 3 s are gone and 1 s is reserved.
    known: dict[str, Any] = {"done": 10, "steps": 100, "trained": 50.0, "spent": 3.0, "reserved": 1.0}
    assert Budget(0.02).left(**known) == pytest.approx(6.0)
    assert Budget(0.02).left(**{**known, "spent": 30.0}) == pytest.approx(-21.0)
    assert Budget(1).left(**{**known, "done": 0}) == 0, "nothing is known of the training yet"


@pytest.mark.parametrize(
    ("left", "cost", "among", "expected"), [(6.5, 1.0, 1, 6), (6.5, 4.0, 1, 1), (6.5, 7.0, 1, 0), (6.5, 1.0, 2, 3)]
)
def test_what_is_left_is_divided_among_the_kinds_of_checks(left, cost, among, expected) -> None:
    assert affordable(left, cost, among) == expected
    assert affordable(-21.0, cost, among) == 0
    assert affordable(left, 0.0, among) > 100


@pytest.mark.parametrize(
    ("last", "end", "checks", "expected"),
    [(0, 100, 0, 100), (0, 100, 1, 50), (0, 100, 3, 25), (40, 100, 2, 60), (7, 8, 9, 8)],
)
def test_checks_are_spread_evenly_up_to_the_last(last: int, end: int, checks: int, expected: int) -> None:
    assert turn(last, end, checks) == expected


class _Run:
    """A training on a clock of its own: what each step and each check takes is given, and nothing else takes time."""

    def __init__(
        self,
        every: Any,
        share: float | None,
        *,
        drift_every: Any = None,
        max_steps: int = 100,
        step_seconds: float = 1.0,
        baseline: float = 0.1,
        full: float = 0.1,
        drift: float = 0.1,
        start_step: int = 0,
        eval_every: int | None = None,
        decides_best: bool = False,
        keeps_best: bool = False,
        acts: bool = False,
    ) -> None:
        self.now = 0.0
        self.said: list[str] = []
        made, warned = set[str](), set[str]()
        costs = {"full": full, "drift": drift}
        watch: Any = SimpleNamespace(
            seconds=baseline,
            cost=lambda tier: costs[tier] if tier in made else baseline,
            warn_once=lambda key, message, *rest: key in warned or (warned.add(key), self.said.append(message % rest)),
        )
        cadence = Cadence(
            Schedule(every, drift_every),
            None if share is None else Budget(share),
            start_step=start_step,
            watch=watch,
            decides_best=decides_best,
            keeps_best=keeps_best,
            acts=acts,
            clock=lambda: self.now,
        )
        self.checks: dict[int, str] = {}
        for step in range(start_step + 1, max_steps + 1):
            self.now += step_seconds
            state = SimpleNamespace(global_step=step, max_steps=max_steps, is_world_process_zero=True)
            evaluates = eval_every is not None and step % eval_every == 0
            control = SimpleNamespace(
                should_evaluate=evaluates, should_save=False, should_training_stop=step == max_steps
            )
            asked = [cadence.at_step(state, control)]
            # Two evaluation sets are two events at one step.
            asked += [cadence.at_evaluation(state, control) for _ in range(2 if evaluates else 0)]
            for trigger in asked:
                if trigger is None or step in self.checks:
                    continue
                tier = "drift" if trigger == "drift" else "full"
                made.add(tier)
                self.checks[step] = trigger
                watch.seconds += costs[tier]
                self.now += costs[tier]
        self.watched = watch.seconds
        self.trained = step_seconds * (max_steps - start_step)
        self.note = cadence.note()

    def steps(self, *triggers: str) -> list[int]:
        return [step for step, trigger in self.checks.items() if trigger in triggers or not triggers]


def test_what_the_budget_pays_for_is_made_and_nothing_is_said() -> None:
    run = _Run("auto", 0.05)
    assert run.steps() == list(range(5, 101, 5))
    assert run.said == []
    assert run.note is None


def test_a_cadence_that_costs_too_much_is_stretched_evenly_and_said_once() -> None:
    run = _Run("auto", 0.01)
    assert run.watched <= 0.01 * run.trained
    gaps = [b - a for a, b in itertools.pairwise([0, *run.steps()])]
    assert 8 <= len(run.checks) <= 10
    assert max(gaps) - min(gaps) <= 10, "not all at once, and none at the end"
    assert " ".join(run.said) == (
        "budget=0.01 (1% of the training time) pays for 7 more checks of about 0.1 s before the last one: every='auto' "
        "is stretched from every 5 to about every 12 steps; raise budget=, or fix the cadence by a number of steps"
    )
    assert run.note is not None
    assert f"left out {20 - len(run.checks)} of 19 checks of every='auto'" in run.note
    assert "raise budget=" in run.note


@pytest.mark.parametrize("every", ["auto", 0.01, "eval"])
@pytest.mark.parametrize("baseline", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("full", [0.05, 0.3, 2.0])
@pytest.mark.parametrize("share", [0.001, 0.02, 0.5])
def test_the_budget_holds_unless_the_first_and_the_last_check_alone_exceed_it(
    every: Any, baseline: float, full: float, share: float
) -> None:
    run = _Run(every, share, baseline=baseline, full=full, eval_every=7)
    # Before there has been another one, the next and the last are expected to take what the baseline took.
    dearer = 2 * max(0.0, full - baseline)
    assert run.watched <= max(share * run.trained + dearer, baseline + full) + 1e-9
    assert run.checks[100] == "end"


def test_the_last_check_is_made_however_little_there_is() -> None:
    run = _Run("auto", 1e-9)
    assert run.checks == {100: "end"}
    assert "pays for 0 more checks of about 0.1 s before the last one" in run.said[0]


def test_without_a_budget_nothing_is_left_out() -> None:
    run = _Run("auto", None, drift_every=0.01, baseline=1000.0, full=1000.0)
    assert run.steps("schedule", "end") == list(range(5, 101, 5))
    assert len(run.steps()) == 100


def test_numbers_of_steps_are_never_left_out() -> None:
    run = _Run(10, 1e-9, drift_every=2)
    assert run.steps("schedule", "end") == list(range(10, 101, 10))
    assert run.steps() == list(range(2, 101, 2))
    assert run.said == []


def test_evaluations_that_decide_the_best_model_are_never_left_out() -> None:
    run = _Run("eval", 1e-9, eval_every=20, decides_best=True)
    assert run.checks == {20: "evaluate", 40: "evaluate", 60: "evaluate", 80: "evaluate", 100: "end"}
    assert run.note is None


@pytest.mark.parametrize("every", ["auto", 0.05])
def test_checks_that_choose_the_checkpoint_are_never_left_out_and_their_cost_is_said_once(every: Any) -> None:
    run = _Run(every, 0.01, keeps_best=True)
    assert run.steps() == list(range(5, 101, 5))
    assert run.note is None
    assert " ".join(run.said) == (
        "budget=0.01 (1% of the training time) does not pay for the 19 checks of about 0.1 s that keep_best still has "
        "made, every 5 steps and at the last one; for fewer, fix the cadence by a larger number of steps"
    )


def test_checks_that_choose_the_checkpoint_cost_no_word_where_they_are_paid_for_or_wanted_by_number() -> None:
    assert _Run("auto", 0.05, keeps_best=True).said == []
    assert _Run(2, 1e-9, keeps_best=True).said == []
    assert _Run("auto", None, keeps_best=True).said == []


def test_evaluations_that_choose_the_checkpoint_are_never_left_out() -> None:
    run = _Run("eval", 1e-9, eval_every=20, keeps_best=True)
    assert run.steps("evaluate") == [20, 40, 60, 80]
    assert (run.said, run.note) == ([], None)


def test_drift_checks_have_what_those_that_choose_the_checkpoint_leave_them() -> None:
    run = _Run("auto", 0.03, drift_every=0.01, keeps_best=True)
    assert run.steps("schedule", "end") == list(range(5, 101, 5))
    assert 5 <= len(run.steps("drift")) <= 10
    assert run.watched <= 0.03 * run.trained


def test_a_flag_that_can_act_at_the_last_step_alone_is_told_of() -> None:
    late = "are left out, and on_flag can act at the last step alone, where one check is no alarm; raise budget="
    assert late in " ".join(_Run("auto", 1e-9, acts=True).said)
    assert late in " ".join(_Run("eval", 1e-9, eval_every=7, acts=True).said)
    assert late in _Run(0.1, 1e-9, drift_every=0.05, acts=True).said[-1]
    for run in (
        _Run("auto", 1e-9),
        _Run("auto", 0.01, acts=True),
        _Run("auto", 1e-9, drift_every=2, acts=True),
        _Run("auto", 1e-9, eval_every=20, decides_best=True, acts=True),
    ):
        assert late not in " ".join(run.said)


def test_evaluations_are_left_out_like_steps_and_counted_once_with_two_sets() -> None:
    run = _Run("eval", 0.005, eval_every=4)
    assert 2 <= len(run.steps("evaluate")) <= 4
    assert run.note is not None
    assert "of 24 checks of every='eval'" in run.note


def test_what_the_fixed_checks_will_take_is_kept_for_them() -> None:
    # 100 s of training pay for 2 s, of which 49 drift checks take 1 s and the first and the last check 0.2 s.
    run = _Run("auto", 0.02, drift_every=2, drift=0.02)
    assert len(run.steps("drift")) + len([s for s in run.steps("schedule") if s % 2 == 0]) == 49
    assert 5 <= len(run.steps("schedule")) <= 10
    assert run.watched <= 0.02 * run.trained


def test_two_cadences_that_stretch_share_what_there_is() -> None:
    run = _Run("auto", 0.02, drift_every=0.01, full=0.2, drift=0.04)
    assert len(run.steps("schedule")) >= 3
    assert len(run.steps("drift")) >= 15
    assert 0.012 * run.trained <= run.watched <= 0.02 * run.trained
    assert len(run.said) == 1
    assert run.note is not None
    assert "every='auto' and" in run.note
    assert "drift_every=0.01" in run.note


def test_a_full_check_that_is_left_out_makes_room_for_a_drift_check() -> None:
    run = _Run("auto", 1e-9, drift_every=1)
    assert run.steps("drift") == list(range(1, 100))


def test_a_drift_check_waits_for_the_evaluation_at_its_step() -> None:
    run = _Run("eval", 1.0, drift_every=5, max_steps=20, eval_every=10)
    assert run.checks == {5: "drift", 10: "evaluate", 15: "drift", 20: "end"}


def test_checks_that_turn_out_cheap_are_made_more_often() -> None:
    dear = _Run("auto", 0.02, baseline=0.5, full=0.5)
    cheap = _Run("auto", 0.02, baseline=0.5, full=0.05)
    assert len(cheap.checks) > 2 * len(dear.checks)
    assert cheap.watched <= 0.02 * cheap.trained


def test_a_resumed_run_counts_what_this_process_did() -> None:
    run = _Run("auto", 0.02, start_step=50, baseline=0.1)
    assert run.watched <= 0.02 * run.trained
    assert len(run.checks) >= 8


def test_the_time_of_the_watch_is_no_training_time() -> None:
    # If it were, the first check would pay for the others.
    run = _Run("auto", 0.5, full=10.0, baseline=0.1, step_seconds=0.1)
    assert run.steps("schedule") == [5]


def test_an_early_check_shows_that_checks_cost_less_than_the_baseline() -> None:
    run = _Run("auto", 0.04, baseline=1.0, full=0.05)
    assert run.steps()[0] == 5
    assert len(run.checks) == 20


def test_drift_checks_that_are_all_paid_for_stand_close_to_full_ones_too() -> None:
    run = _Run(0.05, 0.9, drift_every=0.02)
    assert run.steps() == sorted({*range(5, 101, 5), *range(2, 101, 2)})
    assert run.said == []
