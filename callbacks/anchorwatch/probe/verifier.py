"""A whole check by verification: the outputs of the check before are the drafts of this one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from anchorwatch.probe.batches import Batches, free_memory
from anchorwatch.probe.decode import finish
from anchorwatch.probe.drafts import Drafts
from anchorwatch.probe.generate import Decoding, Generated
from anchorwatch.probe.keyvalues import KeyValues, call_cost
from anchorwatch.probe.plain import Asked, Wanted, generate_all
from anchorwatch.probe.prefix import shared_prefix
from anchorwatch.probe.prompts import Prompt
from anchorwatch.probe.verify import Answer, Row, Scores, Tokens, Verified, verify
from anchorwatch.records import Likelihood

logger = logging.getLogger("anchorwatch")

_NOISE = 64
"""Times the precision of the logits that most of their differences may be: far above what rounding was seen to do, far
below what a model does that attends to what it should not."""
_NOT_FINITE = "the model's logits are not finite"

_TRIED = 3
"""Answers on which the ways of decoding are compared at the baseline, and as many tokens of them:"""
_TRIED_TOKENS = 16


class Unsound(Exception):  # noqa: N818
    """Verification does not give what generation gave, for the reason in the message."""


class Verifier:
    """Verifies one set of prompts again and again, and learns from it what to expect."""

    def __init__(
        self, prompts: Sequence[Prompt], rule: Decoding, batches: Batches, window: int | None, device: torch.device
    ) -> None:
        """`window` is how far the model's attention reaches, None for without end (see `decode.finish`)."""
        self._rule, self._batches, self._window = rule, batches, window
        self._prompts = {prompt.anchor.id: prompt for prompt in prompts}
        self._prefix = shared_prefix([prompt.ids for prompt in prompts], call_cost(device))
        self._drafts = Drafts({prompt.anchor.id: (prompt.ids, *prompt.answers.values()) for prompt in prompts})

    def check(self, model: Any, wanted: Sequence[Wanted], tie_margin: float) -> list[Asked]:
        """Every prompt's greedy answer, which is the draft where nothing has changed, and the given answers' scores.

        One forward call for each batch of prompts, one of one row for the prefix that most of them share, and one for
        each batch of given answers that are no drafts; and decoding, but only of the answers that departed.

        Raises:
            Unsound: the model's logits are not finite.
        """
        self._drafts.remember({item.prompt.anchor.id: item.draft for item in wanted})
        rows = [self._row(item, self._drafts.at_once(item.prompt.anchor.id, item.draft)) for item in wanted]
        found = self._answered(model, rows, self._drafts, tie_margin)
        if not np.isfinite([gap for answer, _ in found for gap in answer.gaps]).all():
            raise Unsound(_NOT_FINITE)
        return [
            Asked(_generated(answer, self._rule), _by_name(item, scores), tuple(answer.ties))
            for item, (answer, scores) in zip(wanted, found, strict=True)
        ]

    def answers(self, model: Any, prompts: Sequence[Prompt]) -> list[Generated]:
        """Every prompt's greedy answer where nothing is known of earlier ones."""
        found = self._answered(model, [self._row(Wanted(prompt, (), {}), 0) for prompt in prompts], self._drafts, 0.0)
        return [_generated(answer, self._rule) for answer, _ in found]

    def baseline(
        self, model: Any, wanted: Sequence[Wanted], generated: Sequence[Generated]
    ) -> tuple[list[Asked], float]:
        """Scores of the untouched model's own `answers`, here the drafts, and of the given ones; and the tie margin.

        The margin is numerical noise: the largest difference between how far ahead a token was when it was chosen, and
        how far ahead it is in a pass over the whole answer, when `generate` chooses, and when decoding goes on from a
        draft that went wrong; the last two are tried on a few tokens. As the gaps, a share of the largest logit.

        Raises:
            Unsound: it is no noise, so that this model cannot be verified.
        """
        rows = [self._row(item, len(item.draft)) for item in wanted]
        scores: dict[int, Scores] = {}
        passed: dict[int, list[float]] = {}
        for indices, found in self._passes(model, rows, tie_margin=0.0):
            scores.update(zip(indices, found.scores, strict=True))
            passed.update(zip(indices, found.gaps, strict=True))
            found.keyvalues.keep([])
        gaps = [gap for answer in generated for gap in answer.gaps]
        in_passes = [
            abs(gap - now)
            for index, answer in enumerate(generated)
            for gap, now in zip(answer.gaps, passed[index], strict=True)
        ]
        if not np.isfinite(gaps).all():
            raise Unsound(_NOT_FINITE)
        tie_margin, most = 0.0, _NOISE * _precision(found.dtype)
        for way, noise in (
            ("a pass over an answer gives", in_passes),
            ("generate gives", self._generated_again(model, wanted, generated)),
            ("going on from a draft that went wrong gives", self._rehearsed(model, rows, generated)),
        ):
            tie_margin = max(tie_margin, *noise, 0.0)
            # Single tokens may be far off in bf16, not many.
            if noise and (
                np.quantile(noise, 0.9) > min(float(np.median(gaps)) / 4, most) or not np.isfinite(noise).all()
            ):
                raise Unsound(f"{way} other logits than decoding")
        asked = [
            Asked(
                answer,
                _by_name(item, scores[index]),
                tuple(at for at, gap in enumerate(passed[index]) if abs(gap) <= tie_margin),
            )
            for index, (answer, item) in enumerate(zip(generated, wanted, strict=True))
        ]
        return asked, tie_margin

    def _generated_again(self, model: Any, wanted: Sequence[Wanted], answers: Sequence[Generated]) -> list[float]:
        """How much the gaps of the first tokens of a few answers differ from those in `generate`."""
        prompts = [item.prompt for item in wanted[:_TRIED]]
        short = [replace(p, anchor=p.anchor.model_copy(update={"max_new_tokens": _limit(p)})) for p in prompts]
        again = generate_all(model, short, self._rule, self._batches)
        return [noise for one, other in zip(again, answers, strict=False) for noise in _differences(one, other)]

    def _rehearsed(self, model: Any, rows: Sequence[Row], answers: Sequence[Generated]) -> list[float]:
        """How much the gaps of a few answers differ when they are decoded from drafts that are wrong at once."""
        chosen = [index for index, row in enumerate(rows) if len(row.draft) > 2][:_TRIED]
        drafts = Drafts()
        drafts.remember({rows[index].anchor_id: rows[index].draft for index in chosen})
        found = self._answered(model, [_gone_wrong(rows[index]) for index in chosen], drafts, 0.0)
        again = [_generated(answer, self._rule) for answer, _ in found]
        return [noise for index, one in zip(chosen, again, strict=True) for noise in _differences(one, answers[index])]

    def _answered(
        self, model: Any, rows: Sequence[Row], drafts: Drafts, tie_margin: float
    ) -> list[tuple[Answer, Scores]]:
        """Each row's whole answer and scores. What departed in several batches is decoded together."""
        results: dict[int, tuple[Answer, Scores]] = {}
        departed: list[int] = []
        parts: list[KeyValues] = []

        def decode() -> None:
            answers = [results[index][0] for index in departed]
            self._decode(model, [rows[index] for index in departed], answers, parts, drafts, tie_margin)
            departed.clear()
            parts.clear()

        for indices, found in self._passes(model, rows, tie_margin):
            results.update(zip(indices, zip(found.answers, found.scores, strict=True), strict=True))
            going: list[int] = []
            for number, (index, answer) in enumerate(zip(indices, found.answers, strict=True)):
                kept = len(answer.tokens) if answer.on_draft(rows[index]) else len(answer.tokens) - 1
                drafts.was_kept(rows[index].anchor_id, kept, rows[index].at_once)
                if not answer.finished(rows[index], self._rule):
                    going.append(number)
            found.keyvalues.keep(going)  # also of none: it takes memory while the next batch is run
            if going:
                parts.append(found.keyvalues)
                departed += [indices[number] for number in going]
            if len(departed) > self._batches.size:  # so that never more than two batches are decoded together
                decode()
        if departed:
            decode()
        return [results[index] for index in range(len(rows))]

    def _decode(
        self,
        model: Any,
        rows: Sequence[Row],
        answers: Sequence[Answer],
        parts: list[KeyValues],
        drafts: Drafts,
        tie_margin: float,
    ) -> None:
        """Finish the answers, whose rows are those of all `parts`. Where memory runs out they are generated anew."""
        joined = None
        try:
            joined = KeyValues.join(parts)
            parts.clear()
            finish(joined, rows, answers, drafts, self._rule, tie_margin, self._window)
            return
        except torch.OutOfMemoryError:
            logger.warning("out of memory while decoding %d answers: they are generated anew", len(rows))
        # Outside the except clause, so that the traceback no longer holds the tensors.
        parts.clear()
        joined = None
        free_memory()
        prompts = [self._prompts[row.anchor_id] for row in rows]
        self._batches.size = max(1, self._batches.size // 2)
        for answer, generated in zip(answers, generate_all(model, prompts, self._rule, self._batches), strict=True):
            answer.tokens, answer.gaps = list(generated.tokens), list(generated.gaps)
            answer.ties = [at for at, gap in enumerate(answer.gaps) if gap <= tie_margin]

    def _row(self, item: Wanted, at_once: int) -> Row:
        begin = len(self._prefix) if self._begins_with_prefix(item.prompt.ids) else 0
        return Row(
            anchor_id=item.prompt.anchor.id,
            prompt=item.prompt.ids[begin:],
            shared=begin,
            draft=item.draft,
            at_once=at_once,
            limit=item.prompt.anchor.max_new_tokens,
            given=tuple(item.given.values()),
            baseline=item.given.get("baseline", ()),
            top=item.top,
        )

    def _begins_with_prefix(self, prompt: Tokens) -> bool:
        return bool(self._prefix) and len(prompt) > len(self._prefix) and prompt[: len(self._prefix)] == self._prefix

    def _passes(self, model: Any, rows: Sequence[Row], tie_margin: float) -> Iterator[tuple[list[int], Verified]]:
        """The rows verified in batches, those that begin with the prefix apart: indices of a batch, what was found."""
        for shared in {row.shared for row in rows}:
            chosen = [index for index, row in enumerate(rows) if row.shared == shared]
            prefix = None
            if shared:
                prefix = KeyValues(model, 1)
                prefix.extend([self._prefix], self._rule.pad, logits=1)

            def run(batch: list[Row], prefix: KeyValues | None = prefix) -> Verified:
                return verify(model, batch, prefix, self._rule, tie_margin, self._batches.size)

            alike = [rows[index] for index in chosen]
            for numbers, found in self._batches.each(alike, lambda row: len(row.prompt) + row.at_once, run):
                yield [chosen[number] for number in numbers], found


def _precision(dtype: torch.dtype) -> float:
    if dtype == torch.float32 and torch.get_float32_matmul_precision() != "highest":
        return 2.0**-11  # TF32
    return float(torch.finfo(dtype).eps)


def _limit(prompt: Prompt) -> int:
    return min(prompt.anchor.max_new_tokens, _TRIED_TOKENS)


def _gone_wrong(row: Row) -> Row:
    draft = (row.draft[0], *row.draft[:-2])
    limit = min(row.limit, _TRIED_TOKENS)
    return replace(row, draft=draft, at_once=len(draft), limit=limit, given=(), baseline=())


def _by_name(item: Wanted, scores: Scores) -> dict[str, Likelihood]:
    return {name: scores[answer] for name, answer in item.given.items()}


def _generated(answer: Answer, rule: Decoding) -> Generated:
    return Generated(tuple(answer.tokens), "stop" if answer.tokens[-1] in rule.ends else "length", tuple(answer.gaps))


def _differences(one: Generated, other: Generated) -> Iterator[float]:
    """How much the gaps of the tokens differ that both have, up to the first that is another."""
    for token, gap, before, gap_before in zip(one.tokens, one.gaps, other.tokens, other.gaps, strict=False):
        # Another token is a difference in the other direction.
        yield abs(gap - gap_before) if token == before else gap + gap_before
        if token != before:
            return
