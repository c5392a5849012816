"""What an output does, as metrics around any classifier of `metrics.action`'s form."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.metric import Measured, Metric
from anchorwatch.records import Output


class Classification(Protocol):
    """What a classifier returns."""

    @property
    def action(self) -> str:
        """One of `anchors.ACTIONS`."""

    @property
    def declines(self) -> bool:
        """True for refuse, hand_off and cannot_know."""

    @property
    def reason(self) -> str:
        """What decided it."""


def action_metrics(classify: Callable[[str, str | None], Classification], version: str = "1") -> tuple[Metric, Metric]:
    """The metrics `action` (a label, one of `anchors.ACTIONS`) and `declines` (yes/no), read off one classification.

    `classify` is given the output and the last user turn; it is called once for equal texts. It always has a score: an
    empty output is degenerate. `version` is the classifier's.
    """
    # Both metrics ask for the same output, and most outputs of a check are those of the check before.
    once = lru_cache(maxsize=128)(classify)

    def action(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
        found = once(output.text, anchor.question)
        return Measured(found.action, found.reason)

    def declines(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
        found = once(output.text, anchor.question)
        return Measured(found.declines, found.reason)

    return Metric("action", action, version), Metric("declines", declines, version)
