"""The beginning that most prompts share, such as a system prompt: worth computing once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile


def shared_prefix(prompts: Sequence[Sequence[int]], call_cost: float) -> tuple[int, ...]:
    """The tokens that save most when computed once: the longest beginning shared, by as many prompts as possible.

    A prompt always keeps a last token of its own. Prompts that begin differently are left out where that saves more.
    Empty where no more are saved than the forward call costs that computes them: `call_cost`, in token positions.
    """
    rows = sorted(tuple(prompt[:-1]) for prompt in prompts)
    # Whatever the best prefix is, two neighbours of the sorted rows have exactly it in common.
    candidates = {_common(one, other) for one, other in pairwise(rows)}

    def saved(prefix: tuple[int, ...]) -> int:
        return len(prefix) * (sum(row[: len(prefix)] == prefix for row in rows) - 1)

    best = max(candidates, key=lambda prefix: (saved(prefix), prefix), default=())
    return best if saved(best) > call_cost else ()


def _common(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(token for token, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
