"""From logits to what is kept of them: a few numbers for each answer token."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from anchorwatch.records import Likelihood

TOP = 8
"""Tokens kept of the baseline's distribution at each answer token; the others count as one."""
_DIGITS = 6
"""Decimals kept: far below what any metric can tell apart, and half the size in the store."""

Top = tuple[tuple[tuple[int, float], ...], ...]


def likelihood(logits: torch.Tensor, answer: Sequence[int]) -> Likelihood:
    """How probable `answer` is, with where greedy decoding departs; `logits` is (tokens of the answer, vocabulary)."""
    logits, targets = logits.float(), _targets(logits, answer)
    logprobs = _at(logits, targets) - logits.logsumexp(dim=-1)
    return Likelihood(_rounded(logprobs.clamp(max=0.0)), _departs_at(logits, targets))


def full_likelihood(logits: torch.Tensor, answer: Sequence[int], baseline: Top | None) -> Likelihood:
    """`likelihood` with margins, entropies, and KL from the baseline's `top`; with a `top` of its own if that is None.

    No divergences where `baseline` is empty: it was not measured.
    """
    logits, targets = logits.float(), _targets(logits, answer)
    logprobs = logits.log_softmax(dim=-1)
    chosen = _at(logits, targets)
    others = logits.scatter(-1, targets.unsqueeze(-1), -torch.inf).amax(dim=-1)
    return Likelihood(
        token_logprobs=_rounded(_at(logprobs, targets)),
        departs_at=_departs_at(logits, targets),
        margins=_rounded(chosen - others),
        entropies=_rounded(torch.special.entr(logprobs.exp()).sum(dim=-1)),
        divergences=_divergences(logprobs, baseline) if baseline else (),
        top=_top(logprobs) if baseline is None else (),
    )


def _targets(logits: torch.Tensor, answer: Sequence[int]) -> torch.Tensor:
    return torch.tensor(answer, dtype=torch.long, device=logits.device)


def _at(values: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return values.gather(-1, targets.unsqueeze(-1)).squeeze(-1)


def _departs_at(logits: torch.Tensor, targets: torch.Tensor) -> int | None:
    departed: list[bool] = (logits.argmax(dim=-1) != targets).tolist()
    return departed.index(True) if True in departed else None


def _rounded(values: torch.Tensor) -> tuple[float, ...]:
    return tuple(round(value, _DIGITS) for value in values.tolist())


def _top(logprobs: torch.Tensor) -> Top:
    best = logprobs.topk(min(TOP, logprobs.shape[-1]), dim=-1)
    values = [_rounded(row) for row in best.values]
    return tuple(tuple(zip(ids, row, strict=True)) for ids, row in zip(best.indices.tolist(), values, strict=True))


def _divergences(logprobs: torch.Tensor, baseline: Top) -> tuple[float, ...]:
    """KL divergence with all tokens outside `top` as one: by the data processing inequality a lower bound."""
    ids = torch.tensor([[token for token, _ in row] for row in baseline], device=logprobs.device)
    before = torch.tensor([[value for _, value in row] for row in baseline], device=logprobs.device)
    now = logprobs.gather(-1, ids)
    least = 1e-7  # what float32 can still tell from nothing in 1 − x
    rest_before = (1 - before.exp().sum(dim=-1)).clamp(min=least)
    rest_now = (1 - now.exp().sum(dim=-1)).clamp(min=least)
    terms = (before.exp() * (before - now)).sum(dim=-1)
    return _rounded((terms + rest_before * (rest_before.log() - rest_now.log())).clamp(min=0.0))
