"""The contenders of bench_probe.py: the same anchors asked of the same weights, and what each way took and gave."""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

import torch

from anchorwatch.anchors import AnchorSet
from anchorwatch.probe import Probe
from anchorwatch.probe.batches import Batches
from anchorwatch.probe.counted import counted
from anchorwatch.probe.generate import Decoding, decoding
from anchorwatch.probe.plain import Wanted, generate_all, score_all
from anchorwatch.probe.prompts import Prompt
from anchorwatch.probe.undisturbed import undisturbed
from anchorwatch.probe.verifier import Verifier
from anchorwatch.probe.watchable import attention_window, base_of
from anchorwatch.records import Check

GENERATE, TRL, VERIFY = "generate", "TRL", "anchorwatch"
"""Texts only: `generate` in our batches, what TRL's `LogCompletionsCallback` does, verification."""
SCORE, PLAIN, CHECK = "score", "generate + score", "anchorwatch, whole check"
"""With the likelihood of all given answers: its plain half, the plain way, and `Probe.check`."""

Tokens = tuple[int, ...]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Result:
    """What a contender took and gave in one check; results of several checks add up."""

    checks: int = 0
    calls: int = 0
    positions: int = 0
    cpu: float = 0.0
    """Seconds, of all threads."""
    wall: float = 0.0
    memory: int = 0
    """Most bytes at once, over those before the check; of several checks the largest."""
    rows: int = 0
    equal: int = 0
    """Rows with the very tokens of `generate`."""
    tied: int = 0
    """Rows whose first other token stands at a recorded tie."""
    ties: int = 0
    departed: int = 0
    """Rows that are not the check's before any more."""
    kept: int = 0
    """Tokens of the check before that are still the beginning of the answer, of so many:"""
    before: int = 0

    def __add__(self, other: Result) -> Result:
        sums = {field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)}
        return replace(Result(**sums), memory=max(self.memory, other.memory))

    @property
    def z(self) -> float:
        """Share of the last answers' tokens that are still the beginning of the answers."""
        return self.kept / self.before if self.before else 1.0

    def given(self, answers: Answers, expected: Sequence[Tokens], before: Sequence[Tokens]) -> Result:
        """With what the answers say: `expected` are the tokens of `generate`, `before` those of the check before."""
        differ = [
            (tokens, ties, right) for (tokens, ties), right in zip(answers, expected, strict=True) if tokens != right
        ]
        return replace(
            self,
            rows=len(answers),
            equal=len(answers) - len(differ),
            tied=sum(common(tokens, right) in ties for tokens, ties, right in differ),
            ties=sum(len(ties) for _, ties in answers),
            departed=sum(tokens != old for (tokens, _), old in zip(answers, before, strict=True)),
            kept=sum(common(tokens, old) for (tokens, _), old in zip(answers, before, strict=True)),
            before=sum(map(len, before)),
        )


Answers = Sequence[tuple[Tokens, Tokens]]
"""The tokens of each answer, and the positions of its ties."""


