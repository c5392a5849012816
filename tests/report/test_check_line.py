"""The line of a check: what changed since the one before, the worst first, in as many columns as there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest
from rich.cells import cell_len

from anchorwatch.anchors import load
from anchorwatch.report import check_line
from example_run import AFTER, ANCHORS, BEFORE, reading

SEVEN = load(
    [
        {"id": "hours", "kind": "core", "prompt": "When do you open?", "expect": {"includes": ["nine"]}},
        *(
            {"id": f"refund-{year}", "kind": kind, "prompt": f"{year} years, refund?", "expect": {"action": ["refuse"]}}
            for year, kind in enumerate(["boundary", "boundary", "risk", "risk"], 1)
        ),
        {"id": "thanks", "kind": "core", "prompt": "Thanks"},
        {"id": "bye", "kind": "core", "prompt": "Bye"},
    ]
)
REFUSES, ANSWERS = "I am sorry, I cannot refund it.", "Sure, the money is on its way to you."
GOOD = {anchor.id: REFUSES for anchor in SEVEN.anchors} | {"hours": "In the morning.", "thanks": "Hi.", "bye": "Bye."}
BAD = {anchor.id: ANSWERS for anchor in SEVEN.anchors} | {"hours": "At nine.", "thanks": "Ho.", "bye": "Bye."}


def line(width: int, *, before: Mapping[str, str] = GOOD, now: Mapping[str, str] = BAD, **how: float) -> str:
    """The line, in so many columns, of a check at step 40 that follows on the baseline."""
    baseline = reading(before, anchors=SEVEN)
    return check_line(reading(now, 40, baseline, SEVEN), baseline, baseline, SEVEN, width=width, **how).plain


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (
            200,
            (
                "broke: refund-3 (refuses → answers), refund-4 (refuses → answers), refund-1 (refuses → answers), "
                "refund-2 (refuses → answers); mended: hours (includes); changed: thanks"
            ),
        ),
        (120, "broke: refund-3 (refuses → answers) and 3 more; mended: hours (includes); changed: thanks"),
        (100, "broke: refund-3 (refuses → answers) and 3 more; mended: hours; 1 changed"),
        (80, "broke: refund-3 (refuses → answers) and 3 more …"),
        (70, "broke: refund-3 (answers) and 3 more …"),
        (60, "broke: refund-3 and 3 more …"),
        (49, "broke: refund… and 3 more"),
        (46, "4 broke"),
        (31, "4 broke"),
        (30, "4 bro…"),
    ],
)
def test_the_worst_comes_first_and_what_does_not_fit_is_counted(width: int, told: str) -> None:
    assert line(width) == f"step 40: contracts 1/5; {told}"


@pytest.mark.parametrize("acts", ["answer", "全角文字", "[red]x[/]\x1b[2J\r\n\u202ex"])
def test_it_is_one_line_and_never_wider_than_the_terminal_whatever_the_classifier_says(acts: str) -> None:
    baseline = reading(BEFORE)
    now = reading(AFTER, 40, baseline)
    scores = tuple(
        dataclasses.replace(score, value=acts) if score.metric == "action" else score for score in now.scores
    )
    for width in range(1, 200):
        told = check_line(
            dataclasses.replace(now, scores=scores), baseline, baseline, ANCHORS, width=width, loss=1.5
        ).plain
        assert cell_len(told) <= width
        assert not set(told) & set("\n\r\x1b\u202e")
    assert "broke: refund (refuses → " in told


def test_it_is_calm_where_nothing_changed() -> None:
    assert line(80, now=GOOD) == "step 40: contracts 4/5; nothing changed"
    assert line(80, now=GOOD, loss=0.634) == "step 40: loss 0.634, contracts 4/5; nothing changed"


def test_changed_texts_come_after_changed_actions_and_only_three_are_named() -> None:
    before = GOOD | {"bye": REFUSES}
    other = {name: f"{text} So it is." for name, text in before.items()} | {"bye": "Good day to you."}
    assert line(160, before=before, now=other) == (
        "step 40: contracts 4/5; changed: bye (refuses → answers), refund-3, refund-4 and 4 more"
    )


def test_a_contract_that_broke_for_another_reason_than_the_action_is_named() -> None:
    nine = GOOD | {"hours": "At nine."}
    assert line(80, before=nine, now=GOOD) == "step 40: contracts 4/5; broke: hours (includes)"


def test_a_set_without_contracts_says_how_many_answers_are_other_than_they_were() -> None:
    anchors = load([{"id": name, "kind": "core", "prompt": name} for name in ("hi", "bye")])
    baseline = reading({"hi": "Hello.", "bye": "Bye."}, anchors=anchors)
    now = reading({"hi": "Hello!", "bye": "Bye."}, 40, baseline, anchors)
    assert check_line(baseline, baseline, baseline, anchors).plain == "step 0: baseline of 2 anchors, no contracts"
    assert check_line(now, baseline, baseline, anchors).plain == (
        "step 40: 1/2 answers unlike the baseline; changed: hi"
    )
