"""How probable the model finds given answers: one teacher-forced pass a batch over prompt and answer."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from anchorwatch.probe.batches import left_pad, right_pad
from anchorwatch.probe.evidence import Top, full_likelihood, likelihood
from anchorwatch.records import Likelihood


@dataclass(frozen=True)
class Given:
    """An answer to be scored after a prompt, as token ids; the answer is not empty."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    full: bool = False
    """Whether it is scored by `full_likelihood`."""
    top: Top | None = None
    """The baseline's `Likelihood.top`, where it is scored in full; None at the baseline itself."""

    def read(self, logits: torch.Tensor) -> Likelihood:
        """What `logits`, (tokens of the answer, vocabulary), say about the answer."""
        return full_likelihood(logits, self.answer, self.top) if self.full else likelihood(logits, self.answer)


def likelihoods(model: Any, batch: Sequence[Given], pad: int) -> list[Likelihood]:
    """One `Likelihood` for each row, from one forward pass over prompt + answer.

    Rows are padded on the left, so that all answers end in the same column and only their logits are computed; on the
    right for a model that is told no positions, and would count the padding.
    """
    takes = inspect.signature(model.forward).parameters
    texts = [(*row.prompt, *row.answer) for row in batch]
    arguments: dict[str, Any] = {"use_cache": False} if "use_cache" in takes else {}
    if "position_ids" in takes:
        ids, mask = left_pad(texts, pad, model.device)
        arguments["position_ids"] = (mask.cumsum(dim=1) - 1).clamp(min=0)
        ends = [ids.shape[1]] * len(batch)
    else:
        ids, mask = right_pad(texts, pad, model.device)
        ends = [len(text) for text in texts]
    keep = ids.shape[1] - min(end - len(row.answer) for end, row in zip(ends, batch, strict=True)) + 1
    if "logits_to_keep" in takes:
        arguments["logits_to_keep"] = keep
    logits = model(input_ids=ids, attention_mask=mask, **arguments).logits
    cut = ids.shape[1] - logits.shape[1]
    # Row by row: a float32 copy of all logits at once would be the largest tensor of the check.
    return [
        row.read(logits[index, end - cut - len(row.answer) - 1 : end - cut - 1])
        for index, (row, end) in enumerate(zip(batch, ends, strict=True))
    ]
