"""What is doubtful about an anchor set, and what it can show, said before the run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from rapidfuzz import fuzz

from anchorwatch.anchors.model import Anchor, AnchorSet
from anchorwatch.judge.hearing import statement
from anchorwatch.metrics.counts import words

FEWEST, MOST = 10, 60
"""Anchors in a set: fewer show next to nothing, more cost time and are read by nobody."""
NEAR = 90
"""Similarity (rapidfuzz ratio, 0 to 100) from which two prompts count as near-duplicates."""
CONTAINED = 0.8
"""Share of a prompt's word 3-grams in one training text from which the prompt counts as standing in it."""
_GRAM = 3
_PUNCTUATION = re.compile(r"[^\w\s]+|_")


@dataclass(frozen=True)
class Finding:
    """One remark on a set. An "error" will fail or mislead, a "warning" weakens the set, a "note" is for knowing."""

    level: Literal["error", "warning", "note"]
    anchor_id: str | None
    """None where it concerns the set as a whole."""
    message: str


def lint(
    anchor_set: AnchorSet,
    *,
    count_tokens: Callable[[list[dict[str, str]]], int] | None = None,
    max_length: int | None = None,
    training_texts: Iterable[str] | None = None,
) -> tuple[Finding, ...]:
    """Everything found, errors first; never empty, since what the set can show is a note.

    With `count_tokens` (tokens of a chat as the model is asked, template applied) and `max_length` (the model's
    context in tokens, prompt and answer together) prompts are found that leave too little of the context. With
    `training_texts` (a row or a turn each, read once) anchors are found that the model is being taught.
    """
    anchors = anchor_set.anchors
    findings = [*_size(anchors), *_kinds(anchors), *_duplicates(anchors)]
    if count_tokens is not None and max_length is not None:
        findings += _too_long(anchors, count_tokens, max_length)
    if training_texts is not None:
        findings += _in_training_data(anchors, training_texts)
    findings.append(Finding("note", None, statement(anchors)))
    return tuple(sorted(findings, key=lambda finding: ("error", "warning", "note").index(finding.level)))


def _size(anchors: Sequence[Anchor]) -> list[Finding]:
    if FEWEST <= len(anchors) <= MOST:
        return []
    return [Finding("warning", None, f"has {len(anchors)} anchors; {FEWEST} to {MOST} show enough and are still read")]


def _kinds(anchors: Sequence[Anchor]) -> list[Finding]:
    absent = {
        "boundary": "nothing shows where the model should stop or ask",
        "risk": "nothing shows what it must never do",
    }
    present = {anchor.kind for anchor in anchors}
    findings = [
        Finding("warning", None, f"no {kind} anchors: {so}") for kind, so in absent.items() if kind not in present
    ]
    return findings + [
        Finding("warning", anchor.id, "risk anchor without an expectation: nobody is told when it goes wrong")
        for anchor in anchors
        if anchor.kind == "risk" and not anchor.expect.names()
    ]


def _duplicates(anchors: Sequence[Anchor]) -> list[Finding]:
    """Pairs alike in the question and in all before it: a variant with another context or system prompt is none."""
    findings = []
    parts = {anchor.id: _parts(anchor) for anchor in anchors}
    for one, other in combinations(anchors, 2):
        if parts[one.id] == parts[other.id]:
            findings.append(Finding("error", other.id, f"asks the same as {one.id!r}, and so counts twice"))
        elif all(fuzz.ratio(a, b) >= NEAR for a, b in zip(parts[one.id], parts[other.id], strict=True)):
            findings.append(Finding("warning", other.id, f"asks nearly the same as {one.id!r}"))
    return findings


def _parts(anchor: Anchor) -> tuple[str, str]:
    turns = [turn["content"] for turn in anchor.chat()]
    before = [*turns[:-1], turns[-1].removesuffix(anchor.question)]
    return _normal(anchor.question), _normal("\n".join(before))


def _normal(text: str) -> str:
    return " ".join(_units(text))


def _units(text: str) -> list[str]:
    """Words without case and punctuation; a text without words is its own only one."""
    plain = _PUNCTUATION.sub(" ", text.casefold().replace("'", "").replace("’", ""))
    return words(plain) or [text.strip()]


def _too_long(
    anchors: Sequence[Anchor], count_tokens: Callable[[list[dict[str, str]]], int], max_length: int
) -> list[Finding]:
    findings = []
    for anchor in anchors:
        prompt = count_tokens(anchor.chat())
        if prompt + anchor.max_new_tokens > max_length:
            needed = f"{prompt} prompt tokens and {anchor.max_new_tokens} new ones"
            findings.append(Finding("error", anchor.id, f"{needed} exceed the model's context of {max_length}"))
    return findings


def _in_training_data(anchors: Sequence[Anchor], texts: Iterable[str]) -> list[Finding]:
    """Anchors whose question stands in a training text, word for word or nearly.

    Measured, as in the decontamination of GPT-3 (Brown et al. 2020), by the word n-grams they share; a question of
    fewer words than an n-gram must be the whole text.
    """
    grams = {anchor.id: _grams(_units(anchor.question)) for anchor in anchors}
    every = set().union(*grams.values())
    rows: Counter[str] = Counter()
    first: dict[str, tuple[int, float]] = {}
    for row, text in enumerate(texts):
        shared = every & _grams(_units(text))
        for anchor_id, of_anchor in grams.items() if shared else ():
            share = len(of_anchor & shared) / len(of_anchor)
            if share >= CONTAINED:
                rows[anchor_id] += 1
                first.setdefault(anchor_id, (row, share))
    return [
        Finding(
            "warning",
            anchor_id,
            f"stands in {rows[anchor_id]} training text(s), first in number {row} ({share:.0%} of its wording): "
            "it shows what was memorised",
        )
        for anchor_id, (row, share) in first.items()
    ]


def _grams(units: Sequence[str]) -> set[tuple[str, ...]]:
    # A text shorter than a gram is one gram, so that it can only equal another as short.
    return set(zip(*(units[start:] for start in range(_GRAM)), strict=False)) if len(units) >= _GRAM else {tuple(units)}
