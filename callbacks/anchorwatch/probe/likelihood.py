"""How probable the model finds given answers: one teacher-forced pass a batch."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from anchorwatch.probe.batches import left_pad
from anchorwatch.records import Likelihood


@dataclass(frozen=True)
class Given:
    """An answer to be scored after a prompt, as token ids; the answer is not empty."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]


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
    logits = model(**arguments).logits[:, -keep:-1]
    targets = ids[:, -(keep - 1) :]
    chosen = logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1).float()
    # logsumexp row by row: a float32 copy of all logits at once would be the largest tensor of the check.
    normalizer = torch.stack([torch.logsumexp(row.float(), dim=-1) for row in logits])
    logprobs = (chosen - normalizer).tolist()
    departed = (logits.argmax(dim=-1) != targets).tolist()
    results: list[Likelihood] = []
    for index, row in enumerate(batch):
        length = len(row.answer)
        departures = departed[index][-length:]
        departs_at = departures.index(True) if True in departures else None
        results.append(Likelihood(tuple(min(value, 0.0) for value in logprobs[index][-length:]), departs_at))
    return results
