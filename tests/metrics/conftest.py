from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from anchorwatch.anchors import Anchor
from anchorwatch.records import Output


@pytest.fixture
def ask() -> Callable[..., Anchor]:
    """Makes an anchor of whatever matters to the test."""

    def make(**fields: Any) -> Anchor:
        return Anchor.model_validate({"id": "a", "kind": "core", "prompt": "How long is the warranty?", **fields})

    return make


@pytest.fixture
def say() -> Callable[..., Output]:
    """Makes an output that says `text`, one token a word and an end-of-sequence token."""

    def make(text: str = "", **fields: Any) -> Output:
        tokens = (*range(1, len(text.split()) + 1), 0)
        return Output(**{"anchor_id": "a", "text": text, "tokens": tokens, "finish": "stop", **fields})

    return make
