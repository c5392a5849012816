"""Real prompts out of a log, to make anchors of: read tolerantly, personal data masked, duplicates dropped."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from anchorwatch.errors import AnchorSetError
from anchorwatch.text import scrub

FIELDS = ("messages", "prompt", "text", "input", "question", "query")
"""Where a row's prompt may stand; the first that holds one counts. Text, or chat messages as OpenAI writes them."""

MAX_CHARACTERS = 4_000
"""A longer prompt is left out: people could not label it."""

# Stand-ins keep the shape of what they replace, so that the question still reads as it did.
_EMAIL = re.compile(r"[A-Za-z0-9À-ɏ._%+-]{1,64}@[A-Za-z0-9À-ɏ-]{1,63}(?:\.[A-Za-z0-9À-ɏ-]{1,63})+")
_NUMBER = re.compile(
    r"""
    (?:\+|(?<![\d.,])\(?0) \d? (?:[ ()./-]{0,3}\d){6,}                  # phone: +49 (171) 234-5678, 0171/2345678
    | (?<!\d) \(?\d{3}\)? [ .-]{1,2} \d{3} [ .-] \d{4} (?!\d)           # phone: (415) 555-2671
    | (?<!\d) \d{4} (?:[ -]\d{4}){2,} (?:[ -]\d{1,4})* (?!\d)           # card and account numbers in groups of four
    | \d{5,}                                                            # orders, customers, postcodes
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class LoggedPrompt:
    """What somebody asked: (role, content) turns of user and assistant, the user's last, and the system prompt."""

    turns: tuple[tuple[str, str], ...]
    system: str = ""

    @property
    def text(self) -> str:
        """The last user turn."""
        return self.turns[-1][1]


@dataclass(frozen=True)
class Log:
    """What a log holds: its distinct prompts in the order of the file, and how many lines gave none."""

    prompts: tuple[LoggedPrompt, ...]
    duplicates: int
    unusable: Counter[str]
    """Reason to number of lines: "not JSON", "no prompt", "too long"."""


def read_log(path: Path) -> Log:
    """The distinct prompts of a JSONL file, personal data masked. Blank lines do not count.

    Prompts are the same if they differ in case, white space or masked numbers only.

    Raises:
        AnchorSetError: the file cannot be read, or no line holds a prompt.
    """
    seen: set[tuple[str, ...]] = set()
    prompts: list[LoggedPrompt] = []
    duplicates, unusable = 0, Counter[str]()
    for line in _lines(path):
        found = _prompt(line)
        if isinstance(found, str):
            unusable[found] += 1
            continue
        key = tuple(" ".join(content.casefold().split()) for _, content in found.turns)
        if key in seen:
            duplicates += 1
        else:
            seen.add(key)
            prompts.append(found)
    if not prompts:
        reasons = ", ".join(f"{reason} {n}" for reason, n in unusable.items()) or "it is empty"
        raise AnchorSetError(
            f"{path}: holds no prompt ({reasons}); a line is a JSON object with one of {', '.join(FIELDS)}"
        )
    return Log(tuple(prompts), duplicates, unusable)


def mask(text: str) -> str:
    """`text` with made-up e-mail addresses, phone numbers and runs of five or more digits in place of its own."""
    return _NUMBER.sub(_made_up, _EMAIL.sub("name@example.com", text))


def _made_up(match: re.Match[str]) -> str:
    digits = cycle("1234567890")
    return re.sub(r"\d", lambda _: next(digits), match[0])


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            yield from (line for line in lines if line.strip())
    except OSError as error:
        raise AnchorSetError(f"{path}: cannot be read ({error.strerror})") from error


def _prompt(line: str) -> LoggedPrompt | str:
    """The prompt on a line of a log, or why there is none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return "not JSON"
    found = next((prompt for field in FIELDS if (prompt := _from_field(row, field))), None)
    if found is None:
        return "no prompt"
    if len(found.system) + sum(len(content) for _, content in found.turns) > MAX_CHARACTERS:
        return "too long"
    return LoggedPrompt(tuple((role, _clean(content)) for role, content in found.turns), _clean(found.system))


def _from_field(row: Any, field: str) -> LoggedPrompt | None:
    value = row.get(field) if isinstance(row, dict) else None
    if isinstance(value, str) and value.strip():
        return LoggedPrompt((("user", value),))
    return _from_messages(value) if isinstance(value, list) else None


def _from_messages(messages: list[Any]) -> LoggedPrompt | None:
    """The chat up to its last user turn; its first user turn alone where tool calls or pictures stand in the way."""
    turns = [(str(m.get("role")), _content(m.get("content"))) for m in messages if isinstance(m, dict)]
    system = ""
    if turns and turns[0][0] in {"system", "developer"}:
        system = turns.pop(0)[1]
    while turns and turns[-1][0] != "user":
        turns.pop()
    if not all(role in {"user", "assistant"} and content for role, content in turns):
        turns = [turn for turn in turns if turn[0] == "user" and turn[1]][:1]
    return LoggedPrompt(tuple(turns), system) if turns else None


def _content(content: Any) -> str:
    """The text of a message; empty if it has another part than text."""
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else None for part in content]
        content = "" if None in parts else "\n".join(map(str, parts))
    return content.strip() if isinstance(content, str) else ""


def _clean(text: str) -> str:
    return mask(scrub(text.strip()))
