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


def choose(logits: torch.Tensor, expected: Sequence[int]) -> Choices:
    """The choices of `logits`, (tokens, vocabulary); the first tokens are `expected` to be these."""
    size = _size(logits)
    tokens: list[int] = logits.argmax(dim=-1).tolist()
    behind = [0.0] * len(tokens)
    if expected:
        rows = slice(len(expected))
        own = logits[rows].gather(-1, torch.tensor(expected, device=logits.device).unsqueeze(-1)).squeeze(-1)
        behind[rows] = ((logits[rows].amax(dim=-1).float() - own.float()) / size[rows]).tolist()
    return Choices(tokens, gaps(logits).tolist(), behind)


def gaps(logits: torch.Tensor) -> torch.Tensor:
    """How far the best token is ahead of the second in each row of `logits`, float32 of shape (rows,), ≥ 0."""
    best, second = logits.topk(2, dim=-1).values.float().unbind(dim=-1)
    return (best - second) / _size(logits)


def _size(logits: torch.Tensor) -> torch.Tensor:
    finite = torch.where(logits.isinf(), 0.0, logits)  # models mask tokens of their vocabulary with −inf
    return finite.abs().amax(dim=-1).float().clamp(min=torch.finfo(torch.float32).tiny)
