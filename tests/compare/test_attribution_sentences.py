"""What is said of runs that are compared, word for word."""

from __future__ import annotations

import pytest
from compare_samples import passing, run

from anchorwatch.compare import Cause, FactorDifference, compare
from anchorwatch.report.attribution import attribution
from anchorwatch.report.difference import cause, factor
from anchorwatch.report.sentences import english
from example_run import BEFORE

LR, SEED = {"args.learning_rate": 2e-4}, {"args.seed": 1}


def said(*runs) -> list[str]:
    """The sentences of the last attribution."""
    found = compare(runs)
    return attribution(found.attributions[-1], found)


def test_a_difference_beyond_seed_noise_is_put_down_to_its_cause():
    seeds = [passing("a", {}, 10), passing("a1", SEED, 11), passing("a2", {"args.seed": 2}, 10)]
    told = said(*seeds, passing("b", LR, 30), passing("b1", LR | SEED, 31))
    assert told[0] == "D and E differ from A in the learning rate (learning_rate 0.001 → 0.0002) and in the seed."
    assert told[1] == (
        "Contract pass over 40 anchors (A, B and C against D and E): 26% → 76%, +50 points (95% interval +32 to +65)."
    )
    assert told[2] == (
        "The seed alone can make a difference of 5 points (95%, from 3 repeats): what is seen is beyond that, and can "
        "be put down to the learning rate."
    )
    assert "other behaviours" in told[3]


def test_a_difference_that_the_anchors_cannot_hold_is_not():
    told = said(passing("a", {}, 10), passing("a1", SEED, 10), passing("b", LR, 11))
    assert told[2] == (
        "The seed alone did not move it (from 1 repeat): what is seen is beyond that, but its own interval over 40 "
        "anchors holds 0."
    )


def test_conditions_are_said_with_it():
    other = {**BEFORE, "hours": "At noon."}
    told = said(run("a"), run("b", {**LR, "code.digest": "c2", "data.digest": None}, before=other))
    assert told[-3] == "The code differs, too: this holds if no more was edited in it than what is named here."
    assert told[-2] == (
        "Already at the baseline, 1 of 3 answers differed, and nothing recorded says why: more differs than what is "
        "named here."
    )
    assert told[-1] == "Not recorded in all of these runs, so perhaps different, too: training data."


def test_several_runs_that_are_missing_are_counted():
    told = said(run("a"), run("b", {**LR, "data.digest": "d2", "adapter.r": 16}))
    assert told[-1] == (
        "2 runs would tell them apart, the first one with B's learning rate and A's adapter and training data."
    )


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (1e-3, 2e-4, "x 0.001 → 0.0002"),
        (None, True, "x – → yes"),
        (["k_proj", "q_proj"], ["q_proj", "v_proj"], "x −k_proj, +v_proj"),
        (["a", "b"], ["b", "a"], "x in another order"),
        ("a" * 100, "b", f"x {'a' * 40}… → b"),
        ({"one": 1, "two": 2}, None, "x (2 values) → –"),
    ],
)
def test_values_are_told_in_short(one, other, told):
    assert factor(FactorDifference("args.x", one, other)) == told


def test_an_adapter_or_none_is_told_by_its_type():
    factors = (FactorDifference("adapter.bias", None, "none"), FactorDifference("adapter.peft_type", None, "LORA"))
    assert english(cause(Cause("adapter", factors))) == "adapter (peft_type – → LORA)"
