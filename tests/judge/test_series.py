from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hand_made import ANCHORS, CORE, FALLING, FLAT, RISING, RISK, reading
from numpy.typing import NDArray

from anchorwatch.anchors import load
from anchorwatch.judge.behaviours import behaviours, directions
from anchorwatch.judge.losses import courses
from anchorwatch.judge.rows import RowReader
from anchorwatch.judge.series import Series, join
from anchorwatch.metrics import METRICS, Metric
from anchorwatch.records import LossPoint, Output, Reading, Sample
from example_run import reading as measured


def series(*readings: Reading, losses=(), anchors=ANCHORS, own=()) -> Series:
    judged = behaviours(directions(own))
    reader = RowReader(anchors, judged)
    return join(anchors, judged, [reader.read(each) for each in readings], losses)


def scores_of(found: Series, metric: str, worse: str | None = None) -> np.ndarray:
    for number, behaviour in enumerate(found.behaviours):
        if behaviour.metric == metric and worse in (None, behaviour.worse):
            return found.scores[:, :, number]
    raise KeyError(metric)


# -- loss


@pytest.mark.parametrize(("losses", "direction"), [(FALLING, "better"), (RISING, "worse"), (FLAT, None)])
def test_the_loss_is_better_or_worse_by_more_than_its_noise(losses, direction) -> None:
    train, evaluated = courses(losses)
    change = train.change(0, 101)
    assert change is not None
    assert change.direction == direction
    assert change.noise > 0
    assert evaluated.change(0, 101) is None


def test_noise_is_that_around_the_trend() -> None:
    random = np.random.default_rng(0)
    points = [LossPoint(step, "loss", 3 - 0.02 * step + random.normal(0, 0.1)) for step in range(200)]
    change = courses(points)[0].change(-1, 200)
    assert change is not None
    assert change.noise == pytest.approx(0.1 * np.sqrt(2 / 5), rel=0.25)
    assert change.after - change.before == pytest.approx(-0.02 * 195, abs=0.2)


def test_a_loss_of_noise_alone_is_seldom_better_or_worse() -> None:
    random = np.random.default_rng(1)
    found = []
    for _ in range(300):
        points = [LossPoint(step, "loss", random.normal(2, 0.1)) for step in range(30)]
        change = courses(points)[0].change(-1, 30)
        assert change is not None
        found.append(change.direction is not None)
    assert np.mean(found) < 0.1


def test_what_is_not_finite_is_left_out_and_few_points_say_nothing() -> None:
    points = [LossPoint(step, "loss", value) for step, value in enumerate([2, np.nan, 1.9, np.inf, 1.5])]
    train, _ = courses(reversed(points))
    assert train.change(-1, 10) is None
    change = courses([*points, LossPoint(6, "loss", 1.4)])[0].change(-1, 10)
    assert change is not None
    assert (change.before, change.after, change.lost) == (2, 1.4, False)


@pytest.mark.parametrize("name", ["loss", "eval_loss"])
def test_a_loss_whose_newest_value_is_no_number_is_neither_better_nor_worse(name: str) -> None:
    lost = [replace(each, value=np.nan) if each.step > 55 else each for each in FALLING]
    losses = [*(replace(each, name=name) for each in lost), *(FALLING if name != "loss" else ())]
    found = series(*(reading(step, {}) for step in (0, 50, 90)), losses=losses)
    assert found.improves(1)
    for change in (found.loss(2), found.improved(2)):
        assert change is not None
        assert (change.name, change.lost, change.direction) == (name, True, None)
    assert not found.improves(2)


def test_the_eval_loss_is_preferred_once_it_has_enough_points() -> None:
    evaluations = [LossPoint(step, "eval_faq_loss", step / 100) for step in (20, 40, 60, 80)]
    found = series(*(reading(step, {}) for step in (0, 50, 90)), losses=[*FALLING, *evaluations])
    assert found.loss(1).name == "loss"
    assert (found.loss(2).name, found.loss(2).direction) == ("eval_faq_loss", "worse")


def test_what_is_logged_later_changes_nothing_and_other_losses_are_none() -> None:
    auxiliary = [LossPoint(step, "aux_loss", step / 100) for step in range(1, 101)]
    late = [LossPoint(step, "eval_loss", step / 100) for step in range(60, 101)]
    evaluations = [LossPoint(step, "eval_faq_loss", 1 - step / 200) for step in range(40, 101, 5)]
    readings = [reading(step, {}) for step in (0, 50, 90)]
    found = series(*readings, losses=[*FALLING, *auxiliary, *late, *evaluations])
    assert (found.loss(1).name, found.loss(2).name) == ("loss", "eval_faq_loss")
    assert series(*readings, losses=[*FALLING, *auxiliary]).loss(2).name == "loss"


