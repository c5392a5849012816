from __future__ import annotations

import re
from itertools import product
from typing import Any

import numpy as np
import pytest

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.judge.exact import Array, draws, sign_flips, tails
from anchorwatch.judge.hearing import heard, statement
from anchorwatch.judge.trends import ALARM, WATCH, Trends, level, trends
from anchorwatch.judge.whole_run import LEAST, over_looks


def judge(scores: Array, samples: Array | None = None, **settings: Any) -> Trends:
    metrics = scores.shape[2]
    settings = {"worse": ["down"] * metrics, "yes_no": [True] * metrics, "planned": 20, **settings}
    return trends(scores, samples=samples, **settings)


def steady(anchors: int, checks: int, value: float = 1.0) -> tuple[Array, Array]:
    """One metric that never moves, with four samples at baseline."""
    return np.full((anchors, 1 + checks, 1), value), np.full((anchors, 1, 1, 4), value)


def quiet(random: np.random.Generator, anchors: int, checks: int, metrics: int = 8) -> tuple[Array, Array]:
    propensity = random.beta(2, 2, size=(anchors, 1, metrics))
    scores = random.random((anchors, checks + 1, metrics)) < propensity
    samples = random.random((anchors, 1, metrics, 4)) < propensity[..., None]
    return scores.astype(float), samples.astype(float)


def test_a_fall_of_decided_anchors_is_an_alarm_that_says_from_what_to_what() -> None:
    scores, samples = steady(12, 8)
    scores[:8, 4:] = 0
    judged = judge(scores, samples)
    assert [level(judged.p[at, 0, 0], lasts=judged.lasts[at, 0, 0]) for at in (3, 4, 6)] == [None, "watch", "alarm"]
    assert (judged.before[6, 0, 0], judged.after[6, 0, 0]) == (1, pytest.approx(1 / 3))
    assert np.nansum(judged.by_anchor[:, 4, 0]) == -8, "of the check itself, not of three"
    assert judged.change[6, 0, 0] == pytest.approx(-2 / 3)
    assert -1 <= judged.low[6, 0, 0] < -2 / 3 < judged.high[6, 0, 0] < 0
    assert judged.better_p[6, 0, 0] == 1


def test_direction() -> None:
    scores, samples = steady(12, 6)
    scores[:, 3:] = 0
    down, up, either = (judge(scores, samples, worse=[side]) for side in ("down", "up", None))
    assert down.p[-1] <= ALARM
    assert up.p[-1] == 1
    assert up.better_p[-1] == down.p[-1]
    assert either.p[-1] == pytest.approx(2 * down.p[-1])
    mirrored = judge(1 - scores, 1 - samples, worse=["up"])
    np.testing.assert_allclose(mirrored.p, down.p)


def test_a_single_flip_is_nothing_however_steady_the_rest() -> None:
    scores, samples = steady(30, 10)
    scores[0, 5:] = 0
    judged = judge(scores, samples)
    assert judged.p.min() > WATCH
    assert judged.churn_p.min() > WATCH


def test_what_persists_is_one_piece_of_evidence() -> None:
    random = np.random.default_rng(3)
    samples = (random.random((10, 1, 1, 4)) < 0.6).astype(float)
    fresh = (random.random((10, 4, 1)) < 0.6).astype(float)
    fresh[:, 1:] = 0
    jittering = np.concatenate([(random.random((10, 30, 1)) < 0.6).astype(float), np.zeros((10, 3, 1))], axis=1)
    persisting = np.concatenate([fresh[:, :1].repeat(30, axis=1), np.zeros((10, 3, 1))], axis=1)
    assert judge(jittering, samples).p[-1, 0, 0] < judge(persisting, samples).p[-1, 0, 0]


def test_greedy_answers_that_were_always_worse_than_samples_are_no_fall() -> None:
    scores, _ = steady(40, 20, value=0.0)
    samples = np.tile([1.0, 1.0, 0.0, 1.0], (40, 1, 1, 1))
    assert judge(scores, samples).p.min() == 1


def test_a_lucky_greedy_baseline_is_no_fall() -> None:
    scores, _ = steady(40, 20)
    samples = np.tile([1.0, 0.0, 0.0, 1.0], (40, 1, 1, 1))
    scores[:20, 1:] = 0
    assert judge(scores, samples).p.min() > WATCH


def test_later_samples_are_compared_with_samples() -> None:
    scores, samples = steady(12, 4)
    samples = np.concatenate([samples, np.zeros((12, 4, 1, 4))], axis=1)
    judged = judge(scores, samples)
    assert judged.p[2, 0, 0] <= ALARM
    assert judged.after[2, 0, 0] == 0


