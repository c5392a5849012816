"""How far the model moved away from the answer it gave at baseline. Moves before any text changes."""

from __future__ import annotations

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.metric import Measured
from anchorwatch.records import Output


def logprob_lost(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Log-probability the baseline's answer lost since, in nats per token of it.

    The mean over its tokens of (log p at baseline − log p now). 0 = as probable as before, positive = less probable,
    negative = more; unbounded. On one greedy answer it stands in for the KL divergence from the baseline model. No
    score at the baseline, where the baseline's answer is empty, or where it was not measured.
    """
    before = compared.likelihoods.get("baseline") if compared else None
    now = output.likelihoods.get("baseline")
    if compared is None:
        return Measured(None, "this is the baseline")
    if before is None or now is None:
        return Measured(None, "the baseline's answer was not measured")
    if len(now.token_logprobs) != len(before.token_logprobs):
        return Measured(None, f"{len(before.token_logprobs)} tokens at baseline, {len(now.token_logprobs)} now")
    if before.mean_logprob is None or now.mean_logprob is None:
        return Measured(None, "the baseline's answer is empty")
    return Measured(
        before.mean_logprob - now.mean_logprob,
        f"mean log-probability {before.mean_logprob:.3f} at baseline, {now.mean_logprob:.3f} now",
    )


def greedy_kept(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Share of the baseline answer's tokens before the first that greedy decoding no longer chooses.

    0 (departs at the first token) to 1 (keeps the whole answer). No score at the baseline, where the baseline's
    answer is empty, or where it was not measured.
    """
    now = output.likelihoods.get("baseline")
    if compared is None:
        return Measured(None, "this is the baseline")
    if now is None:
        return Measured(None, "the baseline's answer was not measured")
    length = len(now.token_logprobs)
    if length == 0:
        return Measured(None, "the baseline's answer is empty")
    if now.departs_at is None:
        return Measured(1.0, f"keeps all {length} tokens")
    return Measured(now.departs_at / length, f"departs at token {now.departs_at} of {length}")
