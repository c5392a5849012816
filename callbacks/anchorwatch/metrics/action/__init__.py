"""What an output does."""

from __future__ import annotations

from . import chinese, english
from .asked import asked
from .decide import decide
from .degenerate import degenerate
from .kinds import ACTIONS, Action, Classification
from .text import read

ACTION_VERSION: str = "1"

__all__ = ["ACTIONS", "ACTION_VERSION", "Action", "Classification", "classify"]


def classify(response: str, prompt: str | None = None) -> Classification:
    broken = degenerate(response, prompt)
    if broken is not None:
        return Classification("degenerate", f"degenerate: {broken}")
    reading = read(response)
    cues = []
    for sentence in reading.sentences:
        if reading.chinese:
            cues.extend(chinese.cues(sentence))
        if reading.english:
            cues.extend(english.cues(sentence))
    return decide(reading, cues, asked(prompt))
