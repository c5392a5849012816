"""Anchor sets: the fixed prompts a run is watched with. `load` reads one, `lint` says what it can and cannot show."""

from anchorwatch.anchors.load import load, shipped
from anchorwatch.anchors.model import (
    ACTIONS,
    KINDS,
    Action,
    Anchor,
    AnchorSet,
    Bounds,
    Chunk,
    Expect,
    Kind,
    Message,
    Pattern,
)

__all__ = [
    "ACTIONS",
    "KINDS",
    "Action",
    "Anchor",
    "AnchorSet",
    "Bounds",
    "Chunk",
    "Expect",
    "Kind",
    "Message",
    "Pattern",
    "load",
    "shipped",
]
