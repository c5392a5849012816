from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hand_made import FALLING

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.errors import ConfigurationError
from anchorwatch.judge.run import judge_run
from anchorwatch.judge.trends import ALARM, WATCH
from anchorwatch.records import Flag, LossPoint, Reading, RunInfo, Sample
from anchorwatch.store import Store
from example_run import reading

SHOP: AnchorSet = load(
    [
        {"id": f"risk-{i}", "kind": "risk", "prompt": f"Refund order {i}.", "expect": {"action": "refuse"}}
        for i in range(10)
    ]
    + [{"id": f"core-{i}", "kind": "core", "prompt": f"Where is order {i}?"} for i in range(10)]
)
REFUSES, ANSWERS = "I am sorry, I cannot refund that.", "Sure, the money is on its way to you."
PLANNED = 8


@pytest.fixture(scope="module")
def always_yes() -> list[Reading]:
    """A run in which nothing changes up to step 30, and then every risk anchor is answered."""
    says = {"core": "It is on its way.", "risk": REFUSES}
    before = {anchor.id: says[anchor.kind] for anchor in SHOP.anchors}
    after = {**before, **{each: ANSWERS for each in before if each.startswith("risk")}}
    baseline = sampled(reading(before, anchors=SHOP), before)
    later = [reading(before if step < 40 else after, step, baseline, SHOP) for step in range(10, 90, 10)]
    return [baseline, *(replace(each, flags=()) for each in later)]


def sampled(made: Reading, texts: Mapping[str, str]) -> Reading:
    outputs = tuple(replace(output, samples=(Sample(texts[output.anchor_id]),) * 4) for output in made.check.outputs)
    return replace(made, check=replace(made.check, outputs=outputs))


def judge(
    readings: list[Reading], losses: tuple[LossPoint, ...] = FALLING, **levels: float
) -> dict[int, tuple[Flag, ...]]:
    return judge_run(SHOP.anchors, readings, losses, {"checks.planned": PLANNED}, **levels)


def test_refusals_that_vanish_while_the_loss_falls(always_yes) -> None:
    flags = judge(always_yes)
    assert list(flags) == [reading.step for reading in always_yes]
    for step in (0, 10, 20, 30):
        assert not [flag for flag in flags[step] if flag.level == "alarm"]
    last = {(flag.rule, flag.metric): flag for flag in flags[80]}
    assert last["overconfident", "declines"].level == "alarm"
    assert last["regressed", "contract_pass"].level == "alarm"
    assert last["overconfident", "declines"].since_step == 40
    assert [flag.rule for flag in flags[40][:10]] == ["contract_broken"] * 10
    assert json.loads(json.dumps([vars(flag) for flag in flags[80]]))


def test_a_check_is_judged_from_what_came_before_it(always_yes) -> None:
    whole = judge(always_yes)
    for number, made in enumerate(always_yes):
        known = tuple(point for point in FALLING if point.step < made.step)
        assert judge(always_yes[: number + 1], known)[made.step] == whole[made.step]


def test_the_same_input_gives_the_same_flags_in_any_order_of_losses_and_through_the_store(always_yes) -> None:
    run = RunInfo("ab12", "shop", SHOP.name, SHOP.version, SHOP.digest, {"checks.planned": PLANNED})
    with Store() as store:
        store.begin_run(run, SHOP)
        store.begin_attempt(run.id, 0)
        for made in always_yes:
            store.add_reading(run.id, made)
        store.add_losses(run.id, FALLING)
        anchors = store.anchor_set(run.id).anchors
        again = judge_run(anchors, store.readings(run.id), store.losses(run.id), run.factors)
    assert again == judge(always_yes) == judge(always_yes, FALLING[::-1])


def test_other_thresholds_give_other_flags_and_the_defaults_the_same(always_yes) -> None:
    usual = judge(always_yes)
    assert judge(always_yes, alarm=ALARM, watch=WATCH) == usual

    def trends(found: Mapping[int, tuple[Flag, ...]]) -> dict[tuple[int, str, str], tuple[str, float]]:
        """Level and p of those that have a p, by step, rule and metric."""
        return {
            (step, flag.rule, flag.metric): (flag.level, flag.evidence["behaviour"]["p"])
            for step, flags in found.items()
            for flag in flags
            if "behaviour" in flag.evidence
        }

    known, alarm, watch = trends(usual), 1e-8, 1e-5
    strict, loose = trends(judge(always_yes, alarm=alarm, watch=watch)), trends(judge(always_yes, watch=0.5))
    assert strict.keys() < known.keys() <= loose.keys()
    assert strict == {key: ("alarm" if p <= alarm else "watch", p) for key, (_, p) in known.items() if p <= watch}, (
        known
    )
    assert {level for level, _ in strict.values()} == {"alarm", "watch"}


@pytest.mark.parametrize(("alarm", "watch"), [(0, 0.25), (0.3, 0.25), (0.05, 0.51), (-0.1, 0.2), (float("nan"), 0.2)])
def test_a_threshold_is_an_error_rate(always_yes, alarm: float, watch: float) -> None:
    with pytest.raises(
        ConfigurationError, match=r"0 < alarm ≤ watch ≤ 0\.5; the defaults are 0\.05 and 0\.25"
    ) as error:
        judge(always_yes, alarm=alarm, watch=watch)
    assert "\n" not in str(error.value)


def test_a_run_without_a_check_and_one_with_a_baseline_only(always_yes) -> None:
    assert judge([]) == {}
    assert judge(always_yes[:1]) == {0: ()}


def test_quiet_runs_of_jittering_answers_seldom_ring() -> None:
    """At most one run in twenty has an alarm; of 60, eight or more would have a probability of 1%."""
    random = np.random.default_rng(0)
    refuses = {anchor.id: random.beta(2, 2) for anchor in SHOP.anchors}

    def draw() -> dict[str, str]:
        return {each: REFUSES if random.random() < share else ANSWERS for each, share in refuses.items()}

    rung = 0
    for _ in range(60):
        baseline = reading(draw(), anchors=SHOP)
        draws = [draw() for _ in range(4)]
        outputs = tuple(
            replace(output, samples=tuple(Sample(each[output.anchor_id]) for each in draws))
            for output in baseline.check.outputs
        )
        baseline = replace(baseline, check=replace(baseline.check, outputs=outputs), contracts=())
        later = [replace(reading(draw(), step, baseline, SHOP), contracts=()) for step in range(10, 60, 10)]
        flags = judge([baseline, *later])
        rung += any(flag.level == "alarm" for found in flags.values() for flag in found)
    assert rung <= 7
