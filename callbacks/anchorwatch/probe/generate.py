"""Greedy and sampled answers through `generate`, with nothing of the model's own decoding settings mixed in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import torch
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList

from anchorwatch.probe.batches import left_pad, right_pad
from anchorwatch.probe.greedy import gaps
from anchorwatch.probe.prompts import Prompt
from anchorwatch.probe.watchable import is_encoder_decoder, start_token
from anchorwatch.records import Finish


@dataclass(frozen=True)
class Generated:
    """One answer: its token ids (the end token included where it stopped) and how it ended."""

    tokens: tuple[int, ...]
    finish: Finish
    gaps: tuple[float, ...] = ()
    """For each token of a greedy answer, how far ahead it was (see `greedy.gaps`). Empty for a sampled answer."""


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
    gaps = _Gaps()
    rows = _generate(model, batch, rule, processor=gaps, max_new_tokens=longest, do_sample=False)
    return [
        _cut(row, prompt.anchor.max_new_tokens, rule, of_row)
        for prompt, row, of_row in zip(batch, rows, gaps.by_row(), strict=True)
    ]


class Draw(NamedTuple):
    """One sampled answer to be drawn: the `number`-th to `prompt` at `step`."""

    prompt: Prompt
    number: int
    step: int


def samples(model: Any, batch: Sequence[Draw], rule: Decoding) -> list[Generated | None]:
    """Sampled answers, each at its anchor's temperature and cut at its `max_new_tokens`; None where logits were not
    finite.

    Each draw has a generator of its own, whose seed follows from the anchor, the number and the step: the same whatever
    else is in the batch, and new at each check, since the judge takes the draws of two checks for independent. The
    global generators are left alone.
    """
    longest = max(draw.prompt.anchor.max_new_tokens for draw in batch)
    luck = _Luck(batch)
    prompts = [draw.prompt for draw in batch]
    rows = _generate(model, prompts, rule, processor=luck, max_new_tokens=longest, do_sample=False)
    return [
        None if index in luck.failed else _cut(row, draw.prompt.anchor.max_new_tokens, rule)
        for index, (draw, row) in enumerate(zip(batch, rows, strict=True))
    ]


class _Luck(LogitsProcessor):
    """Adds Gumbel noise, so that the greatest logit is a sampled token. Source: Maddison, Tarlow & Minka 2014.

    `generate` draws a whole batch from one generator, and there a row's answer depends on the rows above it.
    """

    def __init__(self, batch: Sequence[Draw]) -> None:
        self.failed: set[int] = set()
        self._batch = batch
        self._generators: list[torch.Generator] = []

    def __deepcopy__(self, _: dict[int, Any]) -> _Luck:
        return self  # as `_Gaps`

    def __call__(self, _: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        if not self._generators:
            self._generators = [torch.Generator(scores.device).manual_seed(_seed(draw)) for draw in self._batch]
        # A row that is not finite may break a kernel on a CUDA device, and with it the training.
        finite = torch.isfinite(scores.logsumexp(dim=-1))
        self.failed.update((~finite).nonzero().flatten().tolist())
        noise = torch.empty_like(scores)
        for row, generator in zip(noise, self._generators, strict=True):
            row.exponential_(generator=generator)
        heat = torch.tensor([draw.prompt.anchor.temperature for draw in self._batch], device=scores.device)
        lucky = scores / heat[:, None] - noise.clamp_min_(1e-30).log_()
        return cast(torch.FloatTensor, torch.where(finite[:, None], lucky, 0.0))


def _seed(draw: Draw) -> int:
    digest = hashlib.sha256(f"{draw.prompt.anchor.id} {draw.number} {draw.step}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


class _Gaps(LogitsProcessor):
    """Remembers how far ahead the best token of each row was at each step; all logits of all steps are too many."""

    def __init__(self) -> None:
        self._steps: list[torch.Tensor] = []

    def __deepcopy__(self, _: dict[int, Any]) -> _Gaps:
        # PEFT's prompt tuning copies all that it hands on to `generate`; the copy would remember in vain.
        return self

    def __call__(self, _: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        # `generate` hands over the model's own logits, cast to float32, since no other processor is at work.
        self._steps.append(gaps(scores))
        return scores

    def by_row(self) -> list[list[float]]:
        """One list for each row, with one item for each step."""
        gaps: list[list[float]] = torch.stack(self._steps, dim=1).tolist()
        return gaps


def _generate(
    model: Any, batch: Sequence[Prompt], rule: Decoding, *, processor: LogitsProcessor, **settings: Any
) -> list[list[int]]:
    """The new tokens of each row, with `pad` after the end of the shorter ones."""
    prompts = [prompt.ids for prompt in batch]
    if is_encoder_decoder(model):
        ids, mask = right_pad(prompts, rule.pad, model.device)
        before, settings["decoder_start_token_id"] = 1, start_token(model)
    else:
        ids, mask = left_pad(prompts, rule.pad, model.device)
        before = ids.shape[1]
    config = GenerationConfig(
        eos_token_id=list(rule.ends) or None, pad_token_id=rule.pad, use_cache=True, num_beams=1, **settings
    )
    with _own_settings_aside(model):
        sequences = model.generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=config,
            logits_processor=LogitsProcessorList([processor]),
        )
    rows: list[list[int]] = sequences[:, before:].tolist()
    return rows


@contextmanager
def _own_settings_aside(model: Any) -> Iterator[None]:
    """Inside, the model has no decoding settings (repetition penalties, top-k …) of its own.

    `generate` would fill with them whatever a given config leaves open.
    """
    # An adapter outside the layers has the model inside generate, and that one looks at its own settings.
    owners = [model, *([model.get_base_model()] if hasattr(model, "get_base_model") else [])]
    kept = [owner.generation_config for owner in owners]
    for owner in owners:
        owner.generation_config = GenerationConfig()
    try:
        yield
    finally:
        for owner, config in zip(owners, kept, strict=True):
            owner.generation_config = config


def _cut(row: list[int], limit: int, rule: Decoding, gaps: Sequence[float] = ()) -> Generated:
    tokens = row[:limit]
    for index, token in enumerate(tokens):
        if token in rule.ends:
            return Generated(tuple(tokens[: index + 1]), "stop", tuple(gaps[: index + 1]))
    return Generated(tuple(tokens), "length", tuple(gaps[:limit]))
