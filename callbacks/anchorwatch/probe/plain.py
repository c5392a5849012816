"""The plain way: every answer generated from nothing, every given answer scored with its prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from anchorwatch.probe.batches import Batches
from anchorwatch.probe.encoder_decoder import likelihoods_encoder_decoder
from anchorwatch.probe.evidence import Top
from anchorwatch.probe.generate import Decoding, Generated, greedy
from anchorwatch.probe.likelihood import Given, likelihoods
from anchorwatch.probe.prompts import Prompt
from anchorwatch.probe.watchable import is_encoder_decoder
from anchorwatch.records import Likelihood


@dataclass(frozen=True)
class Wanted:
    """What is asked of one anchor: an answer, and how probable given ones are."""

    prompt: Prompt
    draft: tuple[int, ...]
    """The answer that is expected, from an earlier check; here it is of no use."""
    given: Mapping[str, tuple[int, ...]]
    """Answers to be scored, by name, none of them empty; "baseline" is scored in full."""
    top: Top | None = None
    """The `Likelihood.top` of the baseline's answer; None where this is the baseline."""


@dataclass(frozen=True)
class Asked:
    """What one anchor gave: the model's answer and how probable it finds the given ones, by their names."""

    answer: Generated
    likelihoods: Mapping[str, Likelihood]
    ties: tuple[int, ...] = ()


def generate_all(model: Any, prompts: Sequence[Prompt], rule: Decoding, batches: Batches) -> list[Generated]:
    """The greedy answer of each prompt."""
    return batches.map(prompts, room, lambda batch: greedy(model, batch, rule))


def room(prompt: Prompt) -> int:
    """Tokens of the prompt and of the longest answer to it."""
    return len(prompt.ids) + prompt.anchor.max_new_tokens


def score_all(model: Any, wanted: Sequence[Wanted], rule: Decoding, batches: Batches) -> list[dict[str, Likelihood]]:
    """How probable each prompt's given answers are, by name."""
    rows = [
        {
            name: Given(item.prompt.ids, answer, *((True, item.top) if name == "baseline" else ()))
            for name, answer in item.given.items()
        }
        for item in wanted
    ]
    # An answer that is given twice is scored once.
    unique = list(dict.fromkeys(row for named in rows for row in named.values()))
    score = likelihoods_encoder_decoder if is_encoder_decoder(model) else likelihoods
    scored = batches.map(unique, lambda row: len(row.prompt) + len(row.answer), partial(score, model, pad=rule.pad))
    likelihood_of = dict(zip(unique, scored, strict=True))
    return [{name: likelihood_of[row] for name, row in named.items()} for named in rows]
