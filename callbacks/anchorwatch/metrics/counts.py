"""Words, sentences, lines, paragraphs and list items of an output, counted in time linear in its length."""

from __future__ import annotations

import re

CJK = "\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Han characters and kana, for use inside a character class."""

_WORD = re.compile(rf"[{CJK}]|[^\s{CJK}—…\u3000-\u303f\uff01-\uff0f\uff1a-\uff20]+")
_ITEM = re.compile(
    rf"(?m)^[ \t]*(?:[-*+][ \t]+|[•·‣◦][ \t]*|\(?\d{{1,3}}[.)][ \t]+|\d{{1,3}}[.)．](?=[{CJK}])"
    r"|[（(][\d一二三四五六七八九十]{1,3}[)）][ \t]*|[\d一二三四五六七八九十]{1,3}、[ \t]*)(?=\S)"
)
_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\b(?:Mr|Ms|Dr|vs)\.)(?<!\b(?:Mrs|e\.g|i\.e)\.)[\"'”’)\]*_]*\s+|(?<=[。！？])|\n+"
)
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")


def words(text: str) -> list[str]:
    """The words: runs between white space that hold a letter or digit, as `wc -w`; each Han or kana character is one.

    "don't", "well-known" and "7.5" are one word each. Scripts without spaces other than Han and kana (Thai, Khmer, Lao)
    come out as one word a run.
    """
    return [word for word in _WORD.findall(text) if word.isalnum() or any(character.isalnum() for character in word)]


def sentences(text: str) -> int:
    """How many pieces with a word lie between sentence marks and line ends; list markers are not sentences.

    A full stop ends a sentence when white space follows, so that "7.5" is whole; a few abbreviations are known.
    """
    return sum(any(c.isalnum() for c in piece) for piece in _SENTENCE_END.split(_ITEM.sub("", text)))


def lines(text: str) -> int:
    """How many lines are not blank."""
    return sum(bool(line.strip()) for line in text.split("\n"))


def paragraphs(text: str) -> int:
    """How many blocks stand between blank lines."""
    return sum(bool(block.strip()) for block in _EMPTY_LINE.split(text))


def items(text: str) -> int:
    """How many lines open a list item, nested ones included: `-`, `*`, `+`, `•`, `1.`, `1)`, `(1)`, `1、`, `（一）`."""
    return len(_ITEM.findall(text))
