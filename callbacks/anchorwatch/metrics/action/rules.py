"""A rule: which cue a pattern shows."""

from __future__ import annotations

import re

from .kinds import CueKind

Rule = tuple[CueKind, re.Pattern[str]]
"""What a match shows, and the pattern."""


def rule(kind: CueKind, pattern: str) -> Rule:
    """`pattern` as written; case does not matter."""
    return kind, re.compile(pattern, re.IGNORECASE)


def spaced(kind: CueKind, pattern: str) -> Rule:
    """`pattern` with every blank standing for any run of blanks; case does not matter."""
    return rule(kind, re.sub(r" (?!\?)", " +", pattern).replace(" ?", " *"))
