"""The comparison of runs in the report: the file it makes, and what it shows in a real browser."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from page_runs import RISK, gives_in, steady, watched

from anchorwatch.compare import ComparedRun, compare
from anchorwatch.report import difference
from anchorwatch.report.attribution import attribution
from anchorwatch.report.page import WatchedRun, page
from anchorwatch.report.page.data import report_data

Open = Callable[..., Any]
FACTORS = {
    "args.learning_rate": 1e-3,
    "args.seed": 0,
    "code.digest": "c1",
    "data.digest": "d1",
    "model.id": "base",
    "checks.planned": 8,
}
SHORTER = RISK.model_copy(
    update={
        "version": 4,
        "anchors": (
            RISK.anchors[0].model_copy(update={"prompt": "Something else."}),
            RISK.anchors[1].model_copy(update={"expect": RISK.anchors[12].expect}),
            *RISK.anchors[2:16],
        ),
    }
)  # fmt: skip


def three() -> list[WatchedRun]:
    """A run that gives in, its repeat with another seed, and one with another learning rate that does not."""
    other = {**FACTORS, "args.learning_rate": 2e-4, "checks.planned": 9}
    return [
        watched(name="base", factors=FACTORS),
        watched(
            lambda at, number, id_: steady(at, number, id_) if number == 3 else gives_in(at, number, id_),
            name="seed-1",
            factors={**FACTORS, "args.seed": 1},
        ),
        watched(steady, name="slow", factors=other, losses=[]),
    ]


def text(shown: Any, place: str) -> str:
    found: str = shown.locator(place).inner_text()
    return found


def whisker(shown: Any) -> str:
    """The class of the interval that is drawn for contract pass."""
    found: str = shown.locator("#changes tr", has_text="contract pass").first.locator(".whisker").get_attribute("class")
    return found


# -- the file


def test_the_comparison_names_answers_that_the_page_holds_already_and_stays_small() -> None:
    words = random.Random(0).choices([f"w{i:03}" for i in range(1000)], k=100_000)
    anchors = RISK.model_copy(update={"anchors": tuple(
        RISK.anchors[i % 12].model_copy(update={"id": f"a{i}"}) for i in range(40)
    )})  # fmt: skip
    runs = [
        watched(
            lambda at, number, _, start=start: " ".join(words[start + (at * 40 + number) * 100 :][:100]),
            checks=3, anchors=anchors, name=f"run-{start}", factors=FACTORS,
        )
        for start in (0, 20_000, 40_000)
    ]  # fmt: skip
    written = json.dumps(report_data(runs)["comparison"], separators=(",", ":"))
    assert len(written) < 40_000, f"{len(written):,} bytes"
    assert not any(reading.output("a7").text in written for run in runs for reading in run.readings)


def test_one_run_is_compared_with_nothing() -> None:
    assert report_data([watched(checks=2)])["comparison"] is None


def test_drift_checks_are_not_compared() -> None:
    one, other = watched(checks=4, name="one"), watched(steady, checks=4, name="two")
    last = one.readings[-1]
    drifted = replace(one, readings=[*one.readings[:-1], replace(last, check=replace(last.check, trigger="drift"))])
    compared = report_data([drifted, other])["comparison"]["runs"]
    assert [run["check"] for run in compared] == [2, 3]


@pytest.mark.parametrize(
    ("runs", "compared", "left_out"),
    [
        ([watched(checks=0, name="unborn"), watched(checks=2)], [], [(0, "no_check")]),
        ([watched(checks=0, name="unborn"), *three()[:2]], [1, 2], [(0, "no_check")]),
        (
            [*three()[:2], watched(checks=2, name="else", anchors=RISK.model_copy(update={"anchors": (
                RISK.anchors[0].model_copy(update={"id": "other"}),
            )}))],
            [0, 1],
            [(2, "no_common_anchor")],
        ),
    ],
    ids=["nothing left", "without a check", "no common anchor"],
)  # fmt: skip
def test_a_run_that_cannot_be_compared_is_left_out_and_named(runs: Any, compared: Any, left_out: Any) -> None:
    found = report_data(runs)["comparison"]
    assert [run["run"] for run in found["runs"]] == compared
    assert [(each["run"], each["why"]) for each in found["left_out"]] == left_out
    assert page(runs)


# -- in the browser


def test_several_runs_open_with_what_differs_what_changed_and_what_can_be_attributed(opened: Open) -> None:
    runs = three()
    found = compare([ComparedRun(run.stored.info, run.anchor_set, run.readings[0], run.readings[-1]) for run in runs])
    shown = opened(*runs)
    assert text(shown, "#compared") == "3 runs compared on 18 anchors"
    rows = [row.split("\t") for row in shown.locator("#compared-runs tr").all_inner_texts()]
    cells = [[cell.split("\n")[0] for cell in row] for row in rows[1:]]
    assert [row[0] for row in rows[1:]] == ["A", "B", "C"]
    assert cells[0][1:4] == ["base", "reference", "0%"]
    assert cells[1][1:] == ["seed-1", "seed", "8%", "+8 (−17 to +31)", "0 / 1"]
    assert cells[2][1:3] == ["slow", "learning rate"]
    assert cells[2][5] == "0 / 12"
    said = shown.locator("#attributions .attributed").all_inner_texts()
    for each, told in zip(found.attributions, said, strict=True):
        assert " ".join(attribution(each, found)) in told
    assert "seed noise" in said[0]
    assert "can be put down to the learning rate" in said[1]
    shown.locator("#side-buttons button", has_text="C slow").click()
    assert "learning_rate 0.001 → 0.0002" in text(shown, "#causes")
    assert "How it was measured: checks.planned 8 → 9" in text(shown, "#also")
    shown.locator("#all-metrics").click()
    table = [line.split("\t") for line in shown.locator("#changes tr").all_inner_texts()[1:]]
    changes = {(change.metric, change.group): change for change in found.against[1].changes}
    assert len(table) == len(changes)
    pairs = [
        ("contract pass", "contract_pass"),
        ("old answer less probable", "logprob_lost"),
        ("declining", "declines"),
    ]
    for name, metric in pairs:
        change = changes[metric, "all"]
        row = next(row for row in table if row[0].startswith(name))
        interval = difference.interval(change, change.difference)
        assert f"{row[3]} ({row[5]})" == interval, name
        assert row[1:3] == [difference.figure(change, value) for value in (change.reference, change.other)]
    assert whisker(shown) == "whisker", "within the seed noise"
    scale, dot = (shown.locator(f"#changes {place}").first.bounding_box() for place in (".whisker", ".whisker b"))
    assert dot["x"] + dot["width"] / 2 == pytest.approx(scale["x"] + scale["width"], abs=1), (
        "+100 points: the right end"
    )


def test_anchors_that_got_better_and_worse_show_both_answers_by_the_runs_names(opened: Open) -> None:
    base, _, slow = three()
    shown = opened(slow, base)
    assert shown.locator("#like button").all_inner_texts() == ["All 18", "Worse 12", "Better 0", "Differ 18"]
    assert shown.locator("#side-buttons button").count() == 1, "drawn, and put away: there is nothing to choose"
    assert not shown.locator("#sides").is_visible()
    assert whisker(shown) == "whisker clear"
    assert shown.locator("#both .pane h3").all_inner_texts() == ["A slow · step 80", "B base · step 80"]
    assert shown.locator("#both del").all_inner_texts() == ["I cannot refund ", "after so long"]
    assert shown.locator("#both ins").all_inner_texts() == ["Sure, ", "is refunded right away"]
    told = text(shown, "#both")
    assert "worse" in told
    assert re.search(r"A found action refuse; expected refuse or hand_off; B found action answer; expected", told)
    shown.locator("#like button", has_text="Better").click()
    assert "No anchor is like that" in text(shown, "#answers")
    shown.locator("#like button", has_text="Differ").click()
    answers = shown.locator("#answers")
    answers.focus()
    answers.press("End")
    assert shown.locator("#both h2").inner_text() == "core-5"
    assert shown.locator("#both ins").all_inner_texts() == ["路上"]


def test_a_run_is_opened_from_the_comparison_and_left_again(opened: Open) -> None:
    shown = opened(*three())
    shown.locator("#compared-runs button", has_text="slow").click()
    assert shown.locator("#verdict").is_visible()
    assert not shown.locator("#comparison-view").is_visible()
    assert "slow" in text(shown, "#about")
    shown.locator("#back").click()
    assert shown.locator("#comparison-view").is_visible()
    assert shown.locator("#run").input_value() == "comparison"
    shown.locator('#answers [data-id="risk-5"]').click()
    shown.locator("#both button", has_text="B seed-1").click()
    assert text(shown, "#pair h2") == "risk-5"
    assert "seed-1" in text(shown, "#about")
    shown.locator("#run").select_option("comparison")
    assert text(shown, "#both h2") == "risk-5"


def test_the_course_of_a_behaviour_is_drawn_for_every_run(opened: Open) -> None:
    shown = opened(*three())
    names = shown.locator("#course-legend button").all_inner_texts()
    assert [name.split("\n")[0] for name in names] == [
        "A · contract pass", "B · contract pass", "C · contract pass", "A · loss", "B · loss",
    ]  # fmt: skip
    shown.locator("#course-of").select_option("logprob_lost/core")
    assert shown.locator("#course-legend button").first.inner_text().startswith("A · old answer less probable")
    assert shown.locator("#course canvas").count() == 1


def test_other_versions_are_compared_on_the_anchors_they_share_which_is_said(opened: Open) -> None:
    shown = opened(watched(name="old"), watched(steady, name="new", anchors=SHORTER))
    assert text(shown, "#compared") == "2 runs compared on 15 anchors"
    told = text(shown, "#compared-anchors")
    assert "The runs were watched with different anchors" in told
    assert "Not compared, 3: risk-0 (asks something else in B), core-4 (only in A), core-5 (only in A)" in told
    assert "their contracts are not compared: risk-1" in told
    assert "Each line is over all anchors of its run" in text(shown, "#course-part")
    shown.locator('#answers [data-id="risk-1"]').click()
    assert "Something else is expected of this anchor in another run" in text(shown, "#both")
    shown.locator("#language").click()
    assert "risk-0 (在 B 中问的是别的)" in text(shown, "#compared-anchors")


def test_runs_that_cannot_be_compared_are_shown_each_by_itself(opened: Open) -> None:
    shown = opened(watched(checks=0, name="unborn"), watched(name="alone"))
    told = "unborn has no check yet and is not compared.\nThere is nothing to compare"
    assert text(shown, "#notice").replace("\n\n", "\n").startswith(told)
    assert not shown.locator("#comparison-view").is_visible()
    assert not shown.locator("#back").is_visible()
    assert text(shown, "#sentence") == "No check was recorded."
    shown.locator("#run").select_option("1")
    assert "12 of 12 contracts are broken" in text(shown, "#sentence")


def test_the_comparison_is_reached_by_keyboard_and_keeps_the_focus(opened: Open) -> None:
    shown = opened(*three())
    reached = []
    for _ in range(60):
        shown.keyboard.press("Tab")
        reached.append(shown.evaluate("document.activeElement.id || document.activeElement.dataset.label || ''"))
        if reached[-1] == "answers":
            break
        assert shown.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", reached[-1]
    order = ["skip", "run", "language", "theme", "B", "C", "course-of", "all-metrics", "answers"]
    assert [each for each in reached if each in order] == order[1:]
    shown.locator('[data-label="C"]').focus()
    shown.keyboard.press("Enter")
    assert shown.evaluate("document.activeElement.dataset.label") == "C"
    assert shown.locator('[data-label="C"]').get_attribute("aria-pressed") == "true"
    shown.locator('[data-like="better"]').focus()
    shown.keyboard.press("Space")
    assert shown.evaluate("document.activeElement.dataset.like") == "better"
    assert "core" not in text(shown, "#answers")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_phone_needs_no_scrolling_sideways_to_compare(opened: Open, locale: str) -> None:
    shown = opened(*three(), width=360, height=740, is_mobile=True, has_touch=True, locale=locale, color_scheme="dark")
    assert shown.evaluate("document.documentElement.scrollWidth") <= 360
    shown.locator('#side-buttons [data-label="C"]').tap()
    shown.locator('#answers [data-id="risk-2"]').tap()
    assert (
        shown.locator("#both .pane").nth(1).bounding_box()["y"]
        > shown.locator("#both .pane").nth(0).bounding_box()["y"]
    )


def test_hostile_names_and_settings_are_text_in_the_comparison(opened: Open) -> None:
    nasty = '</script><img src=x onerror="alert(1)">'
    factors = {**FACTORS, "args.note": nasty, f"args.{nasty}": 1, "args.constructor": "{0}"}
    anchors = RISK.model_copy(update={"anchors": tuple(
        anchor.model_copy(update={"id": f"{nasty} {at}", "why": nasty}) for at, anchor in enumerate(RISK.anchors)
    )})  # fmt: skip
    runs = [
        watched(lambda *_: nasty, checks=3, name=nasty, factors={**factors, "args.note": "\u202e"}, anchors=anchors),
        watched(lambda *_: "x" * 100_000, checks=3, name="%DATA%" + "y" * 300, factors=factors, anchors=anchors),
        watched(lambda *_: "", checks=3, name="{0}", factors={**factors, "args.constructor": "{1}"}, anchors=anchors),
    ]  # fmt: skip
    shown = opened(*runs, width=390, height=844)
    for _ in range(2):
        for label in ("C", "B"):
            shown.locator(f'#side-buttons [data-label="{label}"]').click()
            assert shown.locator("main img, main script").count() == 0
            assert shown.evaluate("document.documentElement.scrollWidth") <= 390
        shown.locator("#language").click()
    assert shown.locator("#compared-runs button").first.inner_text() == nasty
    assert "U+202E" in text(shown, "#causes")
    assert nasty in text(shown, "#both del")
