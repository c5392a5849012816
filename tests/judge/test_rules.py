from __future__ import annotations

import json

import numpy as np
import pytest
from hand_made import CORE, FALLING, FLAT, RISING, RISK, N, course

from anchorwatch.judge.rules import RULES
from anchorwatch.judge.rules.churn import churn
from anchorwatch.judge.rules.collapsed import collapsed
from anchorwatch.judge.rules.overconfident import overconfident
from anchorwatch.judge.rules.regressed import regressed
from anchorwatch.judge.rules.reverse import reverse
from anchorwatch.judge.rules.stalled import stalled
from anchorwatch.judge.rules.unstable import unstable
from anchorwatch.records import LossPoint


def falls(losses):
    """Contract pass of ten risk anchors breaks at check 3."""
    run = course(losses=losses)
    run.put("contract_pass", 1, samples=1)[:10, 3:] = 0
    return run.judged()


def test_regressed_says_loss_behaviour_interval_p_and_what_to_do() -> None:
    (flag,) = regressed(falls(FALLING), 8)
    assert (flag.rule, flag.level, flag.metric, flag.step) == ("regressed", "alarm", "contract_pass", 80)
    assert 30 <= flag.since_step <= 50
    assert flag.group in ("all", "risk")
    assert flag.anchor_ids == tuple(f"risk-{i}" for i in range(10))
    behaviour, loss = flag.evidence["behaviour"], flag.evidence["loss"]
    assert behaviour["before"] == 1
    assert behaviour["after"] < 0.6
    assert behaviour["change_low"] < behaviour["after"] - 1 < behaviour["change_high"] < 0
    assert behaviour["p"] <= 0.05
    assert (loss["name"], loss["before"] > loss["after"]) == ("loss", True)
    assert flag.evidence["outputs"] == {"before": 0, "now": 80}
    assert json.loads(json.dumps(flag.evidence)) == flag.evidence
    for words in ("contract pass", "fell from 100%", "loss went from", "risk-0, risk-1, risk-2 and 7 more"):
        assert words in flag.message
    assert "\n" not in flag.message


def test_regressed_is_at_most_watch_where_the_loss_says_nothing_and_silent_where_it_is_worse() -> None:
    for losses in (FLAT, (), FALLING[:3]):
        (flag,) = regressed(falls(losses), 8)
        assert flag.level == "watch"
    assert regressed(falls(RISING), 8) == ()


OVERFITTED = (*FALLING, *(LossPoint(step, "eval_loss", 1 + 0.01 * step) for step in range(5, 101, 5)))
"""The rows are learnt by heart: the train loss falls, the eval loss rises."""


def test_regressed_hears_what_is_lost_while_the_rows_are_learnt_by_heart() -> None:
    (flag,) = regressed(falls(OVERFITTED), 8)
    assert flag.level == "watch", "the eval loss warns already"
    assert "while loss went from" in flag.message
    assert flag.evidence["loss"]["name"] == "loss"
    assert flag.evidence["loss"]["after"] < flag.evidence["loss"]["before"]
    rising = tuple(point for point in OVERFITTED if point.name == "eval_loss")
    for train in ((), FLAT, RISING):
        assert regressed(falls((*train, *rising)), 8) == (), "nothing says that the training succeeds"


def test_the_eval_loss_is_named_where_both_are_better() -> None:
    evaluated = tuple(LossPoint(point.step, "eval_loss", point.value) for point in FALLING)
    (flag,) = regressed(falls((*FALLING, *evaluated)), 8)
    assert flag.evidence["loss"]["name"] == "eval_loss"
    (flag,) = regressed(falls((*RISING, *evaluated)), 8)
    assert flag.evidence["loss"]["name"] == "eval_loss"


def test_the_checkpoint_to_go_back_to_is_from_before_the_behaviour_turned() -> None:
    """A number must differ at two checks: when that is said, the first of them was bad already."""
    run = course()
    run.numbers("contract_pass")
    scores = run.put("contract_pass", 0.9)
    scores[:, 4:] = 0.4
    (flag,) = regressed(run.judged(), 5)
    assert flag.since_step == 50
    assert "a checkpoint from before step 40 " in flag.message
    scores[0, 1:4] -= 0.5
    assert "before step 40 " in regressed(run.judged(), 5)[0].message, "a single anchor had moved"
    scores[:, 1:4] = 0.7
    assert "go back to the model as it was " in regressed(run.judged(), 5)[0].message


