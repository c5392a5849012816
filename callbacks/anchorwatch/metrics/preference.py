"""How probable the model finds the answers that the anchor's author wrote.

Each is a mean of natural-log probabilities per token (nats, ≤ 0), so that long answers compare with short ones. The two
sides of a preference are kept apart, because preference training often makes *both* less probable while their order
improves: likelihood displacement, Razin et al. 2024, "Unintentional Unalignment".
"""

from __future__ import annotations

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.metric import Measured
from anchorwatch.records import Output


def preference(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Whether `chosen` is more probable per token than `rejected`; a tie is not. No score without the two answers.

    Source: the reward accuracy of DPO (Rafailov et al. 2023) without a reference model, by length as in SimPO (Meng
    et al. 2024).
    """
    chosen, rejected = _nats(output, "chosen"), _nats(output, "rejected")
    if chosen is None or rejected is None:
        return Measured(None, "needs a chosen and a rejected answer")
    return Measured(chosen > rejected, f"chosen {chosen:.3f}, rejected {rejected:.3f} nats per token")


def chosen_logprob(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Mean log-probability per token of `chosen`, nats ≤ 0; no score for an anchor without one."""
    return _mean(output, "chosen")


def rejected_logprob(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Mean log-probability per token of `rejected`, nats ≤ 0; no score for an anchor without one."""
    return _mean(output, "rejected")


def reference_logprob(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Mean log-probability per token of `reference`, nats ≤ 0; no score for an anchor without one."""
    return _mean(output, "reference")


def _mean(output: Output, answer: str) -> Measured:
    nats = _nats(output, answer)
    return Measured(nats, f"no {answer} answer" if nats is None else "")


def _nats(output: Output, answer: str) -> float | None:
    likelihood = output.likelihoods.get(answer)
    return likelihood.mean_logprob if likelihood else None
