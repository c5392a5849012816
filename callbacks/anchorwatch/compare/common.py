"""Which anchors runs have in common, and what differs in how the same question is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from anchorwatch.anchors import Anchor
from anchorwatch.compare.records import CommonAnchors, ComparedRun, FactorDifference
from anchorwatch.errors import AnchorSetError

_JUDGED = ("expect", "reference", "chosen", "rejected")
"""The fields of an anchor that say what a good answer is."""


def common_anchors(runs: Mapping[str, ComparedRun]) -> CommonAnchors:
    """The anchors that all runs were asked, in the reference's order. `runs` are by label, the reference first.

    Raises:
        AnchorSetError: there are none.
    """
    sets = {label: _asked(run) for label, run in runs.items()}
    reference, *others = sets.values()
    everywhere = [anchor for anchor in reference.values() if all(anchor.id in other for other in others)]
    anchors = [anchor for anchor in everywhere if all(_turns(other[anchor.id]) == _turns(anchor) for other in others)]
    if not anchors:
        each = ", ".join(
            f"{label} {run.info.anchor_set} version {run.info.anchor_set_version} ({run.info.anchor_set_digest})"
            for label, run in runs.items()
        )
        raise AnchorSetError(f"no anchor with the same id and the same question was asked in all of the runs: {each}")
    return CommonAnchors(
        anchors=tuple(anchors),
        left_out=_left_out(sets, {anchor.id for anchor in anchors}),
        other_expectations=tuple(
            anchor.id for anchor in anchors if any(_judged(other[anchor.id]) != _judged(anchor) for other in others)
        ),
    )


def asked_differently(anchors: Sequence[Anchor], others: Sequence[Anchor]) -> Iterator[FactorDifference]:
    """What differs in how the same anchors are put to the model: their system prompt, context and decoding.

    A value is that of all the anchors concerned, or a mapping from their ids where it is not the same for all.
    """
    for name, read in _ASKED_WITH.items():
        pairs = [(one, other) for one, other in zip(anchors, others, strict=True) if read(one) != read(other)]
        if pairs:
            yield FactorDifference(
                name, _value(read, [one for one, _ in pairs]), _value(read, [other for _, other in pairs])
            )


def _asked(run: ComparedRun) -> dict[str, Anchor]:
    """The anchors of the set that have an answer at the baseline and at the check compared."""
    answered = [{output.anchor_id for output in reading.check.outputs} for reading in (run.baseline, run.now)]
    return {anchor.id: anchor for anchor in run.anchor_set.anchors if all(anchor.id in each for each in answered)}


def _left_out(sets: Mapping[str, Mapping[str, Anchor]], compared: set[str]) -> dict[str, str]:
    reasons = {}
    for anchor_id in dict.fromkeys(anchor_id for each in sets.values() for anchor_id in each):
        if anchor_id in compared:
            continue
        having = {label: each[anchor_id] for label, each in sets.items() if anchor_id in each}
        first = next(iter(having.values()))
        if len(having) < len(sets):
            reasons[anchor_id] = f"only in {', '.join(having)}"
        else:
            differing = [label for label, anchor in having.items() if _turns(anchor) != _turns(first)]
            reasons[anchor_id] = f"asks something else in {', '.join(differing)}"
    return reasons


def _turns(anchor: Anchor) -> list[tuple[str, str]]:
    """The conversation up to the answer, without the system prompt and the retrieved context."""
    if anchor.messages is None:
        return [("user", anchor.question)]
    return [(turn.role, turn.content) for turn in anchor.messages if turn.role != "system"]


def _judged(anchor: Anchor) -> list[Any]:
    return [getattr(anchor, field) for field in _JUDGED]


def _system(anchor: Anchor) -> str | None:
    first = anchor.chat()[0]
    return first["content"] if first["role"] == "system" else None


def _context(anchor: Anchor) -> list[str]:
    return [chunk.text for chunk in anchor.context]


_ASKED_WITH: dict[str, Callable[[Anchor], Any]] = {
    "anchors.system": _system,
    "anchors.context": _context,
    "decoding.max_new_tokens": lambda anchor: anchor.max_new_tokens,
    "anchors.samples": lambda anchor: anchor.samples,
    "anchors.temperature": lambda anchor: anchor.temperature,
}


def _value(read: Callable[[Anchor], Any], anchors: Sequence[Anchor]) -> Any:
    values = {anchor.id: read(anchor) for anchor in anchors}
    first = next(iter(values.values()))
    return first if all(value == first for value in values.values()) else values
