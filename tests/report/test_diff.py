from __future__ import annotations

import random
from itertools import pairwise

import pytest

from anchorwatch.report.diff import MAX_TOKENS, Segment, diff


def sides(segments: tuple[Segment, ...]) -> tuple[str, str]:
    before = "".join(segment.text for segment in segments if segment.op != "insert")
    after = "".join(segment.text for segment in segments if segment.op != "delete")
    return before, after


@pytest.mark.parametrize(
    ("before", "after", "segments"),
    [
        ("", "", []),
        ("same", "same", [("equal", "same")]),
        ("", "new", [("insert", "new")]),
        ("old", "", [("delete", "old")]),
        (
            "costs 24.90 euros",
            "costs 25.10 euros",
            [("equal", "costs "), ("delete", "24.90"), ("insert", "25.10"), ("equal", " euros")],
        ),
        ("I don't know", "I do know", [("equal", "I "), ("delete", "don't"), ("insert", "do"), ("equal", " know")]),
        ("可以退款。", "不可以退款。", [("insert", "不"), ("equal", "可以退款。")]),
        (
            "请按 OK 键",
            "请按 Cancel 键",
            [("equal", "请按 "), ("delete", "OK"), ("insert", "Cancel"), ("equal", " 键")],
        ),
        ("a b", "a  b", [("equal", "a"), ("delete", " "), ("insert", "  "), ("equal", "b")]),
    ],
)
def test_words_and_characters_of_scripts_without_spaces_are_compared(before, after, segments):
    assert diff(before, after) == tuple(Segment(*segment) for segment in segments)


def test_a_rewritten_phrase_stays_in_one_piece():
    segments = diff("We are sorry, that is closed.", "Sure, you get it today.")
    assert [segment.op for segment in segments] == ["delete", "insert", "equal"]


def test_the_segments_give_both_texts_back_and_none_is_empty():
    chance = random.Random(0)
    for _ in range(3000):
        before, after = ("".join(chance.choices("ab ,.\n的了'\u200dx\x1b", k=chance.randint(0, 14))) for _ in range(2))
        segments = diff(before, after)
        assert sides(segments) == (before, after)
        assert all(segment.text for segment in segments)
        assert all(one.op != other.op for one, other in pairwise(segments))


@pytest.mark.parametrize("alphabet", ["ab ", "的了", "!?.", "a"])
def test_a_megabyte_against_another_is_compared(alphabet):
    chance = random.Random(1)
    before, after = ("".join(chance.choices(alphabet, k=1_000_000 - extra)) for extra in (0, 7))
    assert sides(diff(before, after)) == (before, after)


def test_words_past_the_cap_are_one_change_unless_both_texts_end_alike():
    # Equal numbers shifted against each other at the far end: compared, they would be equal again.
    filler = [f"w{i}" for i in range(MAX_TOKENS)]
    before = " ".join(["old", *filler, "shared", "x", "end"])
    after = " ".join(["new", *filler, "extra", "shared", "y", "end"])
    segments = diff(before, after)
    assert segments[-1] == Segment("equal", " end")
    assert "shared" in segments[-2].text
    assert "shared" in segments[-3].text
