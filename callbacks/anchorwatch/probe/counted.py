"""What a check asks of the model, counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch


@dataclass
class Calls:
    """Forward calls of a model, and the token positions that they computed, padding included."""

    calls: int = 0
    positions: int = 0


@contextmanager
def counted(model: Any) -> Iterator[Calls]:
    """Counts the forward calls of `model` while the context is open."""
    counts = Calls()

    def count(_: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        counts.calls += 1
        ids = next(
            (keywords[name] for name in ("decoder_input_ids", "input_ids") if keywords.get(name) is not None), None
        )
        ids = arguments[0] if ids is None and arguments else ids
        if isinstance(ids, torch.Tensor):
            counts.positions += ids.numel()

    handle = model.register_forward_pre_hook(count, with_kwargs=True)
    try:
        yield counts
    finally:
        handle.remove()
