from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml
from replay_samples import SET

from anchorwatch.testing import tiny_model, tiny_tokenizer


@pytest.fixture(autouse=True)
def anchors_file(anchor_set) -> None:
    content = anchor_set.model_dump(mode="json", exclude_defaults=True)
    Path(SET).write_text(yaml.safe_dump({**content, "name": "shop"}), encoding="utf-8")


@pytest.fixture(autouse=True)
def base() -> None:
    """The folder "base": an untouched model with its tokenizer."""
    tiny_model().save_pretrained("base")
    tiny_tokenizer().save_pretrained("base")


@pytest.fixture
def replay(cli) -> Callable[..., object]:
    """Calls `anchorwatch replay` in this process; returns code, stdout and stderr."""
    return partial(cli, "replay", "--anchors", SET)
