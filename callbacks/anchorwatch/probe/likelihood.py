"""How probable the model finds given answers: one teacher-forced pass a batch over prompt and answer."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from anchorwatch.probe.batches import left_pad
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

    Rows are padded on the left, so that all answers end in the same column and only their logits are computed.
    """
    ids, mask = left_pad([(*row.prompt, *row.answer) for row in batch], pad, model.device)
    keep = max(len(row.answer) for row in batch) + 1
    accepted = inspect.signature(model.forward).parameters
    arguments: dict[str, Any] = {"input_ids": ids, "attention_mask": mask}
    if "position_ids" in accepted:
        arguments["position_ids"] = (mask.cumsum(dim=1) - 1).clamp(min=0)
    if "logits_to_keep" in accepted:
        arguments["logits_to_keep"] = keep
    if "use_cache" in accepted:
        arguments["use_cache"] = False
    logits = model(**arguments).logits[:, :-1]
    # Row by row: a float32 copy of all logits at once would be the largest tensor of the check.
    return [row.read(logits[index, -len(row.answer) :]) for index, row in enumerate(batch)]