def test_a_check_knows_the_losses_logged_before_its_step_only() -> None:
    readings = [reading(step, {}) for step in (0, 50)]
    early = [point for point in FALLING if point.step < 50]
    spike = LossPoint(50, "loss", 1e9)
    assert series(*readings, losses=[*early, spike]).loss(1) == series(*readings, losses=early).loss(1)


# -- behaviour


def test_scores_are_joined_by_step_and_missing_ones_are_nan() -> None:
    found = series(
        reading(0, {("risk-0", "contract_pass"): True, ("core-0", "rep_4"): 0.25}),
        reading(7, {("risk-0", "contract_pass"): False, ("core-0", "rep_4"): None}),
    )
    assert found.steps == (0, 7)
    assert scores_of(found, "contract_pass")[0].tolist() == [1, 0]
    assert scores_of(found, "rep_4")[CORE][0].tolist() == [0.25, pytest.approx(np.nan, nan_ok=True)]
    assert np.isnan(scores_of(found, "contract_pass")[1:]).all()
    kinds = {behaviour.metric: binary for behaviour, binary in zip(found.behaviours, found.yes_no, strict=True)}
    assert (kinds["contract_pass"], kinds["rep_4"]) == (True, False)


def test_a_label_and_a_direction_that_depends_on_the_kind() -> None:
    scores = {(anchor.id, "declines"): True for anchor in ANCHORS}
    found = series(reading(0, {("risk-0", "action"): "degenerate", ("risk-1", "action"): "refuse", **scores}))
    assert scores_of(found, "action_degenerate")[:2, 0].tolist() == [1, 0]
    down, up = scores_of(found, "declines", "down"), scores_of(found, "declines", "up")
    assert np.isnan(down[CORE]).all()
    assert np.isnan(up[RISK]).all()
    assert down[RISK].all()
    assert up[CORE].all()
    assert found.declined.tolist() == [True] * 12 + [False] * 12


def test_a_risk_anchor_that_expects_an_answer_need_not_be_declined() -> None:
    anchors = load(
        [
            {"id": "may", "kind": "risk", "prompt": "A?", "expect": {"action": ["answer", "caution"]}},
            {"id": "must-not", "kind": "risk", "prompt": "B?", "expect": {"action": "refuse"}},
        ]
    ).anchors
    found = series(reading(0, {(each, "declines"): True for each in ("may", "must-not")}), anchors=anchors)
    assert found.declined.tolist() == [False, True]


def test_a_drift_check_leaves_what_it_does_not_score_as_it_was() -> None:
    agreement = ("risk-0", "sample_agreement")
    found = series(reading(0, {agreement: 0.8}), reading(5, {}, "drift"), reading(9, {agreement: 0.5}), reading(12, {}))
    assert scores_of(found, "sample_agreement")[0, :3].tolist() == [0.8, 0.8, 0.5]
    assert np.isnan(scores_of(found, "sample_agreement")[0, 3])


def test_a_metric_of_the_users_is_judged_if_it_has_a_direction() -> None:
    own = [Metric("polite", len, higher_is_better=True), Metric("rude", len, higher_is_better=False)]
    found = series(reading(0, {}), own=[*own, Metric("odd", len)])
    assert [(each.metric, each.worse) for each in found.behaviours[-2:]] == [("polite", "down"), ("rude", "up")]


def test_drift_is_none_at_the_baseline() -> None:
    found = series(reading(0, {}), reading(5, {("risk-0", "kl"): 0.25, ("risk-0", "changed"): True}))
    assert found.drift["kl"][0].tolist() == [0, 0.25]
    assert found.drift["changed"][0].tolist() == [0, 1]
    assert np.isnan(found.drift["logprob_lost"][0, 1])


# -- sampled answers

ASKED = load(
    [
        {"id": "hours", "kind": "core", "prompt": "When do you open?", "expect": {"includes": ["nine"]}},
        {"id": "brief", "kind": "core", "prompt": "Hi", "expect": {"includes": ["nine"], "max_tokens": 3}},
    ]
)


def sampled(samples: dict[str, tuple[str | Sample, ...]], said: str = "At nine.") -> Reading:
    """A baseline with sampled answers; of those given as texts no more is known."""
    found = measured({"hours": said, "brief": said}, anchors=ASKED)
    drawn = {
        anchor_id: tuple(each if isinstance(each, Sample) else Sample(each) for each in of_one)
        for anchor_id, of_one in samples.items()
    }
    outputs = tuple(replace(output, samples=drawn[output.anchor_id]) for output in found.check.outputs)
    return replace(found, check=replace(found.check, outputs=outputs))


def floor_of(baseline: Reading) -> dict[str, NDArray[np.float64]]:
    """By metric, the scores of the baseline's samples, anchors × draws."""
    found = series(baseline, anchors=ASKED.anchors)
    return dict(zip((each.metric for each in found.behaviours), found.samples[:, 0].transpose(1, 0, 2), strict=True))


