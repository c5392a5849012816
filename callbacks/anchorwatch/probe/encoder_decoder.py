"""Encoder-decoder models (T5, BART): the prompt goes into the encoder, the answer is all that the decoder sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anchorwatch.probe.batches import right_pad
from anchorwatch.probe.likelihood import Given
from anchorwatch.probe.watchable import start_token
from anchorwatch.records import Likelihood


def likelihoods_encoder_decoder(model: Any, batch: Sequence[Given], pad: int) -> list[Likelihood]:
    """One `Likelihood` for each row, from one forward pass of encoder and decoder."""
    ids, mask = right_pad([row.prompt for row in batch], pad, model.device)
    start = start_token(model)
    # A decoder looks back only: what stands behind an answer changes nothing in it, and needs no mask.
    before, _ = right_pad([(start, *row.answer[:-1]) for row in batch], pad, model.device)
    logits = model(input_ids=ids, attention_mask=mask, decoder_input_ids=before, use_cache=False).logits
    return [row.read(logits[index, : len(row.answer)]) for index, row in enumerate(batch)]