@pytest.mark.parametrize("at", [1, 4, 7])
@pytest.mark.parametrize("neighbours", [0, 1])
def test_an_alarm_lasts_over_two_checks_that_each_show_it(at: int, neighbours: int) -> None:
    scores, samples = steady(24, 8)
    scores[:12, at] = 0
    for near in {at - 1, at + 1} - {0, 9}:
        scores[12 : 12 + neighbours, near] = 0
    passing = judge(scores, samples)
    assert passing.p.min() <= WATCH
    assert passing.ringing[0].min() > ALARM
    for near in {at - 1, at + 1} - {0, 9}:
        scores[12:15, near] = 0
    assert judge(scores, samples).ringing[0].min() <= ALARM


def test_the_interval_of_a_change_is_never_without_width() -> None:
    scores, samples = steady(12, 4)
    scores[:, 1:] = 0
    judged = judge(scores, samples)
    assert judged.low[4, 0, 0] == -1
    assert -1 < judged.high[4, 0, 0] < -0.5


def test_numbers_are_tested_without_samples() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(size=(12, 8, 1))
    assert judge(scores, yes_no=[False]).p.min() > ALARM
    scores[:, 4:] -= 5
    judged = judge(scores, yes_no=[False])
    assert judged.p[6, 0, 0] <= ALARM
    assert judged.churn_p.min() == 1
    same = judge(np.concatenate([np.ones((12, 1, 1)), np.zeros((12, 3, 1))], axis=1), yes_no=[False])
    assert 0 < same.p.min() < 1


def test_churn_without_net_change() -> None:
    scores, samples = steady(40, 8)
    scores[::2], samples[::2] = 0, 0
    scores[:, 4:] = 1 - scores[:, 4:]
    judged = judge(scores, samples)
    assert judged.change[6, 0, 0] == 0
    assert judged.p.min() > WATCH
    assert level(judged.churn_p[6, 0], lasts=judged.churn_lasts[6, 0]) == "alarm"


def test_a_fall_in_one_kind_is_found_there() -> None:
    scores, samples = steady(40, 8)
    scores[:10, 3:] = 0
    judged = judge(scores, samples, groups=[range(10), range(10, 40), range(3)])
    assert judged.p[-1, 0, 1] <= ALARM
    assert judged.p[-1, 0, 2] == 1
    assert judged.p[-1, 0, 3] == 1  # three anchors are no group to test
    assert judged.after[-1, 0].tolist() == [0.75, 0, 1, 0]


def test_it_cannot_speak_of_too_few() -> None:
    for anchors in (0, 1, LEAST - 1):
        scores, samples = steady(anchors, 6)
        scores[:, 2:] = 0
        judged = judge(scores, samples)
        assert min(judged.p.min(initial=1), judged.churn_p.min(initial=1)) == 1
    scores, samples = steady(12, 0)
    judged = judge(scores, samples)
    assert judged.p.shape == (1, 1, 1)
    assert judged.p.min() == 1
    assert np.isnan(judged.before).all()


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("floor", [1, 2, 8])
def test_anchors_without_samples_are_heard_beside_those_with(floor: int, later: bool) -> None:
    """As where a contract on a metric of one's own cannot be checked on the samples of most anchors."""
    scores, samples = steady(24, 8)
    samples = np.repeat(samples, 9, axis=1) if later else samples
    samples[floor:] = np.nan
    scores[floor:, 4:] = 0
    judged = judge(scores, samples)
    assert judged.p[:4].min() == 1
    assert judged.p[5:].max() <= ALARM
    assert judged.ringing[0][5:].max() <= ALARM
    assert judged.after[-1, 0, 0] == pytest.approx(floor / 24)


def test_samples_are_not_forgotten_where_checks_between_draw_none() -> None:
    """The greedy answers stay; from check 10 on all sampled ones are worse; samples are drawn at every fifth check."""
    scores, samples = steady(12, 30)
    samples = np.full((12, 31, 1, 4), np.nan)
    samples[:, ::5] = 1
    samples[:, 10::5] = 0
    judged = judge(scores, samples)
    assert [float(judged.p[at, 0, 0]) <= ALARM for at in (9, 10, 14, 15, 19, 20, 30)] == [False] + [True] * 6
    assert judged.lasts[:, 0, 0].tolist() == [False] * 15 + [True] * 16, "shown by two checks that drew samples"
    assert judged.after[12, 0, 0] == 0
    assert judged.by_anchor[:, 12, 0].tolist() == [-1] * 12


