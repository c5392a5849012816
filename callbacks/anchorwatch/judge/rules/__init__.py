"""The rules, one a file: each a pure function from what is known at a check to the flags it raises there."""

from __future__ import annotations

from collections.abc import Callable

from anchorwatch.judge.rules.churn import churn
from anchorwatch.judge.rules.collapsed import collapsed
from anchorwatch.judge.rules.evidence import Judged
from anchorwatch.judge.rules.overconfident import overconfident
from anchorwatch.judge.rules.regressed import regressed
from anchorwatch.judge.rules.reverse import reverse
from anchorwatch.judge.rules.stalled import stalled
from anchorwatch.judge.rules.unstable import unstable
from anchorwatch.records import Flag

__all__ = ["RULES", "Judged", "Rule"]

Rule = Callable[[Judged, int], tuple[Flag, ...]]
"""(the run, the number of the check judged) -> flags. It looks at nothing later than that check."""

RULES: tuple[Rule, ...] = (regressed, overconfident, collapsed, unstable, churn, reverse, stalled)
"""In the order in which their flags are told."""
