"""How long an output is, and whether it was cut off."""

from __future__ import annotations

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.metric import Measured
from anchorwatch.records import Output


def count(output: Output) -> int:
    """Generated tokens without the end-of-sequence token; 0 for an empty output."""
    return max(len(output.tokens) - (output.finish == "stop"), 0)


def tokens(anchor: Anchor, output: Output, compared: Output | None) -> float:
    """Generated tokens, the end-of-sequence token not counted. 0 to `max_new_tokens`; 0 for an empty output."""
    return float(count(output))


def length_ratio(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Tokens now ÷ tokens at baseline. 0 and up, 1 = as long; no score at the baseline or if its output was empty."""
    if compared is None:
        return Measured(None, "this is the baseline")
    now, before = count(output), count(compared)
    if before == 0:
        return Measured(None, "the baseline's output is empty")
    return Measured(now / before, f"{now} tokens, {before} at baseline")


def truncated(anchor: Anchor, output: Output, compared: Output | None) -> bool:
    """Whether the output was cut off at `max_new_tokens` instead of ending by itself."""
    return output.finish == "length"