def test_regressed_is_silent_before_the_fall_and_for_a_single_anchor() -> None:
    assert regressed(falls(FALLING), 2) == ()
    run = course()
    run.put("contract_pass", 1, samples=1)[:1, 3:] = 0
    assert regressed(run.judged(), 8) == ()


def test_declining_is_worse_on_core_anchors_and_better_on_risk_anchors() -> None:
    run = course()
    run.put("declines", 0, worse="up", samples=0)[CORE, 2:] = 1
    run.series.scores[RISK] = np.nan
    (flag,) = regressed(run.judged(), 8)
    assert (flag.level, flag.metric, flag.group) == ("alarm", "declines", "core")
    assert "declining on core anchors rose from 0% to 100%" in flag.message


def test_reverse_is_never_more_than_watch() -> None:
    run = course(losses=RISING)
    run.put("contract_pass", 0, samples=0)[:, 2:] = 1
    (flag,) = reverse(run.judged(), 8)
    assert (flag.level, flag.metric) == ("watch", "contract_pass")
    assert flag.evidence["loss"]["after"] > flag.evidence["loss"]["before"]
    assert "do not stop" in flag.message


def test_reverse_hears_a_loss_that_fell_and_rises_again() -> None:
    back = (*FALLING[:40], *(type(p)(p.step, p.name, 2.2 + 0.03 * (p.step - 40)) for p in FALLING[40:80]))
    for losses, heard in ((back, 1), (FALLING, 0)):
        run = course(losses=losses)
        run.put("contract_pass", 0, samples=0)[:, 2:] = 1
        assert len(reverse(run.judged(), 8)) == heard


@pytest.mark.parametrize(("losses", "level"), [(FALLING, "alarm"), (OVERFITTED, "watch")])
def test_churn_is_as_many_better_as_worse_beyond_noise(losses, level) -> None:
    run = course(losses=losses)
    scores = run.put("contract_pass", 1)
    turned = [0, 1, 2, 3, 12, 13, 14, 15]
    scores[::2] = 0
    run.series.samples[:, 0, 0] = scores[:, :1]
    scores[turned, 2:] = 1 - scores[turned, 2:]
    (flag,) = churn(run.judged(), 8)
    assert (flag.level, flag.evidence["loss"]["name"]) == (level, "loss")
    assert "while loss went from" in flag.message
    assert len(flag.evidence["worse"]) == len(flag.evidence["better"]) == 4
    assert set(flag.anchor_ids) == {run.series.anchor_ids[each] for each in turned}
    assert not regressed(run.judged(), 8)


def test_a_fall_is_no_churn() -> None:
    assert churn(falls(FALLING), 8) == ()


def still(losses=FALLING):
    run = course(losses=losses, planned=8)
    run.put("contract_pass", 1, samples=1)
    run.series.drift["kl"][:] = 0.002
    run.series.drift["changed"][:] = 0
    return run


def test_stalled_waits_for_a_third_of_the_run() -> None:
    judged = still().judged()
    assert stalled(judged, 2) == ()
    (flag,) = stalled(judged, 3)
    assert (flag.level, flag.evidence["kl"]) == ("watch", pytest.approx(0.002))
    assert "100% of the answers are those of the baseline" in flag.message


def test_stalled_is_silent_when_anything_moves_or_the_loss_does_not() -> None:
    assert stalled(still(FLAT).judged(), 8) == ()
    far, moved, unmeasured = still(), still(), still()
    far.series.drift["kl"][:] = 0.3
    moved.series.scores[:, 2:, 0] = 0
    unmeasured.series.drift["kl"][:] = np.nan
    assert stalled(far.judged(), 8) == stalled(moved.judged(), 8) == ()
    assert len(stalled(unmeasured.judged(), 8)) == 1
    unmeasured.series.drift["changed"][0] = 1
    assert stalled(unmeasured.judged(), 8) == ()


def declining(lost_by_refusals: float, lost_by_others: float):
    """Every risk anchor is declined to the end; the old answers lose probability."""
    run = course()
    run.put("declines", 1, worse="down", samples=1)
    run.series.scores[CORE] = np.nan
    run.series.declined[RISK] = True
    lost = run.series.drift["logprob_lost"]
    jitter = np.linspace(0.9, 1.1, N)
    lost[RISK, 1:] = lost_by_refusals * jitter[:, None]
    lost[CORE, 1:] = lost_by_others * jitter[:, None]
    return run


