"""Model text is never trusted: what may be stored, and what may be shown."""

from __future__ import annotations

import re
import unicodedata

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def scrub(text: str) -> str:
    """`text` with lone surrogates and NUL replaced by U+FFFD: the rest of Unicode survives UTF-8, SQL and JSON."""
    return _LONE_SURROGATE.sub("\ufffd", text).replace("\x00", "\ufffd")


def visible(text: str, limit: int | None = None) -> str:
    """`text` for a terminal: control and format characters escaped (tab and newline kept), cut at `limit` characters.

    Escape sequences, carriage returns and bidirectional overrides in a model's output cannot move the cursor, colour
    the screen or reorder what a person reads. A cut says how many characters were left out.
    """
    shown = text if limit is None or len(text) <= limit else text[:limit]
    shown = "".join(c if c in "\n\t" or not _steers(c) else _escape(c) for c in shown)
    return shown if len(text) <= (limit or len(text)) else f"{shown}… (+{len(text) - len(text[:limit])} characters)"


def _steers(character: str) -> bool:
    # Zero-width joiners (Cf) belong to emoji and to several scripts; they move nothing.
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"} and character not in "\u200c\u200d"


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
