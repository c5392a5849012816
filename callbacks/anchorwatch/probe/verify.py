"""One teacher-forced pass over prompt and expected answer: where greedy decoding now departs, and what it thinks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import torch

from anchorwatch.probe.batches import in_batches
from anchorwatch.probe.evidence import Top, full_likelihood, likelihood
from anchorwatch.probe.generate import Decoding
from anchorwatch.probe.greedy import Choices, choose
from anchorwatch.probe.keyvalues import KeyValues
from anchorwatch.records import Likelihood

_CLOSE = 0.25
"""Share of the tie margin within which a draft's token is kept."""

Tokens = tuple[int, ...]
Scores = dict[Tokens, Likelihood]
"""By answer, how probable the model finds it."""


@dataclass(frozen=True)
class Row:
    """What is asked about one anchor in a pass. Token ids throughout."""

    anchor_id: str
    prompt: Tokens
    """Without the shared prefix; not empty."""
    shared: int
    """Tokens of that prefix."""
    draft: Tokens
    """What the model is expected to answer: what it answered before; empty where nothing is known."""
    at_once: int
    """How many tokens of the draft the pass verifies."""
    limit: int
    """The longest answer."""
    given: tuple[Tokens, ...] = ()
    """Other answers to be scored, none of them empty."""
    baseline: Tokens = ()
    """Which of the draft and the given answers is the baseline's: it is scored in full (see `full_likelihood`)."""
    top: Top | None = None
    """The baseline's `Likelihood.top`; None at the baseline itself."""


@dataclass
class Answer:
    """An answer in the making."""

    tokens: list[int]
    """At least one."""
    ties: list[int]
    """Positions in `tokens` at which the two best tokens were no more than the tie margin apart."""
    gaps: list[float]
    """How far apart the two best were for each of `tokens` (see `Choices.ahead`)."""

    def on_draft(self, row: Row) -> bool:
        """Whether it is the row's draft so far."""
        return tuple(self.tokens) == row.draft[: len(self.tokens)]

    def finished(self, row: Row, rule: Decoding) -> bool:
        """Whether the last token is an end token, or the answer has reached its limit."""
        return len(self.tokens) >= row.limit or self.tokens[-1] in rule.ends


@dataclass(frozen=True)
class Verified:
    """What one pass found, by row."""

    answers: list[Answer]
    gaps: list[list[float]]
    """Of the tokens of its draft (see `Choices.of_expected`)."""
    dtype: torch.dtype
    """Of the logits."""
    scores: list[Scores]
    keyvalues: KeyValues
    """Of each row's prompt and its answer but the last token: to go on from."""


def verify(
    model: Any, rows: Sequence[Row], prefix: KeyValues | None, rule: Decoding, tie_margin: float, batch_size: int
) -> Verified:
    """Verify the drafts of `rows` and score their given answers.

    One forward call, and one more for every `batch_size` answers that this one has not scored, or fewer that are as
    long: these go on from the keys and values of the prompt and of what they have in common with the draft. A token of
    the draft is kept as long as it ties with the best closely (see `accept`). `prefix` holds one row, the prefix that
    the prompts share; None where they share none.
    """
    keyvalues = prefix.copy([0] * len(rows)) if prefix else KeyValues(model, len(rows))
    drafts = [row.draft[: row.at_once] for row in rows]
    # The last token of a draft need not be computed: should the answer go on after it, that is the next call's work.
    texts = [(*row.prompt, *draft[:-1]) for row, draft in zip(rows, drafts, strict=True)]
    longest = max(1, *map(len, drafts))
    logits = keyvalues.extend(texts, rule.pad, logits=longest, align="right")
    of_row = [logits[index, longest - max(1, len(draft)) :] for index, draft in enumerate(drafts)]
    scores: list[Scores] = [
        {draft: _read(row, draft, own)} if draft and draft in (row.baseline, *row.given) else {}
        for row, draft, own in zip(rows, drafts, of_row, strict=True)
    ]
    _score_the_rest(rows, scores, keyvalues, of_row, rule, batch_size)
    answers: list[Answer] = []
    gaps: list[list[float]] = []
    for index, (row, draft, own) in enumerate(zip(rows, drafts, of_row, strict=True)):
        [choices] = choose(own.unsqueeze(0), [draft])  # a copy of all logits at once would be large
        answer = accept(row, Answer([], [], []), draft, choices, rule, tie_margin, keep_ties=True)
        keyvalues.forget(index, range(len(answer.tokens) - len(draft), 0))
        answers.append(answer)
        gaps.append(choices.of_expected[: len(draft)])
    return Verified(answers, gaps, logits.dtype, scores, keyvalues)


def accept(
    row: Row,
    answer: Answer,
    draft: Sequence[int],
    choices: Choices,
    rule: Decoding,
    tie_margin: float,
    *,
    keep_ties: bool,
) -> Answer:
    """Append to `answer` the tokens of `draft` that greedy decoding would choose too, and its first other token.

    `choices` are those of each token of `draft` and of the token after it, if there are so many. Appends at least
    one token; stops at an end token and at the row's limit. Where the two best are no more than `tie_margin` apart
    the position is a tie. With `keep_ties` the draft's token is taken where it is no more than `_CLOSE` of that behind:
    most noise is far below the largest, and what is above it may be a change.
    """
    for number, token in enumerate(choices.tokens[: len(draft) + 1]):
        expected = draft[number] if number < len(draft) else token
        if choices.ahead[number] <= tie_margin:
            answer.ties.append(len(answer.tokens))
        if keep_ties and choices.behind[number] <= _CLOSE * tie_margin:
            token = expected
        answer.tokens.append(token)
        answer.gaps.append(choices.ahead[number])
        if token != expected or answer.finished(row, rule):
            break
    return answer


def _score_the_rest(
    rows: Sequence[Row],
    scores: Sequence[Scores],
    keyvalues: KeyValues,
    logits: Sequence[torch.Tensor],
    rule: Decoding,
    batch_size: int,
) -> None:
    """Add the given answers that `scores` lacks; `logits` are each row's, from its prompt's last token on."""
    waiting: list[tuple[int, Tokens, int]] = []
    for index, row in enumerate(rows):
        for answer in dict.fromkeys((row.baseline, *row.given)):
            if not answer or answer in scores[index]:
                continue
            # What it has in common with the draft has been computed; of the draft's last token no keys were.
            common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(answer, row.draft, strict=False)))
            begin = min(common, len(logits[index]) - 1, len(answer) - 1)
            if begin == len(answer) - 1:
                scores[index][answer] = _read(row, answer, logits[index][: len(answer)])
            else:
                waiting.append((index, answer, begin))
    for batch in in_batches(waiting, lambda item: len(item[1]) - item[2] - 1, batch_size, keyvalues.call_cost):
        known = [rows[index].shared + len(rows[index].prompt) + begin for index, _, begin in batch]
        texts = [answer[begin:-1] for _, answer, begin in batch]
        started = keyvalues.copy([index for index, _, _ in batch], known)
        new_logits = started.extend(texts, rule.pad, logits=max(map(len, texts)))
        for number, (index, answer, begin) in enumerate(batch):
            own = torch.cat([logits[index][: begin + 1], new_logits[number, : len(texts[number])]])
            scores[index][answer] = _read(rows[index], answer, own)


def _read(row: Row, answer: Tokens, logits: torch.Tensor) -> Likelihood:
    return full_likelihood(logits, answer, row.top) if answer == row.baseline else likelihood(logits, answer)
