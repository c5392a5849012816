"""What a difference between runs can be put down to: to one cause, to the seed, to none, or to several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anchorwatch.compare.causes import CODE, SEED, Differing
from anchorwatch.compare.records import Verdict

Pairwise = Mapping[tuple[str, str], Differing]
"""What differs between any two runs, by their labels, in both orders."""

BEFORE_TRAINING = frozenset(
    {"base model", "adapter", "system prompt", "retrieved context", "decoding", "precision and kernels", "software"}
)
"""Causes that can change what the untouched model answers."""


def essential(names: Sequence[str]) -> tuple[str, ...]:
    """The causes to choose among: without the seed, which is noise, and without code that another cause explains.

    To set a learning rate in a script is to edit the script: code counts where nothing else differs.
    """
    return tuple(name for name in names if name != SEED and (name != CODE or len(names) == 1))


def verdict(names: Sequence[str]) -> Verdict:
    """What two runs that differ in these causes allow to say."""
    chosen = essential(names)
    if not chosen:
        return "seed" if names else "same"
    return "one" if len(chosen) == 1 else "confounded"


def variants(labels: Sequence[str], pairwise: Pairwise) -> list[list[str]]:
    """The runs in groups that differ in the seed at most, each in the order given, the reference's first."""
    found: list[list[str]] = []
    for label in labels:
        for group in found:
            if not essential(pairwise[group[0], label].names):
                group.append(label)
                break
        else:
            found.append([label])
    return found


def repeats(group: Sequence[str], pairwise: Pairwise) -> list[str]:
    """Those of the runs alike that have a seed of their own: the same seed again says nothing about its noise."""
    found: list[str] = []
    for label in group:
        if all(SEED in pairwise[each, label].names for each in found):
            found.append(label)
    return found


def isolated(causes: Sequence[str], labels: Sequence[str], pairwise: Pairwise) -> dict[str, tuple[str, str]]:
    """For each of the causes that is all that two of the runs differ in, the seed aside, the first two such runs."""
    found: dict[str, tuple[str, str]] = {}
    for position, one in enumerate(labels):
        for other in labels[position + 1 :]:
            names = essential(pairwise[one, other].names)
            if len(names) == 1 and names[0] in causes:
                found.setdefault(names[0], (one, other))
    return found


def missing(causes: Sequence[str], known: Mapping[str, object], reference: str, other: str) -> list[dict[str, str]]:
    """The fewest runs that tell several causes apart: by cause, whose each run takes.

    With none of them `known`, steps from the reference to the other run, one cause more at each; with some known, for
    each of the others the reference with that cause alone changed.
    """
    unknown = [cause for cause in causes if cause not in known]
    if len(unknown) == len(causes):
        return [
            {cause: other if position < step else reference for position, cause in enumerate(causes)}
            for step in range(1, len(causes))
        ]
    return [{cause: other if cause == changed else reference for cause in causes} for changed in unknown]
