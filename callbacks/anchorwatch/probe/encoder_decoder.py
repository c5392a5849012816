"""Encoder-decoder models (T5, BART): the prompt goes into the encoder, the answer is all that the decoder sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from anchorwatch.probe.batches import left_pad
from anchorwatch.probe.likelihood import Given
from anchorwatch.probe.watchable import start_token
from anchorwatch.records import Likelihood


def right_pad(rows: Sequence[Sequence[int]], pad: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, mask) as of `left_pad`, with the tokens at the left end.

    Encoders with absolute positions (BART) count them from the left end, padding included.
    """
    ids, mask = left_pad([row[::-1] for row in rows], pad, device)
    return ids.flip(1), mask.flip(1)


def likelihoods_encoder_decoder(model: Any, batch: Sequence[Given], pad: int) -> list[Likelihood]:
    """One `Likelihood` for each row, from one forward pass of encoder and decoder."""
    ids, mask = right_pad([row.prompt for row in batch], pad, model.device)
    start = start_token(model)
    # A decoder looks back only: what stands behind an answer changes nothing in it, and needs no mask.
    before, _ = right_pad([(start, *row.answer[:-1]) for row in batch], pad, model.device)
    logits = model(input_ids=ids, attention_mask=mask, decoder_input_ids=before, use_cache=False).logits
    return [row.read(logits[index, : len(row.answer)]) for index, row in enumerate(batch)]
