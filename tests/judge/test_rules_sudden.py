"""What is said of a single check without a trend, and how often anything is said when nothing has changed."""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import FALLING, N, Run, course

from anchorwatch.judge.rules import RULES
from anchorwatch.judge.rules.collapsed import collapsed
from anchorwatch.judge.trends import WATCH
from anchorwatch.records import Flag


def broken(anchors: int, samples: float | None = 0, planned: int = 20) -> Run:
    """So many answers break down at check 3 that did not, and still do; other metrics share the trends' error rate."""
    run = course(losses=(), planned=planned)
    for metric in ("contract_pass", "format", "preference", "declines", "sample_agreement"):
        run.put(metric, 1, samples=1)[-1, 1] = 0
    run.put("action_degenerate", 0, samples=samples)[:anchors, 3:] = 1
    return run


def at_once(flags: tuple[Flag, ...]) -> list[Flag]:
    """Those that rest on no trend."""
    return [flag for flag in flags if "share" in flag.evidence]


def test_a_fifth_of_the_answers_newly_broken_is_a_watch_at_once() -> None:
    (flag,) = at_once(collapsed(broken(5).judged(), 3))
    assert (flag.level, flag.since_step, flag.metric) == ("watch", 30, "action_degenerate")
    assert flag.anchor_ids == ("risk-0", "risk-1", "risk-2", "risk-3", "risk-4")
    assert flag.evidence["share"] == pytest.approx(5 / 24)
    assert flag.evidence["p"] == pytest.approx(20 * 0.2**5), "one of five answers is the one now, in each of 5 anchors"
    assert collapsed(broken(4).judged(), 3) == ()
    assert collapsed(broken(5, planned=5000).judged(), 3) == (), "in so long a run it will happen once"


def test_what_a_sampled_answer_of_the_baseline_did_is_not_new() -> None:
    run = broken(6)
    number = [each.metric for each in run.series.behaviours].index("action_degenerate")
    run.series.samples[:2, 0, number, 0] = 1
    assert collapsed(run.judged(), 3) == ()


def test_without_sampled_answers_it_takes_two_checks_in_a_row() -> None:
    judged = broken(7, samples=None).judged()
    assert collapsed(judged, 3) == ()
    (flag,) = at_once(collapsed(judged, 4))
    assert (flag.level, len(flag.anchor_ids)) == ("watch", 7)
    assert collapsed(broken(6, samples=None).judged(), 8) == (), "a lucky baseline can do that"
    run = broken(7, samples=None)
    run.series.carried[4:6] = True  # drift checks, which repeat what check 3 scored
    assert [bool(collapsed(run.judged(), at)) for at in range(3, 8)] == [False, False, False, True, True]


def test_greedy_answers_that_were_worse_than_sampled_ones_must_be_newly_bad_by_their_own_measure() -> None:
    run = broken(6)
    number = [each.metric for each in run.series.behaviours].index("action_degenerate")
    scores = run.series.scores[:, :, number]
    scores[20:, 0] = 1  # four were broken at the baseline, and are not now
    scores[:16, 3:] = 1
    assert run.judged().sudden.p[3, number] <= WATCH, "sixteen to four"
    scores[11:, 3:] = 0
    assert run.judged().sudden.p[3, number] > WATCH, "eleven to four"
    scores[20:, 0] = 0
    assert run.judged().sudden.p[3, number] <= WATCH, "eleven to none"


def test_what_mends_is_taken_off() -> None:
    run = broken(9)
    run.series.scores[12:20, :3, [each.metric for each in run.series.behaviours].index("action_degenerate")] = 1
    assert at_once(collapsed(run.judged(), 3)) == []


def test_thresholds_reach_it() -> None:
    run = broken(5)
    assert collapsed(run.judged(alarm=0.001, watch=0.005), 3) == ()
    assert len(collapsed(run.judged(alarm=0.001, watch=0.01), 3)) == 1


@pytest.mark.parametrize("floor", [True, False])
def test_at_most_one_quiet_run_in_four_has_a_watch(floor: bool) -> None:
    """Every answer jitters independently. Of 30 runs, 13 or more would have a probability below 3%."""
    random = np.random.default_rng(6)
    watches = 0
    for _ in range(30):
        run = course(checks=20, losses=FALLING)
        for number, behaviour in enumerate(run.series.behaviours):
            usual, seldom = random.beta(2, 2, 2 * N), random.beta(1, 5, 2 * N)
            rate = usual if behaviour.rule != "collapsed" else seldom if behaviour.worse == "up" else 1 - seldom
            run.series.scores[:, :, number] = random.random((2 * N, 21)) < rate[:, None]
            if floor:
                run.series.samples[:, 0, number] = random.random((2 * N, 4)) < rate[:, None]
        judged = run.judged()
        raised = [flag for at in range(1, 21) for rule in RULES for flag in rule(judged, at)]
        watches += any(flag.level == "watch" for flag in raised)
    assert watches <= 12