def test_what_is_no_worse_at_the_check_itself_is_over() -> None:
    scores, samples = steady(24, 8)
    scores[:12, 4:6] = 0
    judged = judge(scores, samples)
    assert judged.ringing[0][5, 0, 0] <= ALARM
    assert judged.p[6:].min() == 1


def test_churn_at_a_single_check_is_no_alarm() -> None:
    scores, samples = steady(40, 8)
    scores[::2], samples[::2] = 0, 0
    scores[:, 1] = 1 - scores[:, 1]
    judged = judge(scores, samples)
    assert judged.churn_p[1, 0] <= ALARM
    assert judged.ringing[1].min() == 1


def test_greedy_answers_that_loop_more_than_sampled_ones_seldom_ring() -> None:
    """Of 150 quiet runs whose greedy answers are bad twice as often; of 16 or more the probability is 1%."""
    random = np.random.default_rng(0)
    rung, unaware = 0, 0
    for _ in range(150):
        propensity = random.beta(1, 4, size=(24, 1, 1))
        scores = (random.random((24, 21, 1)) < propensity).astype(float)
        samples = (random.random((24, 1, 1, 4)) < propensity[..., None] / 2).astype(float)
        settings = {"worse": ["up"], "yes_no": [True], "planned": 20, "among": 8}
        rung += trends(scores, samples=samples, greedy_worse=[True], **settings).ringing[0].min() <= ALARM
        unaware += trends(scores, samples=samples, **settings).ringing[0].min() <= ALARM
    assert rung < 16 < unaware


def test_missing_scores_are_missing() -> None:
    scores, samples = steady(12, 6)
    scores[:, 3:] = 0
    with_gaps, samples_with_gaps = np.concatenate([scores, scores]), np.concatenate([samples, samples])
    with_gaps[12:] = np.nan
    samples_with_gaps[12:] = np.nan
    np.testing.assert_allclose(judge(with_gaps, samples_with_gaps).p, judge(scores, samples).p)
    nothing = judge(np.full_like(scores, np.nan), np.full_like(samples, np.nan))
    assert nothing.p.min() == 1
    assert np.isnan(nothing.after).all()
    scores[:, 1:] = np.nan
    assert judge(scores, samples).p.min() == 1


def test_metrics_that_cannot_move_cost_nothing() -> None:
    scores, samples = steady(12, 6)
    scores[:9, 3:] = 0
    constant, of_it = np.ones((12, 7, 20)), np.ones((12, 1, 20, 4))
    both = judge(np.concatenate([scores, constant], axis=2), np.concatenate([samples, of_it], axis=2))
    np.testing.assert_allclose(both.p[..., :1, :], judge(scores, samples).p)


def test_the_beginning_of_a_run_is_judged_as_if_it_ended_there() -> None:
    random = np.random.default_rng(5)
    scores, samples = quiet(random, 20, 25)
    scores[:, 12:, 0] = 0
    samples = np.concatenate([samples, np.full((20, 25, 8, 4), np.nan)], axis=1)
    samples[:, 18] = samples[:, 0]
    scores[3, 5:9] = np.nan
    groups = [range(10), range(10, 20)]
    whole = judge(scores, samples, groups=groups)
    for checks in (1, 2, 3, 13, 15, 19, 22, 26):
        part = judge(scores[:, :checks], samples[:, :checks], groups=groups)
        for name in ("before", "after", "low", "high", "p", "better_p", "churn_p", "lasts", "churn_lasts"):
            np.testing.assert_allclose(getattr(part, name), getattr(whole, name)[:checks], rtol=1e-9, err_msg=name)


def test_the_same_input_gives_the_same_answer_and_stays_as_it_was() -> None:
    scores, samples = quiet(np.random.default_rng(1), 30, 20)
    before = scores.copy(), samples.copy()
    one, two = judge(scores, samples), judge(scores, samples)
    np.testing.assert_array_equal(one.p, two.p)
    np.testing.assert_array_equal(scores, before[0])
    np.testing.assert_array_equal(samples, before[1])
    order = np.random.default_rng(2).permutation(30)
    np.testing.assert_allclose(judge(scores[order], samples[order]).p, one.p)


def test_quiet_runs_stay_quiet_and_falls_are_heard() -> None:
    random = np.random.default_rng(11)
    alarms = heard_falls = 0
    for _ in range(100):
        scores, samples = quiet(random, 24, 20)
        judged = judge(scores, samples)
        alarms += min(p.min() for p in judged.ringing) <= ALARM
        scores[:, 10:, 0] *= random.random((24, 11)) < 0.2
        heard_falls += judge(scores, samples).ringing[0][10:13, 0].min() <= ALARM
    assert alarms <= 5
    assert heard_falls >= 70


