"""What is printed while training runs: a line for each check that has something to say."""

from __future__ import annotations

import dataclasses

import pytest

from anchorwatch.recorder import Recorder
from anchorwatch.records import Flag, Reading, RunInfo
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
    now = reading(AFTER, 40, baseline)
    cost = dataclasses.replace(now.check.cost, departed=departed)
    check = dataclasses.replace(now.check, trigger="drift", cost=cost)
    return dataclasses.replace(now, check=check, flags=flags), baseline


def test_a_drift_check_is_told_where_an_answer_departed_or_may_have(capsys):
    assert "step 40, drift: 3 of 3 changed" in line(*drift(departed=2), capsys)
    assert "step 40, drift: 3 of 3 changed" in line(*drift(departed=None), capsys)


def test_a_drift_check_without_anything_new_is_not_told(capsys):
    standing = Flag("contract_broken", "alarm", 40, 20, "refund broke", ("refund",))
    assert line(*drift(departed=0, flags=(standing,)), capsys, standing=(standing,)) == ""


def test_a_drift_check_that_raises_a_flag_is_told_though_no_answer_departed(capsys):
    new = Flag("contract_broken", "alarm", 40, 40, "refund broke", ("refund",))
    assert "step 40, drift" in line(*drift(departed=0, flags=(new,)), capsys)


def test_any_other_check_is_told(capsys):
    now, baseline = drift(departed=0)
    scheduled = dataclasses.replace(now, check=dataclasses.replace(now.check, trigger="schedule"))
    assert "step 40: 3 of 3 changed" in line(scheduled, baseline, capsys)
    assert "step 0: baseline" in line(baseline, baseline, capsys)


def test_a_flag_is_told_when_it_rings_and_not_again(capsys):
    now, baseline = drift(departed=0)
    rung = Flag("regressed", "alarm", 40, 20, "contract pass fell [bold]", ("refund",), "contract_pass", "all")
    now = dataclasses.replace(now, flags=(rung,))
    told = "alarm  regressed contract_pass all: contract pass fell [bold]"
    assert told in line(now, baseline, capsys)
    assert told in line(now, baseline, capsys, standing=(dataclasses.replace(rung, level="watch"),))
    assert line(now, baseline, capsys, standing=(rung,)) == ""
