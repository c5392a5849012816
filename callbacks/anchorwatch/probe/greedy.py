"""What greedy decoding chooses, and how clearly: gaps between logits, as shares of the largest logit there.

Rounding moves logits in proportion to their size, so a share compares with numerical noise where a difference does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Choices:
    """For each row of logits, which choose one token after another."""

    tokens: list[int]
    """The best."""
    ahead: list[float]
    """The gap between the best and the second, ≥ 0."""
    behind: list[float]
    """The gap between the best and the token expected, ≥ 0; 0 where it is the best, or none was expected."""

    @property
    def of_expected(self) -> list[float]:
        """The gap of the token expected: its logit less the best other; negative where that is larger."""
        return [-behind if behind else ahead for ahead, behind in zip(self.ahead, self.behind, strict=True)]


def choose(logits: torch.Tensor, expected: Sequence[Sequence[int]]) -> list[Choices]:
    """The choices of each row of `logits`, (rows, tokens, vocabulary); its first tokens are `expected` to be these."""
    best = logits.argmax(dim=-1)
    filled = torch.full(best.shape, -1)
    for row, tokens in enumerate(expected):
        filled[row, : len(tokens)] = torch.tensor(tokens, dtype=torch.long)
    targets = filled.to(best.device)
    targets = torch.where(targets < 0, best, targets).unsqueeze(-1)
    behind = (logits.amax(dim=-1).float() - logits.gather(-1, targets).squeeze(-1).float()) / _size(logits)
    rows = zip(best.tolist(), gaps(logits).tolist(), behind.tolist(), strict=True)
    return [Choices(*row) for row in rows]


def gaps(logits: torch.Tensor) -> torch.Tensor:
    """How far the best token is ahead of the second, along the last dimension of `logits`; float32, ≥ 0."""
    best, second = logits.topk(2, dim=-1).values.float().unbind(dim=-1)
    return (best - second) / _size(logits)


def _size(logits: torch.Tensor) -> torch.Tensor:
    finite = torch.where(logits.isinf(), 0.0, logits)  # models mask tokens of their vocabulary with −inf
    return finite.abs().amax(dim=-1).float().clamp(min=torch.finfo(torch.float32).tiny)
