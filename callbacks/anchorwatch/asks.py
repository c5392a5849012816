"""What a watch needs of whoever asks the anchors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from anchorwatch.records import Check


class Asks(Protocol):
    """Who asks the anchors: `Probe`, or whatever takes its place where no model is in training."""

    floor_seconds: float

    def wait(self) -> None:
        """As `Probe.wait`."""

    @property
    def check(self) -> Callable[..., Check]:
        """`Probe.check`, or what takes the same arguments."""