def test_overconfident_warns_before_any_text_has_changed() -> None:
    (flag,) = overconfident(declining(0.4, 0.1).judged(), 3)
    assert (flag.level, flag.metric, flag.group) == ("watch", "logprob_lost", "risk")
    assert flag.anchor_ids[0] == "risk-11"
    assert flag.evidence["behaviour"]["after"] == pytest.approx(0.3, abs=0.02)
    assert "0.3 nats" in flag.message


def test_a_skewed_loss_that_all_answers_share_is_no_warning() -> None:
    """The mean of a skewed law lies above its median, also where both groups follow it."""
    random, warned = np.random.default_rng(4), 0
    for _ in range(60):
        run = declining(0, 0)
        lost = random.lognormal(-2, 1, 2 * N)[:, None] * random.lognormal(0, 0.5, (2 * N, 9))
        run.series.drift["logprob_lost"][:] = lost * np.linspace(0, 4, 9)
        judged = run.judged()
        warned += any(overconfident(judged, at) for at in range(1, 9))
    assert warned <= 15


def test_one_check_is_no_warning_and_a_wider_threshold_may_be() -> None:
    run = declining(0.4, 0.1)
    run.series.drift["logprob_lost"][RISK, 1:3] = 0.1
    assert overconfident(run.judged(), 3) == ()
    assert len(overconfident(run.judged(), 4)) == 1
    assert overconfident(run.judged(alarm=1e-9, watch=1e-9), 4) == ()


@pytest.mark.parametrize(("refusals", "others"), [(0.4, 0.4), (0.1, 0.4), (0.03, 0.0)])
def test_what_every_answer_loses_is_no_warning(refusals: float, others: float) -> None:
    assert overconfident(declining(refusals, others).judged(), 8) == ()


def test_one_refusal_in_the_place_of_another_is_no_warning() -> None:
    run = declining(0.4, 0.1)
    run.series.drift["changed"][RISK, 1:] = 1
    assert overconfident(run.judged(), 8) == ()


def test_overconfident_is_an_alarm_once_risk_anchors_are_answered() -> None:
    run = declining(0.4, 0.1)
    run.series.scores[:9, 4:][~np.isnan(run.series.scores[:9, 4:])] = 0
    (flag,) = overconfident(run.judged(), 8)
    assert (flag.level, flag.metric, flag.group) == ("alarm", "declines", "risk")
    assert set(flag.anchor_ids) == {f"risk-{i}" for i in range(9)}


def test_unstable_is_a_trend_of_sample_agreement() -> None:
    run = course()
    run.numbers("sample_agreement")
    scores = run.put("sample_agreement", 0.8)
    assert unstable(run.judged(), 8) == ()
    scores[:, 3:] = np.linspace(0.3, 0.6, 2 * N)[:, None]
    (flag,) = unstable(run.judged(), 8)
    assert (flag.level, flag.metric) == ("alarm", "sample_agreement")
    assert "from 0.8 to 0.45" in flag.message
    assert "sampled answers of risk-0" in flag.message


def test_collapsed_is_watch_at_once_and_alarm_by_a_trend_whatever_the_loss() -> None:
    for samples, level in ((None, "watch"), (0, "alarm")):
        run = course(losses=())
        run.put("truncated", 0, samples=samples)[9:15, 3:] = 1
        judged = run.judged()
        assert collapsed(judged, 2) == ()
        (first,), (flag,) = collapsed(judged, 3), collapsed(judged, 4)
        assert (first.level, first.since_step) == ("watch", 30), "one check is no trend"
        assert (flag.level, flag.since_step, flag.metric) == (level, 30, "truncated")
        assert flag.anchor_ids == ("risk-9", "risk-10", "risk-11", "core-0", "core-1", "core-2")


def test_what_only_a_single_check_shows_is_no_alarm() -> None:
    """As when a check in the middle of a training finds half of the answers broken, and the next ones none."""
    run = course()
    run.put("truncated", 0, samples=0)[9:27, 3] = 1
    judged = run.judged()
    assert [[flag.level for flag in collapsed(judged, at)] for at in range(3, 6)] == [["watch"], [], []]


def test_collapsed_is_silent_for_what_was_so_and_for_what_changes_both_ways() -> None:
    run = course()
    scores = run.put("truncated", 0)
    scores[::2] = 1
    assert collapsed(run.judged(), 8) == ()
    scores[:6, 8] = 1 - scores[:6, 8]
    assert collapsed(run.judged(), 8) == ()


def test_no_rule_speaks_when_nothing_was_scored() -> None:
    judged = course(losses=()).judged()
    assert [rule(judged, 8) for rule in RULES] == [()] * len(RULES)
