"""What differs between two texts, word by word."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

MAX_TOKENS = 20_000
"""Words compared on each side, once what both texts begin and end with is set aside (a tenth of a second's work)."""

Op = Literal["equal", "delete", "insert"]


class Segment(NamedTuple):
    """A stretch of text that both share ("equal"), that only the first ("delete") or only the second ("insert") has."""

    op: Op
    text: str


# Scripts written without spaces are compared character by character: Han, kana, bopomofo, Thai and Lao.
_SPACELESS = (
    "\u0e00-\u0eff\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = re.escape(string.punctuation) + "¡¿«»\u2010-\u2027\u2030-\u205e\u3000-\u303f\uff00-\uff0f\uff1a-\uff20"
_PART = rf"[^\s{_SPACELESS}{_MARKS}]+"
# "don't", "24.90" and "e-mail" are one word.
_TOKEN = re.compile(rf"[{_SPACELESS}]|{_PART}(?:[-'’._,]{_PART})*|\s+|.", re.DOTALL)


def diff(before: str, after: str) -> tuple[Segment, ...]:
    """The segments that lead from `before` to `after`, in order; a deletion stands before its insertion.

    The equal and deleted segments joined are `before`, the equal and inserted ones `after`. No segment is empty; two
    empty texts have none. A shared stretch between two rewritten ones that is shorter than both, or holds no word, is
    counted as rewritten too: a new sentence stays in one piece.

    Words past `MAX_TOKENS` a side are not compared: they form one deletion and one insertion.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    head, tail = old[:start], old[len(old) - end :]
    old, new = old[start : len(old) - end], new[start : len(new) - end]

    changes = _compare(old[:MAX_TOKENS], new[:MAX_TOKENS])
    changes.append(_Change("", "".join(old[MAX_TOKENS:]), "".join(new[MAX_TOKENS:])))
    segments = [Segment("equal", "".join(head)), *_segments(_joined(changes)), Segment("equal", "".join(tail))]
    return tuple(segment for segment in segments if segment.text)


class _Change(NamedTuple):
    """What is deleted and inserted behind a stretch that both texts share."""

    shared: str
    deleted: str
    inserted: str


def _shared(old: list[str], new: list[str]) -> int:
    return next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _compare(old: list[str], new: list[str]) -> list[_Change]:
    # Compared as numbers, so that equality is exact: rapidfuzz compares hashes of other objects.
    numbers: dict[str, int] = {}
    old_numbers = [numbers.setdefault(token, len(numbers)) for token in old]
    new_numbers = [numbers.setdefault(token, len(numbers)) for token in new]
    changes = []
    shared = deleted = inserted = ""
    for block in Indel.opcodes(old_numbers, new_numbers):
        removed, added = "".join(old[block.src_start : block.src_end]), "".join(new[block.dest_start : block.dest_end])
        if block.tag == "equal":
            changes.append(_Change(shared, deleted, inserted))
            shared, deleted, inserted = removed, "", ""
        else:
            deleted, inserted = deleted + removed, inserted + added
    return [*changes, _Change(shared, deleted, inserted)]


def _joined(changes: list[_Change]) -> list[_Change]:
    """`changes` with those made one that only a word or two, or a mark, hold apart."""
    joined: list[_Change] = []
    for change in changes:
        if joined and _belong(joined[-1], change):
            before, (shared, deleted, inserted) = joined.pop(), change
            change = _Change(before.shared, before.deleted + shared + deleted, before.inserted + shared + inserted)
        joined.append(change)
    return joined


def _belong(one: _Change, other: _Change) -> bool:
    if not (one.deleted or one.inserted) or not (other.deleted or other.inserted):
        return False
    rewritten = (one.deleted or other.deleted) and (one.inserted or other.inserted)
    shorter = min(max(len(each.deleted), len(each.inserted)) for each in (one, other))
    return bool(rewritten) and (len(other.shared) <= shorter or not any(map(str.isalnum, other.shared)))


def _segments(changes: list[_Change]) -> Iterator[Segment]:
    for shared, deleted, inserted in changes:
        yield Segment("equal", shared)
        yield Segment("delete", deleted)
        yield Segment("insert", inserted)
