from __future__ import annotations

from typing import Any

import pytest
import torch

from anchorwatch.probe.likelihood import Given, likelihoods
from anchorwatch.testing import tiny_model


class _ToldNoPositions(torch.nn.Module):
    """A model whose forward names no arguments, as code from a hub may have it."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner
        self.device = inner.device

    def forward(self, *arguments: Any, **keywords: Any) -> Any:
        return self.inner(*arguments, **keywords)


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
@pytest.mark.parametrize("wrap", [lambda model: model, _ToldNoPositions], ids=["as it is", "told no positions"])
def test_padding_changes_no_score(architecture: Any, wrap: Any) -> None:
    model = tiny_model(architecture).eval()
    batch = [Given((5, 6, 7, 8, 9), (10, 11)), Given((12,), (13, 14, 15, 16)), Given((20, 21), (22,))]
    with torch.no_grad():
        scored = likelihoods(wrap(model), batch, 0)
        for row, likelihood in zip(batch, scored, strict=True):
            logits = model(input_ids=torch.tensor([[*row.prompt, *row.answer]])).logits[0, len(row.prompt) - 1 : -1]
            expected = logits.log_softmax(-1).gather(-1, torch.tensor(row.answer).unsqueeze(-1)).squeeze(-1).tolist()
            assert likelihood.token_logprobs == pytest.approx(expected, abs=1e-5)
