"""What an answer probably says next: earlier answers and the prompt, searched for its last tokens. No torch."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

LONGEST = 16
"""Tokens drafted at most."""
_FRESH = 8
"""Tokens drafted of an earlier answer of which nothing was kept the last time."""
_MATCH = 4
"""Longest end of a text that is looked up."""
_KEPT_TEXTS = 4
"""Different earlier answers of an anchor that are drawn from."""
_PRIOR = {1: 0.5, 2: 0.6, 3: 0.7, 4: 0.8}
"""By length of the match, the probability that a drafted token is right, worth `_PRIOR_WEIGHT` observations."""
_PRIOR_WEIGHT = 8.0

_PLACES = 64
"""Places looked at in one search, the latest ones."""

_Place = tuple[tuple[int, ...], int]
"""A text, and where in it something may be found again: what stands before that position."""
_Index = dict[tuple[int, ...], list[_Place]]
"""By the last tokens before it, every place that something follows."""


class Draft(NamedTuple):
    """Tokens that may come next; `match` is how many tokens before them were found again, 0 for no draft."""

    tokens: tuple[int, ...] = ()
    match: int = 0


class Drafts:
    """Remembers a run's answers, and how often what it drafted was right."""

    def __init__(self, known: Mapping[str, Sequence[Sequence[int]]] | None = None) -> None:
        """`known` has, by anchor id, other texts that an answer may quote: its prompt, answers that were written."""
        self._known = {anchor_id: [tuple(text) for text in texts] for anchor_id, texts in (known or {}).items()}
        self._texts: defaultdict[str, deque[tuple[int, ...]]] = defaultdict(lambda: deque(maxlen=_KEPT_TEXTS))
        self._kept: dict[str, int] = {}
        self._right = {match: p * _PRIOR_WEIGHT for match, p in _PRIOR.items()}
        self._tried = dict.fromkeys(_PRIOR, _PRIOR_WEIGHT)
        self._own: dict[str, _Index] = {}
        self._others: _Index | None = None
        self._finished: list[tuple[int, ...]] = []

    def remember(self, answers: Mapping[str, Sequence[int]]) -> None:
        """The answers of one check by anchor id: from now on drafts are taken from them too."""
        for anchor_id, answer in answers.items():
            texts, text = self._texts[anchor_id], tuple(answer)
            if text in texts:
                texts.remove(text)
            texts.append(text)
        # Made when first asked: mostly nothing departs, and nothing is searched.
        self._own, self._others, self._finished = {}, None, []

    def learn(self, answer: Sequence[int]) -> None:
        """An answer finished during a check: drafts for the other anchors may be taken from it."""
        self._finished.append(tuple(answer))
        if self._others is not None:
            _add(self._others, self._finished[-1], 2)

    def at_once(self, anchor_id: str, earlier: Sequence[int]) -> int:
        """How much of an earlier answer to verify at once: all of it, or less where little was kept the last time."""
        return min(len(earlier), max(_FRESH, 2 * self._kept.get(anchor_id, len(earlier))))

    def was_kept(self, anchor_id: str, kept: int, of: int) -> None:
        """That the first `kept` of the `of` tokens that were verified at once are still the model's."""
        if kept < of:
            self._kept[anchor_id] = kept
        else:
            self._kept.pop(anchor_id, None)

    def rest(self, earlier: Sequence[int], text: Sequence[int]) -> Draft:
        """The draft of what follows `text` where `earlier` begins with it."""
        return Draft(tuple(earlier[len(text) : len(text) + LONGEST]), min(_MATCH, len(text)))

    def next(self, anchor_id: str, text: Sequence[int]) -> Draft:
        """A draft of what follows `text`, an answer that has just begun: at most `LONGEST` tokens.

        Taken from where the most last tokens of `text` are found again, at least one in what belongs to the anchor and
        two elsewhere. Among equals the anchor's own texts win, then the place that is nearest to the end of `text`,
        since answers that departed often come back to their old words, then the latest.
        """
        if anchor_id not in self._own:
            self._own[anchor_id] = {}
            for known in (*self._known.get(anchor_id, ()), *self._texts.get(anchor_id, ())):
                _add(self._own[anchor_id], known, 1)
        own = _best(self._own[anchor_id].get(tuple(text[-1:]), ()), text)
        if own.match == _MATCH:
            return own
        if self._others is None:
            self._others = {}
            for other in (*(text for texts in self._texts.values() for text in texts), *self._finished):
                _add(self._others, other, 2)
        return max(own, _best(self._others.get(tuple(text[-2:]), ()), text), key=lambda draft: draft.match)

    def was_right(self, match: int, right: int, of: int) -> None:
        """That the first `right` of `of` drafted tokens, at least one, were right, and the next one, if any, wrong."""
        self._right[match] += right
        self._tried[match] += right + (right < of)

    def gain(self, draft: Draft, length: int) -> float:
        """How many of its first `length` tokens are expected to be right, by what was seen in the run so far."""
        if not draft.tokens:
            return 0.0
        p = self._right[draft.match] / self._tried[draft.match]
        return float(sum(p**number for number in range(1, min(length, len(draft.tokens)) + 1)))


def best_length(drafts: Sequence[Draft], chances: Drafts, call_cost: float) -> int:
    """How many tokens to draft in the next forward call of all rows together, 0 to `LONGEST`.

    The one that promises most tokens for what a call costs: `call_cost`, in units of one token position, and a
    position for each row and column. 0 is plain decoding.
    """

    def tokens_per_cost(length: int) -> float:
        gained = len(drafts) + sum(chances.gain(draft, length) for draft in drafts)
        return gained / (call_cost + len(drafts) * (length + 1))

    return max((0, 1, 2, 3, 4, 6, 8, 12, LONGEST), key=tokens_per_cost)


def _add(index: _Index, text: tuple[int, ...], length: int) -> None:
    for end in range(length, len(text)):
        index.setdefault(text[end - length : end], []).append((text, end))


def _best(places: Sequence[_Place], text: Sequence[int]) -> Draft:
    """What follows at the best of the latest `places`; no draft where there are none."""
    best, chosen = (0, 0), Draft()
    for found, end in reversed(places[-_PLACES:]):
        match = 1
        while match < min(_MATCH, end, len(text)) and found[end - match - 1] == text[-match - 1]:
            match += 1
        rank = match, -abs(end - len(text))
        if not chosen.match or rank > best:
            best, chosen = rank, Draft(found[end : end + LONGEST], match)
    return chosen
