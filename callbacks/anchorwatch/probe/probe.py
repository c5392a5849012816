"""A check: every anchor asked of the model as it stands, undisturbed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import torch

from anchorwatch.anchors import AnchorSet
from anchorwatch.probe.batches import Batches
from anchorwatch.probe.generate import Generated, decoding, greedy, samples
from anchorwatch.probe.likelihood import Given, likelihoods
from anchorwatch.probe.prompts import Prompt, render, text_tokenizer
from anchorwatch.probe.undisturbed import undisturbed
from anchorwatch.probe.watchable import base_of, context_length, one_row_at_a_time
from anchorwatch.records import Check, Cost, Output, Trigger

logger = logging.getLogger("anchorwatch")


class Probe:
    """Asks one anchor set of one model.

    Everything that can be wrong with set, tokenizer and model is found when the probe is made.

    Raises:
        ConfigurationError: the model cannot be watched, or the tokenizer cannot render chats.
        AnchorSetError: an anchor does not fit in the model's context.
    """

    def __init__(
        self,
        anchor_set: AnchorSet,
        model: Any,
        processing_class: Any,
        *,
        batch_size: int = 16,
        autocast: torch.dtype | None = None,
    ) -> None:
        """`autocast` is the dtype of mixed-precision training, None for none."""
        self._tokenizer = text_tokenizer(processing_class)
        base = base_of(model)
        self._rule = decoding(base, self._tokenizer)
        end = self._tokenizer.eos_token_id if self._tokenizer.eos_token_id in self._rule.ends else None
        with undisturbed(model, self._tokenizer):
            self._prompts = render(anchor_set, self._tokenizer, context_length(base), end)
        self._batches = Batches(1 if one_row_at_a_time(base) else batch_size)
        self._autocast = autocast
        self._sampling_failed = False

    def check(
        self,
        model: Any,
        *,
        step: int,
        trigger: Trigger,
        baseline: Mapping[str, Output] | None = None,
        epoch: float | None = None,
        optimizer: Any = None,
    ) -> Check:
        """Ask every anchor of `model`.

        `baseline` holds the untouched model's outputs by anchor id; None means that this is the baseline, whose own
        answers are then scored in its place.
        """
        started = time.perf_counter()
        base = base_of(model)
        with undisturbed(model, self._tokenizer, optimizer), self._precision(base), _counted(base) as calls:
            answers = self._batches.map(
                self._prompts,
                lambda prompt: len(prompt.ids) + prompt.anchor.max_new_tokens,
                lambda batch: greedy(base, batch, self._rule),
            )
            drawn = self._drawn(base)
            given = self._given(answers, baseline)
            # An answer that is given twice, such as a baseline that equals its reference, is scored once.
            unique = list(dict.fromkeys(row for rows in given for row in rows.values()))
            scored = self._batches.map(
                unique,
                lambda row: len(row.prompt) + len(row.answer),
                lambda batch: likelihoods(base, batch, self._rule.pad),
            )
        likelihood_of = dict(zip(unique, scored, strict=True))
        outputs = tuple(
            Output(
                anchor_id=prompt.anchor.id,
                text=self._decode(answer),
                tokens=answer.tokens,
                finish=answer.finish,
                samples=tuple(self._decode(sample) for sample in sampled),
                likelihoods={name: likelihood_of[row] for name, row in rows.items()},
            )
            for prompt, answer, sampled, rows in zip(self._prompts, answers, drawn, given, strict=True)
        )
        cost = Cost(
            seconds=time.perf_counter() - started,
            forward_calls=calls[0],
            prompt_tokens=sum(len(prompt.ids) for prompt in self._prompts),
            new_tokens=sum(len(answer.tokens) for answer in answers) + sum(len(s.tokens) for row in drawn for s in row),
            batch_size=self._batches.size,
        )
        return Check(step=step, trigger=trigger, outputs=outputs, cost=cost, epoch=epoch)

    def _drawn(self, base: Any) -> list[list[Generated]]:
        """The sampled answers of each prompt; none where drawing fails, as it does from a model with NaN weights.

        The first failure of the probe is logged.
        """
        drawn: list[list[Generated]] = []
        for prompt in self._prompts:
            run = partial(samples, base, prompt, rule=self._rule)
            try:
                drawn.append(self._batches.map(range(prompt.anchor.samples), lambda _: 0, run))
            except torch.OutOfMemoryError:
                raise
            except RuntimeError as error:
                drawn.append([])
                if not self._sampling_failed:
                    logger.warning(
                        "anchor %r goes without sampled answers, others may too: %s", prompt.anchor.id, error
                    )
                self._sampling_failed = True
        return drawn

    def _given(self, answers: list[Generated], baseline: Mapping[str, Output] | None) -> list[dict[str, Given]]:
        """By prompt, the answers to be scored under their names: "baseline", "reference", "chosen", "rejected"."""
        rows: list[dict[str, Given]] = []
        for prompt, answer in zip(self._prompts, answers, strict=True):
            before = answer.tokens if baseline is None else baseline[prompt.anchor.id].tokens
            texts = {"baseline": before, **prompt.answers}
            rows.append({name: Given(prompt.ids, tokens) for name, tokens in texts.items() if tokens})
        return rows

    def _decode(self, answer: Generated) -> str:
        return str(self._tokenizer.decode(list(answer.tokens), skip_special_tokens=True))

    def _precision(self, base: Any) -> Any:
        # accelerate wraps the forward of the outermost model only, and the probe calls the one inside an adapter.
        return torch.autocast(base.device.type, self._autocast) if self._autocast else nullcontext()

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The anchors as the model sees them, in the order of the set."""
        return self._prompts


@contextmanager
def _counted(model: Any) -> Iterator[list[int]]:
    """A one-element list that counts the model's forward calls."""
    calls = [0]

    def count(*_: Any) -> None:
        calls[0] += 1

    handle = model.register_forward_pre_hook(count)
    try:
        yield calls
    finally:
        handle.remove()
