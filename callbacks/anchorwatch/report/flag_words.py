"""What a flag says wherever it is told: its sentence, since when, and the figures it rests on."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, NamedTuple

from anchorwatch.records import Flag
from anchorwatch.report import words
from anchorwatch.text import visible


class Figures(NamedTuple):
    """Of a flag; None where its rule has no such figure, or the run was recorded without it."""

    loss: str | None
    """The name of the loss that was compared."""
    loss_before: float | None
    loss_after: float | None
    before: float | None
    """The behaviour at the baseline; shares as 0 to 1."""
    after: float | None
    """The behaviour now."""
    change_low: float | None
    change_high: float | None
    """95% interval of the change, a share's as −1 to 1."""
    p: float | None
    """Corrected for the whole run."""


def figures(flag: Flag) -> Figures:
    """What the flag's evidence holds of them."""
    loss, moved = flag.evidence.get("loss") or {}, flag.evidence.get("behaviour") or {}
    name = loss.get("name")
    return Figures(
        loss=name if isinstance(name, str) else None,
        loss_before=_number(loss.get("before")),
        loss_after=_number(loss.get("after")),
        before=_number(moved.get("before")),
        after=_number(moved.get("after")),
        change_low=_number(moved.get("change_low")),
        change_high=_number(moved.get("change_high")),
        p=_number(moved.get("p", flag.evidence.get("p"))),
    )


def told(flag: Flag, rates: Collection[str], limit: int | None = None) -> str:
    """The sentence and what it rests on: "… (since step 40; change −60 to −20 points at 95%, p = .004)".

    `rates` are the metrics that are shares of anchors (see `words.rates`): their change is told in points. What is not
    known is left out; a broken contract's sentence says all there is. Safe to print; the sentence is cut at `limit`
    characters with a note.
    """
    sentence = visible(flag.message, limit)
    if flag.rule == "contract_broken":
        return sentence
    found, rate = figures(flag), flag.metric in rates
    rests = []
    if found.change_low is not None and found.change_high is not None:
        ends = " to ".join(words.signed(end, rate=rate) for end in (found.change_low, found.change_high))
        rests.append(f"change {ends}{' points' if rate else ''} at 95%")
    if found.p is not None:
        rests.append(words.probability(found.p))
    return f"{sentence} ({'; '.join(filter(None, [f'since step {flag.since_step}', ', '.join(rests)]))})"


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known else None
