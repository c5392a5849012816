"""The report in a real browser, opened from disk: what it draws, how it is used, and what it looks like."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_runs import steady, watched

from anchorwatch.report.page import WatchedRun

PAGE_FILES = Path(__file__).parents[2] / "callbacks/anchorwatch/report/page"
Open = Callable[..., Any]


def colours(shown: Any, place: str) -> set[str]:
    """The colours of the lines that are on the canvas in `place`, by name."""
    found: list[str] = shown.evaluate(
        """(place) => {
            const canvas = document.querySelector(`${place} canvas`);
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const seen = new Set();
            for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 250) seen.add(data.slice(at, at + 3).join());
            const probe = document.body.appendChild(document.createElement("i"));
            return ["loss", "line-0", "line-1", "line-2", "line-3"].filter((name) => {
                probe.style.color = `var(--${name})`;
                return seen.has(getComputedStyle(probe).color.match(/\\d+/g).join());
            });
        }""",
        place,
    )
    return set(found)


def text(shown: Any, place: str) -> str:
    found: str = shown.locator(place).inner_text()
    return found


# -- the first screen


def test_the_first_screen_says_the_verdict_and_draws_loss_and_behaviours_with_flags(opened: Open) -> None:
    shown = opened(watched())
    said = r"Behaviour got worse: alarm since step (\d0), and 1 more; 12 of 12 contracts are broken\."
    rang = re.fullmatch(said, text(shown, "#sentence"))
    assert rang is not None
    assert shown.locator("#chart .mark.alarm").first.get_attribute("data-step") == rang[1]
    assert "while loss improved from" in text(shown, "#claim")
    assert {"loss", "line-0", "line-1"} <= colours(shown, "#chart")
    assert {"line-0", "line-1"} <= colours(shown, "#drift")
    assert shown.locator("#chart .mark.alarm").count() >= 1
    box, mark = (shown.locator(place).first.bounding_box() for place in ("#chart .u-over", "#chart .mark.broken"))
    assert mark["x"] == pytest.approx(box["x"] + box["width"] * 30 / 89, abs=3), "at step 30 of 0 to 89"
    here = [shown.locator(f"{place} .here").bounding_box()["x"] for place in ("#chart", "#drift")]
    assert here[0] == pytest.approx(here[1], abs=1), "both charts have one time axis"
    assert text(shown, "#broken-title") == "Contracts broken: 12 of 12"
    assert shown.locator("#broken button").count() == 12
    assert shown.locator("#broken-title").bounding_box()["y"] < 900


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (watched(steady, losses=[]), "No alarm, and no contract that held at the baseline is broken."),
        (watched(steady), "To watch since step 30: Nothing the set asks about moved."),
        (watched(checks=1, losses=[]), "Only the baseline was recorded"),
        (watched(checks=0, losses=[]), "No check was recorded."),
        (watched(checks=4, losses=[]), "4 of 12 contracts that were checked are broken, without an alarm"),
    ],
    ids=["steady", "stalled", "baseline-only", "unborn", "broken-only"],
)
def test_a_run_without_alarm_loss_or_later_check_is_told_as_it_is(opened: Open, run: WatchedRun, says: str) -> None:
    shown = opened(replace(run, stored=replace(run.stored, status="running", final_step=None)))
    assert says in text(shown, "#sentence")
    assert "not ended when this was written" in text(shown, "#about")
    assert shown.locator("#chart .mark.alarm").count() == 0


def test_lines_can_be_put_away_and_the_figures_are_there_in_words(opened: Open) -> None:
    shown = opened(watched())
    loss = shown.locator("#legend button").first
    loss.click()
    assert loss.get_attribute("aria-pressed") == "false"
    assert "loss" not in colours(shown, "#chart")
    shown.locator("#numbers summary").click()
    assert "declining\trisk\t100%\t0%\tn = 12" in text(shown, "#numbers")


# -- the anchors


def test_the_slider_moves_by_keyboard_through_checks_and_marks_words_and_characters(opened: Open) -> None:
    shown = opened(watched())
    slider = shown.locator("#step")
    slider.focus()
    assert slider.get_attribute("aria-valuetext") == "step 80 (9 of 9); risk-0: broken"
    assert shown.locator("#pair del").all_inner_texts() == ["I cannot refund ", "after so long"]
    for _ in range(6):
        slider.press("ArrowLeft")
    assert text(shown, "#step-name") == "step 20 (3 of 9)"
    assert "The two answers are the same." in text(shown, "#pair")
    slider.press("End")
    shown.locator('[data-id="core-2"]').click()
    assert shown.locator("#pair del").all_inner_texts() == ["仓库"]
    assert shown.locator("#pair ins").all_inner_texts() == ["路上"]
    shown.locator("#against").select_option("previous")
    assert shown.locator("#pair .pane h3").all_inner_texts() == ["step 70", "step 80"]
    assert shown.locator("#pair ins").count() == 0


def test_an_anchor_shows_its_action_reason_contracts_and_drift(opened: Open) -> None:
    shown = opened(watched())
    told = text(shown, "#pair")
    assert "refuses" in told
    assert "expected: refuses or hands over to a person" in told
    assert "found action answer; expected refuse or hand_off (since step 30)" in told
    assert "a person decides" in told
    line = shown.locator(".heat")
    assert line.locator("span").count() == 12
    assert shown.locator(".heat .less-5").count() > 0
    assert shown.locator(".heat .more-1").count() == 1
    line.focus()
    for _ in range(3):
        line.press("ArrowRight")
    assert line.get_attribute("aria-valuetext") == "token 3: lost 4 nats; from here the model now says something else"
    line.locator("span").first.hover()
    assert "token 1: lost 4.8 nats" in told + text(shown, "#pair")


def test_filters_and_search_find_anchors(opened: Open) -> None:
    shown = opened(watched())

    def found() -> int:
        return int(shown.locator("#list .option").count())

    assert found() == 18
    for place, left in (("#changed", 18), ("#only-broken", 12), ("#flagged", 10)):
        shown.locator(place).click()
        assert found() == left, place
        assert text(shown, "#found") == f"{left} of 18 anchors"
        shown.locator(place).click()
    shown.locator("#kind").select_option("core")
    assert found() == 6
    shown.locator("#kind").select_option("")
    shown.locator("#tag").select_option("money")
    assert found() == 6
    shown.locator("#tag").select_option("")
    shown.locator("#search").fill("ORDER 7 IS REFUNDED")
    assert shown.locator("#list .option strong").all_inner_texts() == ["risk-7"]
    shown.locator("#search").fill("nowhere to be found")
    assert "No anchor is like that" in text(shown, "#list")
    assert shown.locator("#search").input_value() == "nowhere to be found"


def test_everything_is_reached_by_keyboard_and_the_list_by_arrows(opened: Open) -> None:
    shown = opened(watched())
    reached = []
    for _ in range(80):
        shown.keyboard.press("Tab")
        reached.append(shown.evaluate("document.activeElement.id || document.activeElement.className"))
        if reached[-1] == "list":
            break
        assert shown.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", reached[-1]
    order = ["skip", "run", "language", "theme", "step", "against", "search", "kind", "tag", "changed", "list"]
    assert [each for each in reached if each in order] == order
    for key, chosen in (("ArrowDown", "risk-1"), ("End", "core-5"), ("ArrowUp", "core-4"), ("Home", "risk-0")):
        shown.keyboard.press(key)
        assert text(shown, "#pair h2") == chosen
        assert shown.locator('[aria-selected="true"]').get_attribute("data-id") == chosen
    shown.keyboard.press("Shift+Tab")
    assert shown.evaluate("document.activeElement.id") == "flagged"


def test_a_contract_a_flag_and_the_chart_lead_to_their_check_and_anchors(opened: Open) -> None:
    shown = opened(watched())
    shown.locator("#broken button", has_text="risk-3").click()
    assert text(shown, "#pair h2") == "risk-3"
    shown.locator("#chart .mark.broken button").first.click()
    assert text(shown, "#step-name") == "step 30 (4 of 9)"
    assert shown.locator("#list .option strong").all_inner_texts() == [f"risk-{number}" for number in range(4)]
    assert text(shown, "#pair h2") == "risk-0"
    shown.locator("#chart .mark.alarm button").first.click()
    assert shown.locator("#flagged").get_attribute("aria-pressed") == "true"
    assert shown.locator("#list .option strong").count() > 0
    shown.locator("#chart .u-over").click(position={"x": 4, "y": 100})
    assert text(shown, "#step-name") == "baseline, step 0"
    shown.locator("#flags button").first.click()
    assert shown.locator("#flagged").get_attribute("aria-pressed") == "true"


def test_a_flag_that_names_no_anchors_leads_to_all_of_them(opened: Open) -> None:
    shown = opened(watched(steady))
    shown.locator("#chart .mark.watch button").click()
    assert text(shown, "#step-name") == "step 30 (4 of 9)"
    assert text(shown, "#found") == "18 of 18 anchors"


def test_several_runs_are_chosen_between(opened: Open) -> None:
    shown = opened(watched(name="worse"), watched(steady, name="same"))
    shown.locator("#run").select_option(label="same (same-012)")
    assert "No alarm" in text(shown, "#sentence")
    assert shown.locator("#broken li").count() == 0


# -- languages, light and dark, phones


def test_a_long_name_leaves_the_header_on_one_row(opened: Open) -> None:
    name = "a very long name of a run " * 12
    shown = opened(watched(name=name.strip(), checks=1))
    assert shown.locator("header").bounding_box()["height"] < 70
    assert name.strip() in shown.locator("#run").get_attribute("title")


def test_the_language_is_the_browsers_and_can_be_switched(opened: Open) -> None:
    shown = opened(watched(), locale="zh-CN")
    assert shown.locator("html").get_attribute("lang") == "zh-CN"
    assert text(shown, "#sentence").endswith("12 条契约中有 12 条被打破。")
    assert "风险" in text(shown, "#list")
    assert "第 80 步（9 / 9）" in shown.locator("#step").get_attribute("aria-valuetext")
    shown.locator("#language").click()
    assert "12 of 12 contracts are broken" in text(shown, "#sentence")
    assert "undefined" not in shown.locator("body").inner_text()


def test_both_languages_say_the_same_things(browser: Any) -> None:
    shown = browser.new_page()
    words = shown.evaluate(f"(() => {{ {(PAGE_FILES / 'words.js').read_text('utf-8')}; return WORDS; }})()")
    shown.close()
    english, chinese = words["en"], words["zh"]
    assert english.keys() == chinese.keys()
    for key, said in english.items():
        if isinstance(said, str):
            assert {n for n in "01234" if f"{{{n}}}" in said} == {n for n in "01234" if f"{{{n}}}" in chinese[key]}, key
    assert all(english[table].keys() == chinese[table].keys() for table in ("kinds", "rules"))


def test_dark_follows_the_system_and_the_button(opened: Open) -> None:
    shown = opened(watched(), color_scheme="dark")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    dark = shown.evaluate(background)
    assert dark == "rgb(20, 23, 28)"
    assert {"loss", "line-0"} <= colours(shown, "#chart")
    shown.locator("#theme").click()
    assert shown.evaluate(background) == "rgb(245, 246, 248)"
    assert {"loss", "line-0"} <= colours(shown, "#chart"), "the chart is drawn again in the light colours"


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_phone_needs_no_scrolling_sideways(opened: Open, locale: str) -> None:
    shown = opened(watched(), width=360, height=740, is_mobile=True, has_touch=True, locale=locale)
    assert shown.evaluate("document.documentElement.scrollWidth") <= 360
    shown.locator('[data-id="risk-4"]').tap()
    assert text(shown, "#pair h2") == "risk-4"
    assert shown.locator(".pane").nth(1).bounding_box()["y"] > shown.locator(".pane").nth(0).bounding_box()["y"] + 20
    shown.locator(".heat span").nth(1).tap()
    assert {"en-US": "token 2: lost 4.4 nats", "zh-CN": "第 2 个 token：损失 4.4 nat"}[locale] in text(shown, "#pair")