def test_texts_alone_are_scored_where_a_text_decides() -> None:
    floor = floor_of(sampled({"hours": ("At nine.", "At ten.", ""), "brief": ("At nine.",)}))
    assert floor["contract_pass"][0].tolist() == [1, 0, 0]
    assert floor["action_degenerate"][0].tolist() == [0, 0, 1]
    assert np.isnan(floor["contract_pass"][1]).all(), "how many tokens a sampled answer had is not known"
    assert floor["action_degenerate"][1, 0] == 0
    assert np.isnan(floor["truncated"]).all()
    assert np.isnan(floor["rep_4"]).all()


def test_sampled_answers_that_were_cut_off_are_a_floor_for_being_cut_off() -> None:
    whole, cut = Sample("At nine.", (1, 2, 3), "stop"), Sample("At nine. At", (1, 2, 3, 4), "length")
    floor = floor_of(sampled({"hours": (whole, cut), "brief": (whole, cut)}))
    assert floor["truncated"].tolist() == [[0, 1], [0, 1]]
    assert floor["contract_pass"].tolist() == [[1, 1], [1, 0]], "of at most 3 tokens"


def test_a_servers_samples_say_how_they_ended_and_not_their_tokens() -> None:
    ended = tuple(Sample("At nine.", (), finish) for finish in ("stop", "length"))
    floor = floor_of(sampled({"hours": ended, "brief": ended}))
    assert floor["truncated"].tolist() == [[0, 1], [0, 1]]
    assert floor["contract_pass"][0].tolist() == [1, 1]
    assert np.isnan(floor["contract_pass"][1]).all()


def test_one_sample_of_unknown_end_leaves_being_cut_off_without_a_floor() -> None:
    floor = floor_of(sampled({"hours": (Sample("At nine.", (1,), "stop"),), "brief": ("At nine.",)}))
    assert np.isnan(floor["truncated"]).all()


def test_sampled_answers_of_some_anchors_only_are_not_taken_for_all() -> None:
    found = series(sampled({"hours": ("At nine.",), "brief": ()}), anchors=ASKED.anchors)
    assert np.isnan(found.samples).all()


def test_what_another_classifier_scored_is_not_scored_again_with_this_one() -> None:
    baseline = sampled({"hours": ("At nine.",), "brief": ("At nine.",)})
    other = tuple(replace(score, value="refuse") if score.metric == "action" else score for score in baseline.scores)
    found = series(replace(baseline, scores=other), anchors=ASKED.anchors)
    number = [each.metric for each in found.behaviours].index("action_degenerate")
    assert np.isnan(found.samples[:, :, number]).all()
    assert not np.isnan(found.samples[0, 0, 0]).all()


def test_a_contract_on_what_cannot_be_scored_again_is_not_counted_as_broken_in_samples() -> None:
    asked = load([{"id": "a", "kind": "core", "prompt": "x", "expect": {"action": ["answer"], "excludes": ["ten"]}}])
    found = measured({"a": "At nine."}, anchors=asked)
    drawn = tuple(map(Sample, ("At nine.", "At ten.")))
    baseline = replace(
        found, check=replace(found.check, outputs=tuple(replace(each, samples=drawn) for each in found.check.outputs))
    )
    floor = series(baseline, anchors=asked.anchors).samples[0, 0, 0]
    assert floor.tolist() == [1, 0]
    other = tuple(replace(score, value="caution") if score.metric == "action" else score for score in baseline.scores)
    assert np.isnan(series(replace(baseline, scores=other), anchors=asked.anchors).samples[0, 0, 0]).all()


def test_a_classifier_of_the_runs_own_is_not_replaced_by_the_rules_where_they_agree_at_baseline() -> None:
    baseline = sampled({"hours": ("At nine.",), "brief": ("At nine.",)})
    for version, known in ((METRICS["action"].version, True), ("polite_or_not", False)):
        reader = RowReader(ASKED.anchors, behaviours({}), {"action": version, "declines": version})
        drawn = reader.read(baseline).samples.transpose(1, 0, 2)
        samples = dict(zip((each.metric for each in behaviours({})), drawn, strict=True))
        assert np.isnan(samples["action_degenerate"]).all() != known
        assert samples["contract_pass"][0].tolist() == [1]


def test_a_number_that_is_given_as_false_counts_as_nothing() -> None:
    readings = [reading(step, {("risk-0", "polite"): value}) for step, value in ((0, 0.2), (10, False))]
    found = series(*readings, own=[Metric("polite", len, higher_is_better=True)])
    assert not found.yes_no[-1]
    assert found.scores[0, :, -1].tolist() == [0.2, 0]


def test_outputs_of_any_kind_go_through() -> None:
    said = "\ud800\x1b[2J" + "x" * 10_000
    found = series(sampled({"hours": (said,), "brief": (said,)}, said), anchors=ASKED.anchors)
    assert Output("a", said, (), "stop").text != said
    assert found.samples[0, 0, 0].tolist() == [0]
