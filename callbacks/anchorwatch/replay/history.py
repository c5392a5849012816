"""What a training wrote beside its checkpoints: trainer_state.json. training_args.bin, a pickle, is never opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def trainer_state(folder: str) -> Mapping[str, Any]:
    """The content of the folder's trainer_state.json; empty where there is none or it cannot be read."""
    try:
        state = json.loads((Path(folder) / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def epoch(folder: str) -> float | None:
    """The epoch at which the checkpoint was saved; None where that is not known."""
    found = _plain(trainer_state(folder)).get("epoch")
    return None if found is None else float(found)


def log_rows(folder: str) -> list[dict[str, Any]]:
    """What the trainer had logged by then: the numbers of each row, a "step" among them; empty where not known."""
    rows = trainer_state(folder).get("log_history")
    plain = [_plain(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [row for row in plain if type(row.get("step")) is int]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of a row that a database can hold: any file may be called trainer_state.json."""
    return {
        name: value
        for name, value in row.items()
        if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**63)
    }
