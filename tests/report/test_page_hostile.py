"""Whatever a model wrote is shown as text in the report: it runs nothing and breaks nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from page_runs import RISK, watched

from anchorwatch.anchors import AnchorSet
from anchorwatch.report.diff import diff
from anchorwatch.text import scrub

PAGE_FILES = Path(__file__).parents[2] / "callbacks/anchorwatch/report/page"
HOSTILE = [
    "</script><script>alert(1)</script>",
    '<img src=x onerror="alert(2)"><svg onload=alert(3)><iframe src="https://example.com/"></iframe><style>*{display:none}',
    "<!--<script>",
    "مرحبا بالعالم \u202eسبق\u202c שלום",
    "x" * 100_000,
    "\ud800 lone \udfff \x00\x1b[2J\x07",
    "👩‍👧 🏴‍☠️ 🇨🇳 " * 50,
    "{0} {{7*7}} %DATA% ${alert(4)} javascript:alert(5)",
    "",
]


def test_hostile_text_runs_nothing_breaks_nothing_and_is_shown_as_text(opened: Callable[..., Any]) -> None:
    asked = [scrub(said[:300]) for said in HOSTILE]
    anchors = tuple(
        RISK.anchors[0].model_copy(update={"id": f"a{i}", "prompt": f"ask {said}", "why": said})
        for i, said in enumerate(asked)
    )
    hostile = AnchorSet(name="hostile", anchors=anchors)
    run = watched(
        lambda at, number, _: HOSTILE[(number + at) % len(HOSTILE)], anchors=hostile, checks=3, name=HOSTILE[0]
    )
    shown = opened(run, watched(), width=390, height=844)
    assert shown.locator("main img, main svg, main iframe, main style, main script").count() == 0
    assert shown.locator("#run option").first.inner_text().startswith("</script><script>alert(1)")
    seen = []
    for number in range(len(HOSTILE)):
        shown.locator(f'[data-id="a{number}"]').click()
        for cut in shown.locator("#pair .pane button", has_text="Show all").all():
            cut.click()
        seen.append(shown.locator("#pair .pane .text").first.text_content())
        assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen[:3] == HOSTILE[:3]
    assert seen[3] == HOSTILE[3].replace("\u202e", "U+202E").replace("\u202c", "U+202C")
    assert seen[4] == HOSTILE[4]
    assert seen[5] == "\ufffd lone \ufffd \ufffdU+001B[2JU+0007"
    assert seen[6:8] == HOSTILE[6:8]
    assert seen[8] == "(empty)"


def test_differences_are_those_of_the_terminal(browser: Any) -> None:
    pairs = [
        ("", ""), ("a b c", "a b c"), ("", "new"), ("In the morning.", "At nine in the morning."),
        ("我们上午九点开门。", "我们上午十点开门。"), ("don't pay 24.90 now", "don't pay 24,95 now"),
        ("I cannot refund it after three years.", "Sure, the money is on its way to you."),
        ("ここは東京です", "ここは大阪です"), ("a\n\nb", "a b"), ("one two three four", "one 2 three 4"),
        ("x [y] {z}", "x (y) <z>"),
    ]  # fmt: skip
    shown = browser.new_page()
    for file in ("vendor/diff.min.js", "differences.js"):
        shown.add_script_tag(content=(PAGE_FILES / file).read_text("utf-8"))
    for before, after in pairs:
        assert shown.evaluate("([a, b]) => differences(a, b)", [before, after]) == [
            list(s) for s in diff(before, after)
        ]
    far = [" ".join(f"{side}{i}" for i in range(30_000)) for side in "ab"]
    assert shown.evaluate("([a, b]) => differences(a, b)", far) is None, "too much to compare at once"
    shown.close()
