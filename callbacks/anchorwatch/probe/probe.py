"""A check: every anchor asked of the model as it stands, undisturbed."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import torch

from anchorwatch.anchors import AnchorSet
from anchorwatch.probe.batches import Batches
from anchorwatch.probe.counted import counted
from anchorwatch.probe.evidence import Top
from anchorwatch.probe.generate import Draw, Generated, decoding, samples
from anchorwatch.probe.plain import Asked, Wanted, generate_all, room, score_all
from anchorwatch.probe.prompts import Prompt, render, text_tokenizer
from anchorwatch.probe.undisturbed import undisturbed
from anchorwatch.probe.verifier import Unsound, Verifier
from anchorwatch.probe.watchable import (
    attention_window,
    base_of,
    context_length,
    is_encoder_decoder,
    one_row_at_a_time,
    plain_because,
)
from anchorwatch.records import Check, Cost, Output, Sample, Trigger

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
        baseline_samples: int = 0,
        autocast: torch.dtype | None = None,
    ) -> None:
        """`autocast` is the dtype of mixed-precision training, None for none.

        At the baseline at least `baseline_samples` answers are sampled for every anchor: the noise floor of the bell.
        """
        self._tokenizer = text_tokenizer(processing_class)
        base = base_of(model)
        self._rule = decoding(base, self._tokenizer)
        end = self._tokenizer.eos_token_id if self._tokenizer.eos_token_id in self._rule.ends else None
        with undisturbed(model, self._tokenizer):
            self._prompts = render(
                anchor_set, self._tokenizer, context_length(base), end, encoder_decoder=is_encoder_decoder(base)
            )
        self._batches = Batches(1 if one_row_at_a_time(base) else batch_size)
        self._baseline_samples = baseline_samples
        self.floor_seconds = 0.0
        """Spent by the baseline on sampled answers that no other check draws."""
        self._autocast = autocast
        self._sampling_failed = False
        # Verification may leave a hole for every token of an answer (see `decode.finish`), before a given one too.
        answer = max(prompt.anchor.max_new_tokens for prompt in self._prompts)
        given = max((len(given) for prompt in self._prompts for given in prompt.answers.values()), default=0)
        longest = max(len(prompt.ids) for prompt in self._prompts) + answer + max(answer, given)
        self._plain_because = plain_because(base, longest)
        self._verifier = Verifier(self._prompts, self._rule, self._batches, attention_window(base), base.device)

    def wait(self) -> None:
        """Return when the device has done all that training has asked of it: time from now on is the watch's."""
        if torch.cuda.is_available() and torch.cuda.is_initialized():
            torch.cuda.synchronize()

    def check(
        self,
        model: Any,
        *,
        step: int,
        trigger: Trigger,
        baseline: Check | None = None,
        previous: Check | None = None,
        epoch: float | None = None,
        optimizer: Any = None,
    ) -> Check:
        """Ask every anchor of `model`.

        `baseline` is the check of the untouched model; None means that this is the baseline, whose own answers are then
        scored in its place. `previous` is the check whose outputs are verified; None takes the baseline's. A check with
        the trigger "drift" draws no samples and scores no answer but the baseline's.
        """
        started = time.perf_counter()
        base = base_of(model)
        light = trigger == "drift"
        with undisturbed(model, self._tokenizer, optimizer), self._precision(base), counted(base) as calls:
            if baseline is None:
                asked, because, tie_margin = self._baseline(base)
            else:
                asked, because = self._again(base, baseline, previous or baseline, light)
                tie_margin = baseline.tie_margin
            drawing = time.perf_counter()
            at_least = self._baseline_samples if baseline is None else 0
            drawn = [[] for _ in self._prompts] if light else self._drawn(base, step, at_least)
        if baseline is None and (of_all := sum(map(len, drawn))):
            again = sum(
                min(len(of_one), prompt.anchor.samples) for of_one, prompt in zip(drawn, self._prompts, strict=True)
            )
            self.floor_seconds = (time.perf_counter() - drawing) * (1 - again / of_all)
        outputs = tuple(
            Output(
                anchor_id=prompt.anchor.id,
                text=self._decode(one.answer),
                tokens=one.answer.tokens,
                finish=one.answer.finish,
                samples=tuple(Sample(self._decode(each), each.tokens, each.finish) for each in sampled),
                likelihoods=one.likelihoods,
                ties=one.ties,
            )
            for prompt, one, sampled in zip(self._prompts, asked, drawn, strict=True)
        )
        cost = Cost(
            seconds=time.perf_counter() - started,
            forward_calls=calls.calls,
            prompt_tokens=sum(len(prompt.ids) for prompt in self._prompts),
            new_tokens=sum(len(one.answer.tokens) for one in asked) + sum(len(s.tokens) for row in drawn for s in row),
            batch_size=self._batches.size,
            positions=calls.positions,
            departed=None if because or not baseline else _departed(outputs, previous or baseline),
        )
        return Check(step, trigger, outputs, cost, epoch, generated_because=because, tie_margin=tie_margin)

    def _baseline(self, base: Any) -> tuple[list[Asked], str, float | None]:
        """What the untouched model gives, why it was generated, and the tie margin."""
        if not self._plain_because:
            try:
                answers = self._verifier.answers(base, self._prompts)
                asked, tie_margin = self._verifier.baseline(base, self._wanted_of(answers), answers)
            except torch.OutOfMemoryError:
                raise
            except Exception as error:  # Whatever a model we have never seen raises, generating anew still works.
                self._plain_because = _because(error)
            else:
                return asked, "the baseline: nothing to verify yet", tie_margin
        answers = generate_all(base, self._prompts, self._rule, self._batches)
        scored = score_all(base, self._wanted_of(answers), self._rule, self._batches)
        return [Asked(*row) for row in zip(answers, scored, strict=True)], self._plain_because, None

    def _wanted_of(self, answers: Sequence[Generated]) -> list[Wanted]:
        """What is asked at the baseline, whose own answers these are."""
        tokens = [answer.tokens for answer in answers]
        return [Wanted(*row) for row in zip(self._prompts, tokens, self._given(tokens, light=False), strict=True)]

    def _again(self, base: Any, baseline: Check, previous: Check, light: bool) -> tuple[list[Asked], str]:
        """What the model gives now, and why it was generated rather than verified."""
        before, last = _by_anchor(baseline), _by_anchor(previous)
        given = self._given([before[prompt.anchor.id].tokens for prompt in self._prompts], light)
        wanted = [
            Wanted(prompt, last[prompt.anchor.id].tokens, answers, _top(before[prompt.anchor.id]))
            for prompt, answers in zip(self._prompts, given, strict=True)
        ]
        because = self._plain_because
        if not because and baseline.tie_margin is not None:
            try:
                return self._verifier.check(base, wanted, baseline.tie_margin), ""
            except torch.OutOfMemoryError:
                raise
            except Exception as error:
                because = self._plain_because = _because(error)
                logger.warning("from now on anchors are generated anew instead of verified: %s", because)
        generated = generate_all(base, self._prompts, self._rule, self._batches)
        scored = score_all(base, wanted, self._rule, self._batches)
        asked = [Asked(*row) for row in zip(generated, scored, strict=True)]
        return asked, because or "the baseline was not verified"

    def _given(self, baseline: Sequence[tuple[int, ...]], light: bool) -> list[dict[str, tuple[int, ...]]]:
        """By prompt, the answers to be scored under their names; without those that are empty."""
        rows: list[dict[str, tuple[int, ...]]] = []
        for prompt, before in zip(self._prompts, baseline, strict=True):
            answers = {"baseline": before, **({} if light else prompt.answers)}
            rows.append({name: answer for name, answer in answers.items() if answer})
        return rows

    def _drawn(self, base: Any, step: int, at_least: int) -> list[list[Generated]]:
        """The sampled answers of each prompt, as many as its anchor asks for but `at_least` so many.

        A prompt for which logits are not finite, as those of a model with NaN weights, has fewer; the first such case
        of the probe is logged.
        """
        wanted = [(prompt, max(prompt.anchor.samples, at_least)) for prompt in self._prompts]
        draws = [Draw(prompt, number, step) for prompt, count in wanted for number in range(count)]
        answers = self._batches.map(draws, lambda draw: room(draw.prompt), partial(samples, base, rule=self._rule))
        drawn: dict[str, list[Generated]] = {prompt.anchor.id: [] for prompt in self._prompts}
        for draw, answer in zip(draws, answers, strict=True):
            if answer is not None:
                drawn[draw.prompt.anchor.id].append(answer)
            elif not self._sampling_failed:
                self._sampling_failed = True
                logger.warning(
                    "anchor %r goes without sampled answers, others may too: the model's logits are not finite",
                    draw.prompt.anchor.id,
                )
        return list(drawn.values())

    def _decode(self, answer: Generated) -> str:
        return str(self._tokenizer.decode(list(answer.tokens), skip_special_tokens=True))

    def _precision(self, base: Any) -> Any:
        # accelerate wraps the forward of the outermost model only, and the probe calls the one inside an adapter.
        return torch.autocast(base.device.type, self._autocast) if self._autocast else nullcontext()

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The anchors as the model sees them, in the order of the set."""
        return self._prompts


def _by_anchor(check: Check) -> dict[str, Output]:
    return {output.anchor_id: output for output in check.outputs}


def _departed(outputs: Sequence[Output], previous: Check) -> int:
    last = _by_anchor(previous)
    return sum(output.tokens != last[output.anchor_id].tokens for output in outputs)


def _top(output: Output) -> Top:
    return output.likelihoods["baseline"].top if "baseline" in output.likelihoods else ()


def _because(error: Exception) -> str:
    return str(error) if isinstance(error, Unsound) else f"verifying failed ({type(error).__name__}: {error})"
