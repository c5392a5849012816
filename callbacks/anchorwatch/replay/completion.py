"""What a server's answer to a request for a chat completion says. Nothing about its shape is taken for granted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anchorwatch.records import Finish
from anchorwatch.replay.client import line, reason_in


@dataclass(frozen=True)
class Answer:
    """One completion."""

    text: str
    """What the model refuses with, where that is all it says."""
    finish: Finish
    filtered: bool
    """Whether a filter of the server ended it."""
    prompt_tokens: int
    """0, as `new_tokens`, where the server does not say."""
    new_tokens: int


def answer_in(given: Any) -> Answer:
    """The first choice of a completion.

    Raises:
        ValueError: it is none; the message says what is wrong with it.
    """
    choices = _of(given, "choices")
    if not isinstance(choices, list) or not choices:
        reason = line(reason_in(given)) if _of(given, "error") else ""
        raise ValueError(f"it has no list of choices{reason and f'; it says: {reason}'}")
    message, reason = _of(choices[0], "message"), _of(choices[0], "finish_reason")
    if not isinstance(message, dict):
        raise ValueError("its first choice has no message")
    content, refusal, usage = message.get("content"), message.get("refusal"), _of(given, "usage")
    if not isinstance(content, str | None):
        raise ValueError(f"its content is no text but {type(content).__name__}")
    return Answer(
        text=content or (refusal if isinstance(refusal, str) else ""),
        finish="length" if reason == "length" else "stop",
        filtered=reason == "content_filter",
        prompt_tokens=_count(_of(usage, "prompt_tokens")),
        new_tokens=_count(_of(usage, "completion_tokens")),
    )


def _of(given: Any, name: str) -> Any:
    return given.get(name) if isinstance(given, dict) else None


def _count(given: Any) -> int:
    # What else it may be: null, text, and numbers that no database holds.
    return given if type(given) is int and 0 <= given < 2**31 else 0
