"""Whether two runs were scored alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anchorwatch.anchors import Anchor
from anchorwatch.compare.records import FactorDifference


def rescored(measured: Iterable[FactorDifference]) -> tuple[FactorDifference, ...]:
    """The metrics that both runs have, of another version or by another classifier, as "metric.NAME"."""
    metrics = (each for each in measured if each.name.startswith("metric."))
    return tuple(each for each in metrics if each.reference is not None and each.other is not None)


def incomparable(measured: Sequence[FactorDifference], anchors: Iterable[Anchor]) -> set[str]:
    """The metrics whose scores two runs do not share.

    Those rescored, contract pass where a contract reads one of them, and the agreement of samples drawn otherwise.
    """
    metrics = {each.name.removeprefix("metric.") for each in rescored(measured)}
    if metrics & {name for anchor in anchors for name in (*anchor.expect.names(), *(anchor.expect.metrics or ()))}:
        metrics.add("contract_pass")
    if any(each.name in ("anchors.samples", "anchors.temperature") for each in measured):
        metrics.add("sample_agreement")
    return metrics
