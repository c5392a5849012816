"""How far an output's text is from the one it is compared with (the baseline's or the previous check's)."""

from __future__ import annotations

from rapidfuzz.distance import Levenshtein

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.metric import Measured
from anchorwatch.records import Output

WINDOW = 10_000
"""Characters compared: the edit distance of two texts of 1 MB would take minutes."""


def changed(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Whether the text differs in any character. No score where there is nothing to compare with."""
    if compared is None:
        return Measured(None, "nothing to compare with")
    return Measured(output.text != compared.text)


def similarity(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Edit similarity, see `edit_similarity`. No score where there is nothing to compare with."""
    if compared is None:
        return Measured(None, "nothing to compare with")
    return Measured(edit_similarity(output.text, compared.text))


def edit_similarity(one: str, other: str) -> float:
    """1 − edits ÷ length of the longer text, over the first `WINDOW` characters of each.

    0 (nothing in common) to 1 (equal, also two empty texts). Source: Levenshtein 1966, normalised by the longer length.
    """
    return Levenshtein.normalized_similarity(one[:WINDOW], other[:WINDOW])
