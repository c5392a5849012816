"""How far the model moved away from the answer it gave at baseline. Moves before any text changes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.metric import Measured
from anchorwatch.records import Likelihood, Output

_NOT_MEASURED = Measured(None, "the baseline's answer was not measured")
_EMPTY = Measured(None, "the baseline's answer is empty")


def logprob_lost(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Log-probability the baseline's answer lost since, in nats per token of it.

    The mean over its tokens of (log p at baseline − log p now). 0 = as probable as before, positive = less probable,
    negative = more; unbounded. It sees the tokens of the answer only, `kl` those that the model might have said too. No
    score at the baseline, where the baseline's answer is empty, or where it was not measured.
    """
    before = compared.likelihoods.get("baseline") if compared else None
    now = output.likelihoods.get("baseline")
    if compared is None:
        return Measured(None, "this is the baseline")
    if before is None or now is None:
        return _NOT_MEASURED
    if len(now.token_logprobs) != len(before.token_logprobs):
        return Measured(None, f"{len(before.token_logprobs)} tokens at baseline, {len(now.token_logprobs)} now")
    if before.mean_logprob is None or now.mean_logprob is None:
        return _EMPTY
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
        return _NOT_MEASURED
    length = len(now.token_logprobs)
    if length == 0:
        return _EMPTY
    if now.departs_at is None:
        return Measured(1.0, f"keeps all {length} tokens")
    return Measured(now.departs_at / length, f"departs at token {now.departs_at} of {length}")


def kl(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Divergence of the next-token distributions from the baseline's, along the baseline's answer, in nats per token.

    The mean over its tokens of KL(baseline ‖ now). 0 = as at baseline, ≥ 0, unbounded; a lower bound (see
    `Likelihood.divergences`). No score at the baseline, where the baseline's answer is empty, or where it was not
    measured.
    """
    now = output.likelihoods.get("baseline")
    if compared is None:
        return Measured(None, "this is the baseline")
    if now is None or not now.divergences:
        return _without(now, "divergences")
    return _mean(now.divergences, "largest", max(now.divergences))


def margin(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """How clearly the model prefers the tokens of the baseline's answer to all others, in logits.

    The mean over its tokens of (the token's logit − the largest other logit); unbounded. Greedy decoding keeps the
    tokens whose margin is positive, so at the baseline, which has a score too, none is negative, rounding aside. No
    score where the baseline's answer is empty, or where it was not measured.
    """
    now = output.likelihoods.get("baseline")
    if now is None or not now.margins:
        return _without(now, "margins")
    return _mean(now.margins, "smallest", min(now.margins))


def _without(now: Likelihood | None, what: str) -> Measured:
    if now is None:
        return _NOT_MEASURED
    return Measured(None, f"the {what} of the baseline's answer were not measured") if now.token_logprobs else _EMPTY


def _mean(per_token: Sequence[float], most: str, extreme: float) -> Measured:
    return Measured(fmean(per_token), f"{most} {extreme:.3f} at token {per_token.index(extreme)} of {len(per_token)}")
