"""Part C of bench_probe.py: the memory that verifying takes, by formula and measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import torch
from probe_bench_contest import Contest, Tokens, memory_before, memory_peak
from probe_bench_tables import Table, megabytes
from probe_bench_trajectories import lora

from anchorwatch.anchors import load
from anchorwatch.probe.batches import Batches
from anchorwatch.probe.generate import decoding
from anchorwatch.probe.keyvalues import KeyValues
from anchorwatch.probe.undisturbed import undisturbed
from anchorwatch.probe.verifier import Verifier
from anchorwatch.probe.watchable import base_of

FLOAT_ROWS = 4
"""Copies of one row's logits in float32 while an answer is scored: log-probabilities, their exponentials …"""


def formula(config: Any, size: int, rows: int, slots: int, answer: int, given: bool) -> tuple[int, int, int]:
    """Bytes of keys and values, of logits, and of one row's logits in float32; `size` is that of a number.

    `slots` are those of a row: shared prefix, longest prompt, longest answer, holes. `given` answers are scored from
    a copy of the keys and values, while the logits of the drafts are still there.
    """
    heads = config.num_key_value_heads
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    a_slot = 2 * config.num_hidden_layers * heads * head * size
    logits = rows * answer * config.vocab_size * size
    scoring = FLOAT_ROWS * answer * config.vocab_size * 4 if given else 0
    return a_slot * rows * (slots + (slots + answer if given else 0)), logits * (2 if given else 1), scoring


def bench_memory(batch_sizes: Sequence[int], device: str, dtype: torch.dtype) -> Iterator[Table]:
    """One table."""
    model, tokenizer = lora(device, dtype)
    base = base_of(model)
    contest = Contest(model, tokenizer, load("support-en"))
    drafts = [output.tokens for output in contest.baseline.outputs]
    others = [*drafts[1:], *drafts[:1]]
    rows = []
    for batch_size in batch_sizes:
        for what, drafted, given in (
            ("unchanged, texts only", drafts, False),
            ("unchanged, whole check", drafts, True),
            ("every draft wrong, whole check", others, True),
        ):
            if drafted is drafts or batch_size == max(batch_sizes):
                rows.append([what, *_row(base, tokenizer, contest, batch_size, drafted, given)])
    columns = [
        "SmolLM2-135M", "batch size", "slots", "of them holes", "keys and values MB", "logits MB", "float32 row MB",
        "formula MB", "measured MB",
    ]  # fmt: skip
    yield "Peak memory over the state before the check", columns, rows


def _row(
    base: Any, tokenizer: Any, contest: Contest, batch_size: int, drafts: Sequence[Tokens], given: bool
) -> list[str]:
    unchanged = [output.tokens for output in contest.baseline.outputs]
    prompts, tie_margin = contest.prompts, contest.baseline.tie_margin
    if tie_margin is None:
        return [str(batch_size), f"not verified: {contest.because}", *["-"] * 6]
    verifier = Verifier(prompts, decoding(base, tokenizer), Batches(batch_size), None, base.device)
    wanted = [item if given else replace(item, given={}) for item in contest.wanted(drafts)]
    with undisturbed(base, tokenizer), most_slots() as slots:
        before = memory_before(base.device)
        verifier.check(base, wanted, tie_margin)
        measured = memory_peak(base.device) - before
    longest = max(len(prompt.ids) for prompt in prompts)
    answer = max(prompt.anchor.max_new_tokens for prompt in prompts)
    # Where drafts are right there are none; where they are wrong, decoding fills more slots than scoring does.
    holes = 0 if drafts == unchanged else max(0, slots[0] - longest - answer)
    parts = formula(base.config, base.dtype.itemsize, batch_size, longest + answer + holes, answer, given)
    return [
        str(batch_size),
        str(longest + answer + holes),
        str(holes),
        *map(megabytes, (*parts, sum(parts), measured)),
    ]


@contextmanager
def most_slots() -> Iterator[list[int]]:
    """The slots of the longest row of any keys and values that are extended inside, as the only item."""
    found = [0]
    extend = KeyValues.extend

    def spied(self: KeyValues, *arguments: Any, **named: Any) -> torch.Tensor:
        logits = extend(self, *arguments, **named)
        found[0] = max(found[0], self.slots)
        return logits

    with patch.object(KeyValues, "extend", spied):
        yield found