def test_exact_tails_agree_with_counting() -> None:
    baseline, k, now, m = (np.array(each)[:, None, None] for each in ([4, 1, 2], [4, 2, 4], [0, 1, 1], [3, 2, 3]))
    terms = draws(baseline, k, now, m, np.zeros((1, 1)))
    at_most, at_least = tails(terms.at(np.array([0]), np.array([0])), np.array([2]))
    urns = [[1] * 4 + [0] * 3, [1] * 2 + [0] * 2, [1] * 3 + [0] * 4]
    ways: list[list[int]] = []
    for urn, count in zip(urns, (3, 2, 3), strict=True):
        picks = [pick for pick in product(range(2), repeat=len(urn)) if sum(pick) == count]
        ways.append([sum(one for one, taken in zip(urn, pick, strict=True) if taken) for pick in picks])
    sums = np.array([sum(each) for each in product(*ways)])
    assert at_most[0] == pytest.approx((sums <= 2).mean())
    assert at_least[0] == pytest.approx((sums >= 2).mean())


def test_sign_flips_are_the_sign_test_where_all_differences_are_whole() -> None:
    terms = sign_flips(np.array([-1.0, -1, -1, -1, 1, 0, np.nan])[:, None, None])
    at_most, _ = tails(terms.at(np.array([0]), np.array([0])), terms.seen.sum(axis=0)[0])
    assert at_most[0] == pytest.approx(6 / 32)


def test_correction_over_looks() -> None:
    def corrected(p: float, looks: int, shared: float) -> float:
        return float(over_looks(np.array([p]), np.array([looks]), np.array([shared]))[0])

    assert corrected(0.01, 1, 0.4) == pytest.approx(0.01, rel=0.02)
    assert corrected(0.001, 20, 0.4) < corrected(0.001, 20, 0.1) < 0.02
    assert corrected(0.001, 5, 0.4) < corrected(0.001, 100, 0.4)
    random = np.random.default_rng(0)
    window = np.cumsum(np.pad(random.standard_normal((50_000, 22)), ((0, 0), (1, 0))), axis=1)
    looks = np.sqrt(0.4) * random.standard_normal((50_000, 1)) + np.sqrt(0.6 / 3) * (window[:, 3:] - window[:, :-3])
    assert corrected(0.00135, 20, 0.4) == pytest.approx((looks.max(axis=1) > 3).mean(), rel=0.12)


def test_what_a_set_can_hear() -> None:
    assert heard(4, 0.9, 0.1) == 0
    assert heard(8, 0.9, 0.4, of=24) < heard(8, 0.9, 0.4) < heard(12, 0.9, 0.1)
    assert heard(12, 0.9, 0.4, k=0) < 0.5


def test_what_people_are_told_before_the_run() -> None:
    def anchors(risk: int, core: int) -> AnchorSet:
        kinds = ["risk"] * risk + ["core"] * core
        return load([{"id": f"a{n}", "kind": kind, "prompt": f"{n}?"} for n, kind in enumerate(kinds)])

    told = statement(anchors(8, 16).anchors)
    assert re.fullmatch(
        r"a fall from 90% to 40% is seen with probability (1\.00|\.9\d) over all 24 anchors, "
        r"\.\d\d over the 8 risk anchors",
        told,
    )
    assert statement(anchors(3, 16).anchors).endswith(
        "never over 3 risk anchors, whose contracts are judged one by one"
    )
    assert statement(anchors(6, 0).anchors).endswith("over all 6 anchors")


def test_level() -> None:
    ps = (0.0, 0.05, 0.051, 0.25, 0.26, 1.0)
    assert [level(p, lasts=True) for p in ps] == ["alarm", "alarm", "watch", "watch", None, None]
    assert [level(p, lasts=False) for p in ps] == ["watch"] * 4 + [None] * 2


def test_a_number_must_differ_at_two_checks_with_scores_of_their_own() -> None:
    random = np.random.default_rng(3)
    scores = random.normal(0, 0.1, (24, 7, 1))
    scores[:, 3] -= 1  # one bad check, which the drift checks after it repeat
    scores[:, 4] = scores[:, 5] = scores[:, 3]
    carried = np.array([False, False, False, False, True, True, False])[:, None]

    def p(**options: Any) -> np.ndarray:
        return trends(scores, worse=["down"], yes_no=[False], planned=6, **options).p[:, 0, 0]

    assert p()[4] <= ALARM
    assert (p(carried=carried) > ALARM).all()
    scores[:, 6] -= 1
    found = p(carried=carried)
    assert found[6] <= ALARM
    assert found[4] == found[5] == found[3] > ALARM
