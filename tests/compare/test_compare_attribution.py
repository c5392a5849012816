from __future__ import annotations

import numpy as np
import pytest
from compare_samples import NUMBER, passing, questions, run

from anchorwatch.compare import compare
from anchorwatch.compare.columns import Column
from anchorwatch.compare.noise import SeedNoise
from anchorwatch.compare.paired import changes
from example_run import AFTER, BEFORE

LR, DATA, SEED = {"args.learning_rate": 2e-4}, {"data.digest": "d2"}, {"args.seed": 1}


def shown(attribution, metric="contract_pass"):
    return next(change for change in attribution.changes if change.metric == metric)


def test_nothing_differs():
    (found,) = compare([run("one"), run("two", {"args.logging_steps": 9}, BEFORE)]).attributions
    assert (found.verdict, found.runs, found.causes, found.freedom) == ("same", ("B",), (), 0)


def test_only_the_seed_differs():
    (found,) = compare([run("one"), run("two", SEED), run("three", {"args.seed": 2})]).attributions
    assert (found.verdict, found.runs, found.freedom) == ("seed", ("B", "C"), 2)
    assert [cause.name for cause in found.causes] == ["seed"]
    assert shown(found).noise is None, "seed noise is not measured by itself"


def test_one_cause_without_repeats_has_no_noise_to_be_held_against():
    (found,) = compare([run("one"), run("two", LR)]).attributions
    assert (found.verdict, found.freedom, found.seed_too, found.missing) == ("one", 0, False, ())
    assert [cause.name for cause in found.causes] == ["learning rate"]
    assert shown(found).beyond_noise is None


def test_one_cause_beyond_seed_noise():
    seeds = [passing("a", {}, 10), passing("a1", SEED, 11), passing("a2", {"args.seed": 2}, 10)]
    noise, found = compare([*seeds, passing("b", LR, 30), passing("b1", {**LR, **SEED}, 31)]).attributions
    assert noise.verdict == "seed"
    assert (found.verdict, found.runs, found.repeats_of_reference) == ("one", ("D", "E"), ("A", "B", "C"))
    assert (found.freedom, found.seed_too) == (3, True)
    change = shown(found)
    assert change.other == pytest.approx(30.5 / NUMBER)
    assert change.noise == pytest.approx(3.1824 * 0.0155 * np.sqrt(1 / 3 + 1 / 2), rel=0.02)
    assert change.beyond_noise is True


def test_one_cause_within_seed_noise():
    found = compare([passing("a", {}, 10), passing("a1", SEED, 20), passing("b", LR, 18)]).attributions[1]
    assert shown(found).noise == 1.0, "two runs say little about a spread"
    assert shown(found).beyond_noise is False


def test_repeats_that_agree_do_not_make_a_difference_on_one_anchor_certain():
    found = compare([passing("a", {}, 10), passing("a1", SEED, 10), passing("b", LR, 11)]).attributions[1]
    assert shown(found).noise == 0.0
    assert shown(found).beyond_noise is False


def test_the_same_seed_again_says_nothing_about_its_noise():
    same, found = compare([passing("a", {}, 10), passing("again", {}, 10), passing("b", LR, 30)]).attributions
    assert (same.verdict, found.verdict, found.freedom) == ("same", "one", 0)
    assert found.repeats_of_reference == ("A",)


def test_several_causes_are_confounded_and_the_run_that_would_tell_them_apart_is_named():
    (found,) = compare([run("one"), run("two", {**LR, **DATA, **SEED})]).attributions
    assert found.verdict == "confounded"
    assert [cause.name for cause in found.causes] == ["learning rate", "training data"]
    assert found.missing == ({"learning rate": "B", "training data": "A"},)
    (three,) = compare([run("one"), run("two", {**LR, **DATA, "adapter.r": 16})]).attributions
    assert len(three.missing) == 2, "a step for each cause but the last"


def test_a_run_given_that_tells_the_causes_apart_is_pointed_to():
    runs = [run("one"), run("two", {**LR, **DATA}), run("three", LR)]
    both, rate = compare(runs).attributions
    assert both.isolated == {"learning rate": ("A", "C"), "training data": ("B", "C")}
    assert both.missing == ()
    assert rate.verdict == "one"


def test_what_is_still_missing_beside_the_runs_given():
    runs = [run("one"), run("two", {**LR, **DATA, "adapter.r": 16}), run("three", LR)]
    both = compare(runs).attributions[0]
    assert both.isolated == {"learning rate": ("A", "C")}
    assert both.missing == (
        {"learning rate": "A", "adapter": "B", "training data": "A"},
        {"learning rate": "A", "adapter": "A", "training data": "B"},
    )


def test_an_edited_script_is_a_condition_beside_another_cause_and_a_cause_alone():
    (edited,) = compare([run("one"), run("two", {**LR, "code.digest": "c2"})]).attributions
    assert (edited.verdict, edited.code_too) == ("one", True)
    (alone,) = compare([run("one"), run("two", {"code.digest": "c2"})]).attributions
    assert ([cause.name for cause in alone.causes], alone.code_too) == (["code"], False)


def test_baselines_that_differ_are_explained_or_not():
    other = {**BEFORE, "hours": "At noon."}
    (found,) = compare([run("one"), run("two", LR, before=other)]).attributions
    assert found.unexplained_baselines == 1
    (found,) = compare([run("one"), run("two", {"model.id": "other"}, before=other)]).attributions
    assert found.unexplained_baselines == 0


def test_what_was_not_recorded_is_told_with_it():
    (found,) = compare([run("one"), run("two", {**LR, "data.digest": None}, AFTER)]).attributions
    assert (found.verdict, found.unrecorded) == ("one", ("training data",))


def test_seed_noise_is_taken_for_a_cause_in_no_more_than_one_case_of_twenty():
    random, anchors = np.random.default_rng(5), questions(30).anchors
    ids = [anchor.id for anchor in anchors]
    members, runs, claimed = {"all": ids}, ["A", "B", "C", "D", "E", "F"], 0
    for _ in range(400):
        # Each seed moves all anchors together, and each anchor by itself.
        scores = {each: dict(zip(ids, random.normal(random.normal(), 1.0, 30), strict=True)) for each in runs}
        column = Column("score", "score", False, scores, {each: {} for each in runs})
        noise = SeedNoise([column], members, [runs[:3], runs[3:]])
        plain = changes([column], members, runs[:3], runs[3:], incomparable=())
        claimed += sum(bool(change.beyond_noise) for change in noise.beside(plain, 3, 3))
    assert claimed <= 0.07 * 400
