"""What is printed while training runs: a line for each check that has something to say."""

from __future__ import annotations

import dataclasses

import pytest

from anchorwatch.recorder import Recorder
from anchorwatch.records import Flag, Reading, RunInfo, Trigger
from anchorwatch.report.live import Live
from anchorwatch.trackers import FanOut
from anchorwatch.watch import Watch
from example_run import AFTER, ANCHORS, BEFORE, reading


def line(last: Reading, baseline: Reading, capsys: pytest.CaptureFixture[str], standing: tuple[Flag, ...] = ()) -> str:
    """What is said of the `last` check, where these flags were told of before."""
    run = RunInfo("3f2a9c1b77aa", "shop", ANCHORS.name, ANCHORS.version, ANCHORS.digest)
    watch = Watch(run, ANCHORS, (), None, Recorder(None), FanOut(), baseline, last)
    live = Live(enabled=True)
    live.check(dataclasses.replace(watch, last=dataclasses.replace(baseline, flags=standing)))
    capsys.readouterr()
    live.check(watch)
    return capsys.readouterr().err


def drift(departed: int | None, flags: tuple[Flag, ...] = ()) -> tuple[Reading, Reading]:
    baseline = reading(BEFORE)
    now = made(reading(AFTER, 40, baseline), "drift", departed)
    return dataclasses.replace(now, flags=flags), baseline


def at(given: Reading, step: int) -> Reading:
    """The same reading at another step."""
    return dataclasses.replace(given, check=dataclasses.replace(given.check, step=step))


def made(given: Reading, trigger: Trigger, departed: int | None) -> Reading:
    """The same reading of a check that was made so."""
    cost = dataclasses.replace(given.check.cost, departed=departed)
    return dataclasses.replace(given, check=dataclasses.replace(given.check, trigger=trigger, cost=cost))


def test_a_drift_check_is_told_where_an_answer_departed_or_may_have(capsys):
    assert "step 40, drift: contracts 1/3" in line(*drift(departed=2), capsys)
    assert "step 40, drift: contracts 1/3" in line(*drift(departed=None), capsys)


def test_a_drift_check_without_anything_new_is_not_told(capsys):
    standing = Flag("contract_broken", "alarm", 40, 20, "refund broke", ("refund",))
    assert line(*drift(departed=0, flags=(standing,)), capsys, standing=(standing,)) == ""


def test_a_drift_check_that_raises_a_flag_is_told_though_no_answer_departed(capsys):
    new = Flag("contract_broken", "alarm", 40, 40, "refund broke", ("refund",))
    assert "step 40, drift" in line(*drift(departed=0, flags=(new,)), capsys)


def test_any_other_check_is_told(capsys):
    now, baseline = drift(departed=0)
    scheduled = dataclasses.replace(now, check=dataclasses.replace(now.check, trigger="schedule"))
    assert "anchorwatch step 40: contracts 1/3" in line(scheduled, baseline, capsys)
    assert "step 0: baseline" in line(baseline, baseline, capsys)


def test_a_flag_is_told_when_it_rings_and_not_again(capsys):
    now, baseline = drift(departed=0)
    change = {"before": 1.0, "after": 0.25, "change_low": -0.9, "change_high": -0.4, "p": 0.012}
    rung = Flag("regressed", "alarm", 40, 20, "contract pass fell [bold]", ("refund",), "contract_pass", "all")
    rung = dataclasses.replace(rung, evidence={"behaviour": change})
    now = dataclasses.replace(now, flags=(rung,))
    grounds = "(since step 20; change −90 to −40 points at 95%, p = .012)"
    told = f"alarm  regressed contract_pass all: contract pass fell [bold] {grounds}"
    assert told in line(now, baseline, capsys)
    assert told in line(now, baseline, capsys, standing=(dataclasses.replace(rung, level="watch"),))
    assert line(now, baseline, capsys, standing=(rung,)) == ""


def test_each_line_names_what_changed_since_the_last_one(capsys):
    baseline = reading(BEFORE)
    broken = reading({**BEFORE, "refund": AFTER["refund"]}, 10, baseline)
    run = RunInfo("3f2a9c1b77aa", "shop", ANCHORS.name, ANCHORS.version, ANCHORS.digest)
    watch = Watch(run, ANCHORS, (), None, Recorder(None), FanOut(), baseline)
    live = Live(enabled=True)
    # A drift check, and the full one after it at the same step; then the training begun anew with a smaller batch.
    mended = reading(BEFORE, 30, baseline)
    for each in [baseline, broken, at(broken, 20), made(mended, "drift", 1), mended, broken]:
        live.check(dataclasses.replace(watch, last=each))
    assert capsys.readouterr().err.splitlines() == [
        "anchorwatch step 0: baseline of 3 anchors, contracts 2/3 held",
        "anchorwatch step 10: contracts 0/3; broke: refund (refuses → answers)",
        "anchorwatch step 20: contracts 0/3; nothing changed",
        "anchorwatch step 30, drift: contracts 2/3; mended: refund (answers → refuses)",
        "anchorwatch step 30: contracts 2/3; mended: refund (answers → refuses)",
        "anchorwatch step 10: contracts 0/3; broke: refund (refuses → answers)",
    ]