def common(one: Tokens, other: Tokens) -> int:
    """How many tokens both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


class Contest:
    """Asks one anchor set of one model in every way, again and again while its weights change."""

    def __init__(
        self, model: Any, tokenizer: Any, anchor_set: AnchorSet, *, batch_size: int = 16, baseline: Check | None = None
    ) -> None:
        """`baseline` is the check of the untouched model, where it has been made already."""
        self._model, self._tokenizer = model, tokenizer
        self._base = base_of(model)
        self._rule = decoding(self._base, tokenizer)
        self._batch_size = batch_size
        self._probe = Probe(anchor_set, model, tokenizer, batch_size=batch_size)
        self.prompts = self._probe.prompts
        self.baseline = baseline or self._probe.check(model, step=0, trigger="baseline")
        self._verifier = Verifier(
            self.prompts, self._rule, Batches(batch_size), attention_window(self._base), self._base.device
        )
        self._trl = TrlCompletions(model, tokenizer, self.prompts, self._rule)
        self._last = [output.tokens for output in self.baseline.outputs]
        self._checks = 0

    @property
    def because(self) -> str:
        """Why nothing is verified; "" where it is."""
        return "" if self.baseline.tie_margin is not None else self.baseline.generated_because

    def wanted(self, drafts: Sequence[Tokens]) -> list[Wanted]:
        """What a whole check asks: the answers expected to be `drafts`, and how probable all given answers are."""
        return [
            Wanted(
                prompt,
                draft,
                {name: answer for name, answer in {"baseline": output.tokens, **prompt.answers}.items() if answer},
                output.likelihoods["baseline"].top if output.tokens else None,
            )
            for prompt, draft, output in zip(self.prompts, drafts, self.baseline.outputs, strict=True)
        ]

    def check(self, contenders: Sequence[str] = (GENERATE, TRL, VERIFY, SCORE, CHECK)) -> dict[str, Result]:
        """One check of the weights as they stand, by each of the contenders, at least `GENERATE` and `VERIFY`."""
        self._checks += 1
        turn = self._checks % len(contenders)  # none is always the first, or always after the same other
        ways: dict[str, Callable[[], Answers]] = {
            GENERATE: self._generate,
            TRL: self._trl,
            VERIFY: self._verify,
            SCORE: self._score,
            CHECK: self._check,
        }
        took = {name: self._measured(ways[name]) for name in (*contenders[turn:], *contenders[:turn])}
        expected = [tokens for tokens, _ in took[GENERATE][0]]
        results = {
            name: result if name == SCORE else result.given(answers, expected, self._last)
            for name, (answers, result) in took.items()
        }
        if SCORE in results:
            results[PLAIN] = replace(results[GENERATE] + results[SCORE], checks=1)
        self._last = [tokens for tokens, _ in took[VERIFY][0]]
        return results

    def _measured(self, run: Callable[[], Value]) -> tuple[Value, Result]:
        device = self._base.device
        memory = memory_before(device)
        with counted(self._base) as calls:
            cpu, wall = time.process_time(), time.perf_counter()
            value = run()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return value, Result(1, calls.calls, calls.positions, cpu, wall, max(0, memory_peak(device) - memory))

    def _generate(self) -> Answers:
        with undisturbed(self._model, self._tokenizer):
            answers = generate_all(self._base, self.prompts, self._rule, Batches(self._batch_size))
        return [(answer.tokens, ()) for answer in answers]

    def _score(self) -> Answers:
        with undisturbed(self._model, self._tokenizer):
            score_all(self._base, self.wanted(self._last), self._rule, Batches(self._batch_size))
        return []

    def _verify(self) -> Answers:
        if self.baseline.tie_margin is None:
            return self._generate()
        wanted = [replace(item, given={}) for item in self.wanted(self._last)]
        with undisturbed(self._model, self._tokenizer):
            asked = self._verifier.check(self._base, wanted, self.baseline.tie_margin)
        return [(one.answer.tokens, one.ties) for one in asked]

    def _check(self) -> Answers:
        outputs = zip(self.baseline.outputs, self._last, strict=True)
        previous = replace(self.baseline, outputs=tuple(replace(output, tokens=last) for output, last in outputs))
        check = self._probe.check(
            self._model, step=self._checks, trigger="schedule", baseline=self.baseline, previous=previous
        )
        return [(output.tokens, output.ties) for output in check.outputs]


class TrlCompletions:
    """What `LogCompletionsCallback.on_step_end` of trl 1.16 does to get its texts, up to the table it makes of them.

    `maybe_apply_chat_template` of every prompt, then `_generate_completions` with the callback's defaults: in the order
    of the data set and in batches of `per_device_eval_batch_size`, 8 unless it is set. It takes one generation config
    for all prompts, here greedy and with the largest `max_new_tokens` of the set. Answers are cut to their anchor's
    limit afterwards.
    """

    BATCH_SIZE = 8

    def __init__(self, model: Any, tokenizer: Any, prompts: Sequence[Prompt], rule: Decoding) -> None:
        from accelerate import Accelerator  # type: ignore[import-untyped]
        from transformers import GenerationConfig
        from trl import maybe_apply_chat_template
        from trl.trainer.callbacks import _generate_completions

        # Imported here, not when it is measured.
        self._template, self._complete = maybe_apply_chat_template, _generate_completions
        self._model, self._tokenizer, self._prompts, self._rule = model, tokenizer, prompts, rule
        self._accelerator = Accelerator(cpu=model.device.type == "cpu")
        longest = max(prompt.anchor.max_new_tokens for prompt in prompts)
        self._config = GenerationConfig(
            max_new_tokens=longest, do_sample=False, eos_token_id=list(rule.ends) or None, pad_token_id=rule.pad
        )

    def __call__(self) -> Answers:
        """The answers of one check."""
        rows: list[list[int]] = []
        generate = self._model.generate

        def recorded(**arguments: Any) -> torch.Tensor:
            sequences: torch.Tensor = generate(**arguments)
            rows.extend(sequences[:, arguments["input_ids"].shape[1] :].tolist())
            return sequences

        with undisturbed(self._model, self._tokenizer):
            self._model.generate = recorded
            self._tokenizer.padding_side = "left"
            texts = [
                self._template({"prompt": list(prompt.anchor.chat())}, self._tokenizer)["prompt"]
                for prompt in self._prompts
            ]
            self._complete(
                texts, self._model, self._tokenizer, self._accelerator, self._config, batch_size=self.BATCH_SIZE
            )
        return [
            (cut(row, prompt.anchor.max_new_tokens, self._rule), ())
            for row, prompt in zip(rows, self._prompts, strict=True)
        ]


def cut(row: Sequence[int], limit: int, rule: Decoding) -> Tokens:
    """The tokens up to the limit, or to an end token."""
    end = next((number for number, token in enumerate(row[:limit]) if token in rule.ends), limit)
    return tuple(row[: min(limit, end + 1)])


def memory_before(device: torch.device) -> int:
    """Bytes in use, with what is free handed back; from now on the peak is taken. On the CPU: Linux with glibc."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
        return torch.cuda.memory_allocated(device)
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return _process_memory("VmRSS")


def memory_peak(device: torch.device) -> int:
    """Most bytes in use since `memory_before`."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else _process_memory("VmHWM")


def _process_memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
