"""Runs compared on the same anchors: what differs between them, what it did, and what can be put down to what."""

from anchorwatch.compare.comparison import compare
from anchorwatch.compare.records import (
    Against,
    AnswerPair,
    Attribution,
    Cause,
    Change,
    CommonAnchors,
    ComparedRun,
    Comparison,
    FactorDifference,
    Interval,
    Verdict,
)

__all__ = [
    "Against",
    "AnswerPair",
    "Attribution",
    "Cause",
    "Change",
    "CommonAnchors",
    "ComparedRun",
    "Comparison",
    "FactorDifference",
    "Interval",
    "Verdict",
    "compare",
]
