from __future__ import annotations

import pytest

from anchorwatch.metrics import counts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("a", 1),
        (" - ... !", 0),
        ("It's a well-known fact, isn't it?", 6),
        ("保修期是两年。", 6),
        ("保修 two years", 4),
        ("コーヒー", 4),
        ("नमस्ते दुनिया", 2),
        ("\ud800", 0),
        ("one—two… three", 3),
    ],
)
def test_words(text: str, words: int) -> None:
    assert len(counts.words(text)) == words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", 0),
        ("?!", 0),
        ("Yes", 1),
        ("No. It costs 7.5 euros, e.g. by card. Dr. Who agrees!", 3),
        ("可以退。请联系客服！好吗？", 3),
        ("1. Open it.\n2. Close it.", 2),
        ('He said "Stop." Then he left.', 2),
        ("A title\nand a line", 2),
    ],
)
def test_sentences(text: str, sentences: int) -> None:
    assert counts.sentences(text) == sentences


def test_lines_and_paragraphs_skip_blank_ones() -> None:
    text = "\none\ntwo\n \t\n\nthree\n"
    assert counts.lines(text) == 3
    assert counts.paragraphs(text) == 2
    assert counts.lines("") == counts.paragraphs(" \n\n ") == 0


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", 0),
        ("- a\n* b\n+ c\n• d", 4),
        ("1. a\n2) b\n(3) c", 3),
        ("1、甲\n（2）乙\n（三）丙\n四、丁\n5.戊", 5),
        ("- a\n  - nested", 2),
        ("**bold** word\n7.5 kilos\n-5 degrees\n---", 0),
        ("-\n- ", 0),
    ],
)
def test_items(text: str, items: int) -> None:
    assert counts.items(text) == items


@pytest.mark.parametrize("piece", ["a", " ", "\n", ".", "- a\n", "。", "(1", "!) ", "\t\n"])
def test_a_megabyte_of_anything_is_counted(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert len(counts.words(text)) >= 0
    assert min(count(text) for count in (counts.sentences, counts.lines, counts.paragraphs, counts.items)) >= 0
