"""What an anchor must have for a metric to score it: without it there is no score at any check."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from anchorwatch.anchors import Anchor, AnchorSet
from anchorwatch.metrics.contract import stated
from anchorwatch.metrics.format import FORM

_NEEDS: Mapping[str, tuple[str, Callable[[Anchor], bool]]] = {
    "preference": ("a chosen and a rejected answer", lambda anchor: bool(anchor.chosen and anchor.rejected)),
    "chosen_logprob": ("a chosen answer", lambda anchor: bool(anchor.chosen)),
    "rejected_logprob": ("a rejected answer", lambda anchor: bool(anchor.rejected)),
    "reference_logprob": ("a reference answer", lambda anchor: bool(anchor.reference)),
    "contract_pass": ("a contract", lambda anchor: bool(stated(anchor))),
    "format": ("a contract of form", lambda anchor: any(name in FORM for name in stated(anchor))),
    "json_schema": ("a JSON schema", lambda anchor: "json_schema" in stated(anchor)),
}


def lacking(anchor_set: AnchorSet, group: str, metric: str) -> str:
    """What none of the group's anchors has and the metric needs, in words; empty if it can be scored there.

    Also empty for a metric of a user's own, of which nothing is known.
    """
    if metric not in _NEEDS:
        return ""
    what, has = _NEEDS[metric]
    return "" if any(has(anchor) for anchor in anchor_set.anchors if group in anchor.groups) else what
