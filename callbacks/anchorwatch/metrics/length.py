"""How long an output is, and whether it was cut off."""

from __future__ import annotations

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.metric import Measured
from anchorwatch.records import Output

_UNKNOWN = Measured(None, "a text alone: its tokens are not known")


def count(output: Output) -> int | None:
    """Generated tokens without the end-of-sequence token; 0 for an empty output, None for a text without its tokens."""
    if not output.tokens and (output.text or output.finish == "length"):
        return None
    return max(len(output.tokens) - (output.finish == "stop"), 0)


def tokens(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Generated tokens, the end-of-sequence token not counted. 0 to `max_new_tokens`; 0 for an empty output.

    No score where the tokens are not known: a server gives texts.
    """
    number = count(output)
    return _UNKNOWN if number is None else Measured(float(number))


def length_ratio(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Tokens now ÷ tokens at baseline. 0 and up, 1 = as long.

    No score at the baseline, if its output was empty, or where tokens are not known.
    """
    if compared is None:
        return Measured(None, "this is the baseline")
    now, before = count(output), count(compared)
    if now is None or before is None:
        return _UNKNOWN
    if before == 0:
        return Measured(None, "the baseline's output is empty")
    return Measured(now / before, f"{now} tokens, {before} at baseline")


def truncated(anchor: Anchor, output: Output, compared: Output | None) -> bool:
    """Whether the output was cut off at `max_new_tokens` instead of ending by itself."""
    return output.finish == "length"
