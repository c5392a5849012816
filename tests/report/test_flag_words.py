"""What a flag says: the same words in the terminal, in `anchorwatch judge` and in alerts."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from page_runs import watched

from anchorwatch.records import Flag, Reading
from anchorwatch.report import make_console, show, words
from anchorwatch.report.flag_words import Figures, figures, told
from anchorwatch.store import Store
from example_run import AFTER, ANCHORS, BEFORE, LOSSES, reading

JUDGED = r"\(since step \d0; change −\d+ to −\d+ points at 95%, p (= \.\d+|< \.001)\)"
CHANGE = {"before": 0.9, "after": 0.4, "change_low": -0.6, "change_high": -0.2, "p": 0.004}


def flag(rule: str = "regressed", metric: str = "contract_pass", **evidence) -> Flag:
    return Flag(rule, "alarm", 60, 40, "It fell.", ("refund",), metric, "all", evidence)


@pytest.mark.parametrize(
    ("given", "rests_on"),
    [
        (flag(behaviour=CHANGE), "since step 40; change −60 to −20 points at 95%, p = .004"),
        (flag(metric="rep_4", behaviour=CHANGE), "since step 40; change −0.6 to −0.2 at 95%, p = .004"),
        (
            flag(behaviour={**CHANGE, "change_low": -0.004, "change_high": 0.2, "p": 0.00004}),
            "since step 40; change 0 to +20 points at 95%, p < .001",
        ),
        (flag(behaviour={**CHANGE, "change_low": None, "p": 0.25}), "since step 40; p = .25"),
        (flag("churn", p=0.0312, worse=["a"], better=["b"]), "since step 40; p = .031"),
        (flag("stalled", "", kl=None, changed=0.1, loss=None), "since step 40"),
        (flag(), "since step 40"),
        (flag(behaviour=None, loss=None), "since step 40"),
        (flag(behaviour={"before": 1.0, "after": 0.5}), "since step 40"),
        (flag(behaviour={**CHANGE, "change_high": float("nan"), "p": "x"}), "since step 40"),
    ],
)
def test_a_sentence_ends_with_what_is_known_of_its_grounds(given, rests_on):
    assert told(given, {"contract_pass"}) == f"It fell. ({rests_on})"


def test_a_broken_contract_says_since_when_itself():
    (broken,) = reading(AFTER, 40, reading(BEFORE)).flags
    assert told(broken, ()) == broken.message
    assert "since step 40" in broken.message


def test_a_sentence_is_safe_to_print_and_cut_with_a_note():
    hostile = replace(flag(behaviour=CHANGE), message="\x1b[2J" + "x" * 600)
    assert "\x1b" not in told(hostile, ())
    assert told(replace(hostile, evidence={}), (), limit=500).endswith("x… (+104 characters) (since step 40)")


def test_the_figures_are_those_of_the_evidence():
    loss = {"name": "eval_loss", "before": 2.31, "after": 1.02, "noise": 0.1}
    assert figures(flag(loss=loss, behaviour=CHANGE)) == Figures("eval_loss", 2.31, 1.02, 0.9, 0.4, -0.6, -0.2, 0.004)
    assert figures(flag()) == Figures(*[None] * 8)


def test_what_is_a_rate_is_known_from_any_check():
    first = reading(BEFORE)
    unscored = replace(first, aggregates=tuple(replace(each, n=0, interval="") for each in first.aggregates))
    assert "contract_pass" in words.rates((first, unscored)) == words.rates((unscored, first))
    assert "tokens" not in words.rates((first,))
    assert words.rates(()) == words.rates((unscored,)) == frozenset()


@pytest.fixture
def ringing() -> Reading:
    """The last check of a run that is judged by the real rules, with an alarm of a rate."""
    return watched().readings[-1]


def test_show_tells_interval_and_p_of_what_was_judged(ringing):
    baseline = reading(BEFORE)
    console = make_console(io.StringIO())
    console.width = 200
    flags = tuple(each for each in ringing.flags if each.rule == "overconfident")
    show(ANCHORS, LOSSES, baseline, replace(reading(AFTER, 40, baseline), flags=flags), console)
    told_here = " ".join(console.file.getvalue().split())
    assert re.search(f"alarm overconfident declines risk: [^()]+ {JUDGED}", told_here)


def test_judge_tells_interval_and_p(cli):
    run = watched()
    info = run.stored.info
    with Store() as store:
        store.begin_run(info, run.anchor_set)
        store.begin_attempt(info.id, 0)
        for each in run.readings:
            store.add_reading(info.id, each)
        store.add_losses(info.id, run.losses)
    code, out, _ = cli("judge")
    assert code == 0
    said = " ".join(out.split())
    assert re.search(f"alarm overconfident declines risk: [^;]+? {JUDGED}", said)
