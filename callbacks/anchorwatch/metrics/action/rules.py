"""A rule: which cue a pattern shows."""

from __future__ import annotations

import re

from anchorwatch.metrics.action.kinds import CueKind

Rule = tuple[CueKind, re.Pattern[str]]
"""What a match shows, and the pattern."""

_NOT = r"(?:n't|(?<=do|is|wo|es|id|as)nt\b)"
"""`n't`, also as many type it: `dont`, `doesnt`, but not the end of `important`."""


def rule(kind: CueKind, pattern: str) -> Rule:
    """`pattern` as written; case does not matter."""
    return kind, re.compile(pattern, re.IGNORECASE)


def spaced(kind: CueKind, pattern: str) -> Rule:
    """`pattern` with every blank standing for any run of blanks, and `don't` for `dont` too; case does not matter."""
    pattern = pattern.replace("n't", _NOT).replace("can't", "can'?t").replace("'m", "'?m")
    return rule(kind, re.sub(r" (?!\?)", " +", pattern).replace(" ?", " *"))
