"""A run with all that was recorded of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import LossPoint, Reading
from anchorwatch.store import Store, StoredRun


@dataclass(frozen=True)
class WatchedRun:
    """A run with all that was recorded of it; `readings` in step order, the first of them the baseline."""

    stored: StoredRun
    anchor_set: AnchorSet
    readings: Sequence[Reading]
    losses: Sequence[LossPoint]


def load_run(store: Store, reference: str) -> WatchedRun:
    """The run meant by `reference` (see `Store.run`)."""
    stored = store.run(reference)
    run_id = stored.info.id
    return WatchedRun(stored, store.anchor_set(run_id), store.readings(run_id), store.losses(run_id))
