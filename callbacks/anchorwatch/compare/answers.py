"""What each anchor was answered in two runs, and which of its contracts hold in one of them alone."""

from __future__ import annotations

from anchorwatch.anchors import KINDS
from anchorwatch.compare.records import AnswerPair, CommonAnchors
from anchorwatch.records import ContractResult, Reading


def answers(common: CommonAnchors, reference: Reading, other: Reading) -> tuple[AnswerPair, ...]:
    """Every common anchor, risk first, then boundary, then core.

    Of one that expects something else in some run no contract is better or worse.
    """
    held = {result.key for result in reference.contracts if result.held}
    broken = {result.key for result in reference.contracts if not result.held}
    worse, better = _by_anchor(other, held, False), _by_anchor(other, broken, True)
    actions = _actions(reference), _actions(other)
    alike = {anchor.id for anchor in common.anchors}.difference(common.other_expectations)
    found = [
        AnswerPair(
            anchor,
            reference.output(anchor.id),
            other.output(anchor.id),
            worse=tuple(worse.get(anchor.id, ())) if anchor.id in alike else (),
            better=tuple(better.get(anchor.id, ())) if anchor.id in alike else (),
            actions=(actions[0][anchor.id], actions[1][anchor.id])
            if anchor.id in actions[0] and anchor.id in actions[1]
            else None,
        )
        for anchor in common.anchors
    ]
    return tuple(sorted(found, key=lambda change: -KINDS.index(change.anchor.kind)))


def _by_anchor(reading: Reading, keys: set[tuple[str, str]], held: bool) -> dict[str, list[ContractResult]]:
    """The results that are `held` and whose key is among `keys`."""
    found: dict[str, list[ContractResult]] = {}
    for result in reading.contracts:
        if result.held is held and result.key in keys:
            found.setdefault(result.anchor_id, []).append(result)
    return found


def _actions(reading: Reading) -> dict[str, str]:
    return {
        score.anchor_id: score.value
        for score in reading.scores
        if score.metric == "action" and isinstance(score.value, str)
    }
