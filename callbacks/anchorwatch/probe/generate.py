"""Greedy and sampled answers through `generate`, with nothing of the model's own decoding settings mixed in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList

from anchorwatch.probe.batches import left_pad
from anchorwatch.probe.prompts import Prompt
from anchorwatch.records import Finish


@dataclass(frozen=True)
class Generated:
    """One answer: its token ids (the end token included where it stopped) and how it ended."""

    tokens: tuple[int, ...]
    finish: Finish


@dataclass(frozen=True)
class Decoding:
    """Which tokens end an answer and which one pads; ids of the model's vocabulary."""

    ends: tuple[int, ...]
    pad: int


def decoding(model: Any, tokenizer: Any) -> Decoding:
    """The end tokens of the generation config and of the tokenizer; a pad token, or an end token in its place.

    Negative ids, which some configs have for "none", are left out.
    """
    configured = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    ends = list(configured) if isinstance(configured, Sequence) else [configured]
    ends.append(tokenizer.eos_token_id)
    known = tuple(dict.fromkeys(int(end) for end in ends if end is not None and end >= 0))
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else next(iter(known), 0)
    return Decoding(known, int(pad))


def greedy(model: Any, batch: Sequence[Prompt], rule: Decoding) -> list[Generated]:
    """The greedy answer of each prompt, each cut at its own anchor's `max_new_tokens`.

    One `generate` call; a row's answer does not depend on the other rows beyond floating-point noise.
    """
    longest = max(prompt.anchor.max_new_tokens for prompt in batch)
    rows = _generate(model, batch, rule, max_new_tokens=longest, do_sample=False)
    return [_cut(row, prompt.anchor.max_new_tokens, rule) for prompt, row in zip(batch, rows, strict=True)]


def samples(model: Any, prompt: Prompt, chunk: Sequence[int], rule: Decoding) -> list[Generated]:
    """The sampled answers of `prompt` whose numbers are in `chunk`, ascending.

    The seed follows from the anchor and the first number of the chunk: every check draws the same, as long as the
    answers are cut into the same chunks. The caller has put the global generators under protection (`undisturbed`);
    `generate` takes no other.

    Raises:
        RuntimeError: the model's logits are not finite.
    """
    anchor = prompt.anchor
    seed = hashlib.sha256(f"{anchor.id} {chunk[0]}".encode()).digest()
    torch.manual_seed(int.from_bytes(seed[:4], "big"))
    rows = _generate(
        model,
        [prompt] * len(chunk),
        rule,
        processors=[_Finite()],
        max_new_tokens=anchor.max_new_tokens,
        do_sample=True,
        temperature=anchor.temperature,
        top_k=0,
        top_p=1.0,
    )
    return [_cut(row, anchor.max_new_tokens, rule) for row in rows]


class _Finite(LogitsProcessor):
    def __call__(self, _: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        # Drawing from NaN on a CUDA device is no exception but a failed assertion there, which ends the training.
        if not torch.isfinite(scores.logsumexp(dim=-1)).all():
            raise RuntimeError("the model's logits are not finite")
        return scores


def _generate(
    model: Any, batch: Sequence[Prompt], rule: Decoding, *, processors: Sequence[Any] = (), **settings: Any
) -> list[list[int]]:
    ids, mask = left_pad([prompt.ids for prompt in batch], rule.pad, model.device)
    config = GenerationConfig(
        eos_token_id=list(rule.ends) or None, pad_token_id=rule.pad, use_cache=True, num_beams=1, **settings
    )
    # generate() fills whatever a given config leaves open from the model's own (repetition penalties, top-k …), so
    # that one must be empty; `undisturbed` puts it back.
    model.generation_config = GenerationConfig()
    sequences = model.generate(
        input_ids=ids, attention_mask=mask, generation_config=config, logits_processor=LogitsProcessorList(processors)
    )
    rows: list[list[int]] = sequences[:, ids.shape[1] :].tolist()
    return rows


def _cut(row: list[int], limit: int, rule: Decoding) -> Generated:
    tokens = row[:limit]
    for index, token in enumerate(tokens):
        if token in rule.ends:
            return Generated(tuple(tokens[: index + 1]), "stop")
    return Generated(tuple(tokens), "length")
