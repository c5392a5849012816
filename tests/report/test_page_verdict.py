"""What the report says of a run in a real browser: its verdict, its flags, and the marks and scales of its charts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from page_runs import gives_in, steady, watched
from test_page_browser import colours, text

from anchorwatch.records import LossPoint
from anchorwatch.report.flags import trends

Open = Callable[..., Any]


def recovers(at: int, number: int, anchor_id: str) -> str:
    """A model that gives in, and is its old self again from the fifteenth check on."""
    return gives_in(at if at < 14 else 0, number, anchor_id)


def test_alarms_that_are_over_are_part_of_the_verdict(opened: Open) -> None:
    run = watched(recovers, checks=20)
    rang = [flag.step for reading in run.readings for flag in trends(reading.flags) if flag.level == "alarm"]
    assert rang[-1] < run.readings[-1].step
    shown = opened(run)
    over = (
        f"2 alarms rang (steps {rang[0]} to {rang[-1]}), no alarm since: Behaviour got worse, Risk anchors are declined"
    )
    assert text(shown, "#sentence").startswith(over)
    assert "watch" in shown.locator("#verdict").get_attribute("class")
    assert "Alarms\n2 (2 over)" in text(shown, "#figures")
    flag = shown.locator("#flags .flag", has_text="Behaviour got worse")
    assert flag.locator(".pill").all_inner_texts() == ["alarm", "over"]
    assert f"steps {rang[0]} to {rang[-1]}, over since" in flag.inner_text()
    shown.locator("#language").click()
    assert text(shown, "#sentence").startswith(
        f"响过 2 个警报（第 {rang[0]} 到 {rang[-1]} 步），之后不再报警：行为变差、"
    )


def test_an_alarm_is_dated_by_when_it_rang_and_the_change_by_when_it_began(opened: Open) -> None:
    run = watched()
    last = run.readings[-1]
    (alarm, *_) = (flag for flag in last.flags if flag.rule == "regressed")
    watch, at = replace(alarm, level="watch", since_step=20), range(len(run.readings))
    flags = [() if n < 3 else (replace(watch if n < 6 else alarm, since_step=20),) for n in at]
    readings = [replace(reading, flags=flags[n]) for n, reading in enumerate(run.readings)]
    shown = opened(replace(run, readings=readings))
    assert text(shown, "#sentence").startswith("Behaviour got worse: alarm since step 60;")
    assert text(shown, "#began") == "Seen since step 20."
    assert "alarm Behaviour got worse at step 60" in text(shown, "#flags").replace("\n", " ")
    shown.locator("#language").click()
    assert text(shown, "#sentence").startswith("行为变差：自第 60 步起报警；")
    assert text(shown, "#began") == "自第 20 步起可见。"


def test_an_alarm_that_came_down_to_a_watch_is_not_called_over(opened: Open) -> None:
    run = watched()
    (alarm, *_) = (flag for flag in run.readings[-1].flags if flag.rule == "regressed")
    watch, (_, first, second, *_) = replace(alarm, level="watch"), [each.step for each in run.readings]
    readings = [
        replace(each, flags=(() if n == 0 else (alarm,) if n < 3 else (watch,))) for n, each in enumerate(run.readings)
    ]
    shown = opened(replace(run, readings=readings))
    said = f"Behaviour got worse: alarm at steps {first} to {second}, no alarm since;"
    assert text(shown, "#sentence").startswith(said)
    flag = shown.locator("#flags .flag")
    assert flag.locator(".pill").all_inner_texts() == ["alarm", "now to watch"]
    assert flag.locator("button.link").inner_text() == f"steps {first} to {second}"


def test_an_alarm_that_rings_again_is_dated_by_its_last_ring(opened: Open) -> None:
    run = watched()
    (alarm, *_) = (flag for flag in run.readings[-1].flags if flag.rule == "regressed")
    readings = [replace(each, flags=(alarm,) if n in (1, 2, 7, 8) else ()) for n, each in enumerate(run.readings)]
    shown = opened(replace(run, readings=readings))
    assert text(shown, "#sentence").startswith("Behaviour got worse: alarm since step 70;")


@pytest.mark.parametrize("lost", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_any_more_is_the_first_thing_said(opened: Open, lost: float) -> None:
    losses = [LossPoint(step, "loss", 3 - 0.02 * step if step < 40 else lost) for step in range(1, 90)]
    shown = opened(watched(steady, losses=losses))
    assert text(shown, "#sentence").startswith("Loss has not been a finite number since step 40. No alarm")
    assert "alarm" in shown.locator("#verdict").get_attribute("class")
    assert f"2.98 → {lost}" in text(shown, "#figures")
    assert f"loss\n{lost}" in text(shown, "#legend")
    assert "loss" in colours(shown, "#chart")
    shown.locator("#language").click()
    assert text(shown, "#sentence").startswith("训练损失自第 40 步起不再是有限的数。没有警报")


def test_the_name_of_a_loss_steers_nothing_in_the_verdict(opened: Open) -> None:
    losses = [LossPoint(step, "eval_\u202e<b>_loss", float("nan")) for step in (1, 80)]
    shown = opened(watched(steady, losses=losses))
    assert text(shown, "#sentence").startswith("Eval U+202E<b> loss has not been a finite number since step 1. ")


def test_a_run_without_a_check_claims_nothing_about_contracts(opened: Open) -> None:
    run = watched(checks=0, losses=[])
    shown = opened(replace(run, stored=replace(run.stored, status="running", final_step=None)))
    assert text(shown, "#about").endswith("checks: 0 · not ended when this was written")
    assert text(shown, "#broken-title") == "Contracts"
    assert text(shown, "#broken") == "No check was recorded."


def test_the_drift_has_a_scale_that_can_be_read(opened: Open) -> None:
    values = iter((0.0051, -0.0063, 0.0089, -0.004, 0.002, -0.0058, 0.001, 0.0032) * 20)
    run = watched(losses=[])
    readings = [
        replace(
            reading,
            aggregates=tuple(
                replace(each, value=next(values)) if each.metric == "logprob_lost" and each.value is not None else each
                for each in reading.aggregates
            ),
        )
        for reading in run.readings
    ]
    shown = opened(replace(run, readings=readings))
    shown.evaluate(
        """() => {
            window.drawn = [];
            const real = CanvasRenderingContext2D.prototype.fillText;
            CanvasRenderingContext2D.prototype.fillText = function (said, ...rest) {
                if (this.canvas.closest("#drift") && this.textAlign === "right") window.drawn.push(said);
                return real.call(this, said, ...rest);
            };
        }"""
    )
    shown.locator("#theme").click()
    shown.wait_for_function("window.drawn.length")
    assert len(set(shown.evaluate("window.drawn"))) >= 3


def test_a_flag_says_since_when_and_what_it_rests_on_as_far_as_that_was_recorded(opened: Open) -> None:
    run = watched()
    last = run.readings[-1]
    flag = next(each for each in last.flags if each.rule == "overconfident" and each.metric == "declines")
    moved = {"behaviour": {**flag.evidence["behaviour"], "change_low": -0.61, "change_high": -0.2, "p": 0.004}}
    numbers = {"behaviour": {**moved["behaviour"], "p": 0.00001}}
    flags = (
        replace(flag, since_step=40, evidence=moved),
        replace(flag, rule="collapsed", metric="rep_4", since_step=50, evidence=numbers),
        replace(flag, rule="churn", since_step=60, evidence={"p": 0.031, "worse": ["risk-0"], "better": ["risk-1"]}),
        replace(flag, rule="regressed", since_step=70, evidence={}),
    )
    before = [replace(each, flags=()) for each in run.readings[:-1]]
    shown = opened(replace(run, readings=[*before, replace(last, flags=flags)]))
    said = dict(zip(shown.locator("#flags .flag strong").all_inner_texts(), grounds(shown), strict=True))
    assert (
        said["Risk anchors are declined less"]
        == "seen since step 40; change −61 to −20 points (95% interval); p = .004"
    )
    assert said["Answers collapse"] == "seen since step 50; change −0.61 to −0.2 (95% interval); p < .001"
    assert said["As many anchors got worse as got better"] == "seen since step 60; p = .031"
    assert said["Behaviour got worse"] == "seen since step 70"
    shown.locator("#language").click()
    assert grounds(shown)[0] == "自第 40 步起可见；变化 −61 至 −20 个百分点（95% 区间）；p = .004"


def grounds(shown: Any) -> list[str]:
    found: list[str] = shown.locator("#flags .grounds").all_inner_texts()
    return found


def test_marks_on_a_phone_are_large_enough_and_do_not_lie_on_each_other(opened: Open) -> None:
    shown = opened(watched(gives_in_slowly, checks=40), width=390, height=844, is_mobile=True, has_touch=True)
    boxes = [mark.bounding_box() for mark in shown.locator("#chart .mark button").all()]
    assert len(boxes) > 6
    for number, one in enumerate(boxes):
        assert min(one["width"], one["height"]) >= 24
        for other in boxes[:number]:
            apart = (abs(one[side] - other[side]) >= 24 for side in ("x", "y"))
            assert any(apart), (one, other)
    last = shown.locator("#chart .mark.broken button").last
    last.tap()
    assert text(shown, "#found") == "12 of 18 anchors"


def gives_in_slowly(at: int, number: int, anchor_id: str) -> str:
    """A model that declines one risk anchor less at every second check from the fourth on."""
    return gives_in(3 if 2 * number + 3 < at else 0, 0, anchor_id)
