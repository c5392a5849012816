"""One teacher-forced pass over prompt and expected answer: where greedy decoding now departs, and what it thinks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from anchorwatch.probe.evidence import Top, full_likelihood, likelihood
from anchorwatch.probe.generate import Decoding
from anchorwatch.probe.keyvalues import KeyValues
from anchorwatch.records import Likelihood

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
    """How far apart the two best logits were for each of `tokens`."""

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
    scores: list[Scores]
    keyvalues: KeyValues
    """Of each row's prompt and its answer but the last token: to go on from."""


def verify(
    model: Any, rows: Sequence[Row], prefix: KeyValues | None, rule: Decoding, tie_margin: float, batch_size: int
) -> Verified:
    """Verify the drafts of `rows` and score their given answers.

    One forward call, and one more for every `batch_size` answers that this one has not scored: these start from the
    keys and values of the prompts. A draft's token that is no more than `tie_margin` (a difference of logits) behind
    the best is kept. `prefix` holds one row, the prefix that the prompts share; None where they share none.
    """
    keyvalues = prefix.copy([0] * len(rows)) if prefix else KeyValues(model, len(rows))
    drafts = [row.draft[: row.at_once] for row in rows]
    # The last token of a draft need not be computed: should the answer go on after it, that is the next call's work.
    texts = [(*row.prompt, *draft[:-1]) for row, draft in zip(rows, drafts, strict=True)]
    longest = max(1, *map(len, drafts))
    logits = keyvalues.extend(texts, rule.pad, logits=longest, align="right")
    of_row = [logits[index, longest - max(1, len(draft)) :] for index, draft in enumerate(drafts)]
    scores = [
        {draft: _read(row, draft, own)} if draft and draft in (row.baseline, *row.given) else {}
        for row, draft, own in zip(rows, drafts, of_row, strict=True)
    ]
    _score_the_rest(rows, scores, keyvalues, [own[:1] for own in of_row], rule, batch_size)
    answers: list[Answer] = []
    for index, (row, draft) in enumerate(zip(rows, drafts, strict=True)):
        answer = accept(row, Answer([], [], []), draft, of_row[index], rule, tie_margin, keep_ties=True)
        keyvalues.forget(index, range(len(answer.tokens) - len(draft), 0))
        answers.append(answer)
    return Verified(answers, scores, keyvalues)


def accept(
    row: Row,
    answer: Answer,
    draft: Sequence[int],
    logits: torch.Tensor,
    rule: Decoding,
    tie_margin: float,
    *,
    keep_ties: bool,
) -> Answer:
    """Append to `answer` the tokens of `draft` that greedy decoding would choose too, and its first other token.

    `logits` are those that choose each token of `draft` and, where it has one row more, the token after it. Appends at
    least one token; stops at an end token and at the row's limit. With `keep_ties` the draft's token is taken where it
    ties with the best.
    """
    greedy: list[int] = logits.argmax(dim=-1).tolist()
    best, second = logits.topk(2, dim=-1).values.float().unbind(dim=-1)
    ahead: list[float] = (best - second).tolist()
    behind: list[float] = []
    if draft:
        own = torch.tensor(draft, device=logits.device)
        behind = (best[: len(draft)] - logits[: len(draft)].gather(-1, own.unsqueeze(-1)).squeeze(-1).float()).tolist()
    for number, token in enumerate(greedy):
        expected = draft[number] if number < len(draft) else token
        if ahead[number] <= tie_margin:
            answer.ties.append(len(answer.tokens))
        if keep_ties and expected != token and behind[number] <= tie_margin:
            token = expected
        answer.tokens.append(token)
        answer.gaps.append(ahead[number])
        if token != expected or answer.finished(row, rule):
            break
    return answer


def _score_the_rest(
    rows: Sequence[Row],
    scores: Sequence[Scores],
    keyvalues: KeyValues,
    first: Sequence[torch.Tensor],
    rule: Decoding,
    batch_size: int,
) -> None:
    """Add the given answers that `scores` lacks; `first` has each row's logits after its prompt, (1, vocabulary)."""
    waiting = [
        (index, answer)
        for index, row in enumerate(rows)
        for answer in dict.fromkeys((row.baseline, *row.given))
        if answer and answer not in scores[index]
    ]
    waiting.sort(key=lambda item: -len(item[1]))
    for begin in range(0, len(waiting), batch_size):
        batch = waiting[begin : begin + batch_size]
        prompts = keyvalues.copy(
            [index for index, _ in batch], [rows[i].shared + len(rows[i].prompt) for i, _ in batch]
        )
        texts = [answer[:-1] or answer for _, answer in batch]
        logits = prompts.extend(texts, rule.pad, logits=max(map(len, texts)))
        for number, (index, answer) in enumerate(batch):
            own = torch.cat([first[index], logits[number, : len(answer) - 1]])
            scores[index][answer] = _read(rows[index], answer, own)


def _read(row: Row, answer: Tokens, logits: torch.Tensor) -> Likelihood:
    return full_likelihood(logits, answer, row.top) if answer == row.baseline else likelihood(logits, answer)
