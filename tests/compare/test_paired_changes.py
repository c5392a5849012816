from __future__ import annotations

from math import comb

import pytest
from compare_samples import questions, run, saying

from anchorwatch.anchors import AnchorSet
from anchorwatch.compare import compare
from anchorwatch.compare.columns import OF_THE_ANSWER, SINCE_PREVIOUS
from anchorwatch.compare.paired import rate_interval
from anchorwatch.metrics import METRICS
from anchorwatch.metrics.contract import FROM_CONTRACTS
from example_run import AFTER, ANCHORS, BEFORE


def changes(*runs):
    (found,) = compare(runs).against
    return {(change.metric, change.group): change for change in found.changes}


def test_runs_are_paired_by_anchor_with_an_interval():
    anchors = questions(10)
    before = saying(0, 10)
    found = changes(
        run("one", before=before, after=saying(4, 10), anchors=anchors),
        run("two", before=before, after=saying(7, 10), anchors=anchors),
    )["contract_pass", "all"]
    assert (found.reference, found.other, found.n) == (0.4, 0.7, 10)
    assert found.difference.value == pytest.approx(0.3)
    # Bonett & Price: (4 - 1) / 12 ± 1.96 √((4/12 + 1/12 - (3/12)²) / 12)
    assert (found.difference.low, found.difference.high) == pytest.approx((-0.0867, 0.5867), abs=1e-4)


def test_each_run_is_told_against_its_own_baseline():
    anchors = questions(4)
    found = changes(
        run("one", before=saying(0, 4), after=saying(2, 4), anchors=anchors),
        run("two", before=saying(2, 4), after=saying(2, 4), anchors=anchors),
    )
    passed = found["contract_pass", "all"]
    assert (passed.difference.value, passed.own_reference.value, passed.own_other.value) == (0.0, 0.5, 0.0)
    assert found["changed", "all"].own_other is None, "a baseline is compared with nothing"


def test_groups_are_all_and_the_kinds_and_a_missing_score_is_left_out():
    found = changes(run("one"), run("two", after=BEFORE))
    groups = [group for metric, group in found if metric == "declines"]
    assert groups == ["all", "core", "boundary", "risk"]
    assert [group for metric, group in found if metric == "contract_pass"] == ["all", "core", "risk"]
    assert found["contract_pass", "all"].n == 2


def test_a_label_that_one_run_never_has_is_a_rate_of_nought_there():
    found = changes(run("one"), run("two", after=BEFORE))
    refuses = found["action_refuse", "risk"]
    assert (refuses.reference, refuses.other, refuses.yes_no) == (0.0, 1.0, True)


def test_what_depends_on_the_check_before_is_not_compared():
    assert not [metric for metric, _ in changes(run("one"), run("two")) if "previous" in metric]
    assert {name for name, metric in METRICS.items() if metric.against == "previous"} == SINCE_PREVIOUS


def test_of_every_built_in_metric_it_is_known_whether_it_reads_expectations():
    reads = {*FROM_CONTRACTS, "language_match", "preference"}
    reads |= {"chosen_logprob", "rejected_logprob", "reference_logprob"}
    assert METRICS.keys() == reads | OF_THE_ANSWER | SINCE_PREVIOUS


def test_scores_of_another_classifier_are_not_comparable_nor_contracts_that_read_them():
    (found,) = compare([run("one"), run("two", {"metric.action": "hf:x", "metric.declines": "hf:x"})]).against
    assert found.incomparable == ("action", "contract_pass", "declines")
    marked = {change.metric for change in found.changes if not change.comparable}
    assert marked == {"action_answer", "action_refuse", "contract_pass", "declines"}
    assert [each.name for each in found.rescored] == ["metric.action", "metric.declines"]


def test_answers_that_switch_a_contract_are_told_with_both_texts():
    (found,) = compare([run("one"), run("two", after={**BEFORE, "greeting": AFTER["greeting"]})]).against
    refund, greeting, hours = found.answers
    assert [each.anchor.id for each in found.answers] == ["refund", "greeting", "hours"], "risk first"
    assert ([each.name for each in refund.better], refund.worse) == (["action", "excludes"], ())
    assert ([each.name for each in hours.worse], hours.better) == (["includes"], ())
    assert (refund.reference.text, refund.other.text) == (AFTER["refund"], BEFORE["refund"])
    assert refund.actions == ("answer", "refuse")
    assert (greeting.changed, hours.changed) == (False, True)


def test_the_order_of_the_reference_and_its_kinds_count():
    risky = AnchorSet.model_validate(
        {"name": "x", "anchors": [{**a.model_dump(mode="json"), "kind": "risk"} for a in reversed(ANCHORS.anchors)]}
    )
    assert ("declines", "core") in changes(run("one"), run("two", anchors=risky))
    assert ("declines", "core") not in changes(run("one", anchors=risky), run("two"))


@pytest.mark.parametrize(("n", "up", "down"), [(10, 0.3, 0.1), (30, 0.2, 0.2), (30, 0.05, 0.0), (12, 0.6, 0.0)])
def test_the_interval_of_a_rate_covers_the_true_difference(n, up, down):
    covered = 0.0
    for more in range(n + 1):
        for less in range(n + 1 - more):
            low, high = rate_interval([1.0] * more + [-1.0] * less + [0.0] * (n - more - less))
            if low <= up - down <= high:
                rest = (1 - up - down) ** (n - more - less)
                covered += comb(n, more) * comb(n - more, less) * up**more * down**less * rest
    assert covered > 0.93


@pytest.mark.parametrize("n", [1, 5, 30, 500])
def test_the_interval_of_a_rate_has_a_width_and_stays_in_its_range(n):
    for each in (-1.0, 0.0, 1.0):
        low, high = rate_interval([each] * n)
        assert -1 <= low < high <= 1
        assert low <= each <= high
