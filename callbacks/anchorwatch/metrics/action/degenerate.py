"""Outputs that do nothing: empty, broken, stuck in a loop, or the prompt over again."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

SAMPLE = 4000
"""Characters looked at from each end of an output."""
BROKEN_SHARE = 0.1
"""From this share of broken characters an output is unreadable."""
LOOP_SHARE = 0.5
"""From this share of an output in one loop, the loop is the output; half as much does from six turns on."""
DISTINCT = 0.2
"""Below this share of distinct four-word sequences an output repeats itself with small changes."""
MANY = 60
"""Words (or Chinese characters) below which that share says nothing."""
PAIRS = 0.6
"""Below this share of distinct word pairs a shorter output repeats itself."""
FEW = 12
"""Words below which that share says nothing either."""
SCRIPTS = 4
"""Writing systems from which a short output is a soup of letters."""

_MARKUP = re.compile(
    r"<\|[^|<>\n]{1,40}\|>|\[/?(?:UNK|PAD|BOS|EOS|INST|CLS|SEP|MASK)\]"
    r"|</?[A-Za-z][^<>\n]{0,80}>|&[a-z]{2,8};|\\[nrt]|\\u[0-9a-fA-F]{4}"
)
_MOJIBAKE = re.compile(
    r"锟斤拷|<0x[0-9A-Fa-f]{2}>|Ġ\w|▁\w|##_|烫烫烫|屯屯屯|ï¿½"
    r"|(?:[\u00c2-\u00ef][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{1,2}){2}"
)
_NOTHING = re.compile(r"\W*(?:null|none|nan|undefined|object object|todo|无内容)\W*", re.IGNORECASE)
_TEMPLATE = re.compile(
    r"(?m)^\W{0,8}(?:user|human|assistant|system|question|answer|input|output|response|instruction"
    r"|用户|使用者|用戶|助手|助理|客服|问题?|答案?|回答|問|系统|系統|输入|输出|响应|回复|回覆)[ \t]{0,4}[:：]",
    re.IGNORECASE,
)
_EMPTY_CHOICES = re.compile(r"(?:\b[A-D][.、．][^\w\n]{0,8}){3}")
_SCRIPT_NAMES = frozenset(
    [
        "LATIN",
        "CJK",
        "HANGUL",
        "ARABIC",
        "CYRILLIC",
        "GREEK",
        "HEBREW",
        "THAI",
        "DEVANAGARI",
        "HIRAGANA",
        "KATAKANA",
        "ARMENIAN",
        "GEORGIAN",
        "TAMIL",
    ]
)
_STRUCK = re.compile(
    r"(?i)^[b-df-hj-np-tv-xz]{5,}$|^([b-df-hj-np-tv-xz])\1|q(?![uaie])[a-z]|[jv][b-df-hj-np-tv-xz]"
    r"|[b-df-hj-np-tvxz]{4}|w[pqx]|sdk"
)
"""Letters that hardly any word in Latin script has beside each other."""
_MIDDLE = re.compile(r"[，、；。！？：]\s*\w")
_LIST_ONLY = re.compile(r"\W*(?:\d{1,3}[.)、]\s*){3,}\W*")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")


def degenerate(response: str, prompt: str | None = None) -> str | None:
    """Why `response` does nothing, or None if it does something. Any string is allowed."""
    text = response.strip()
    if not text:
        return "empty output"
    sample = text if len(text) <= 2 * SAMPLE else text[:SAMPLE] + text[-SAMPLE:]
    broken = sum(map(_is_broken, sample)) + sum(len(m[0]) for m in _MOJIBAKE.finditer(sample))
    if broken >= max(1, BROKEN_SHARE * len(sample)):
        return f"{broken} of {len(sample)} characters broken"
    bare = _MARKUP.sub(" ", sample).strip()
    if not any(map(_says, bare)):
        return "no word, number or symbol in it"
    if _MIDDLE.match(text):
        return "begins in the middle of a sentence"
    return _loop(bare) or _repeats(bare) or _soup(bare) or _template(text, prompt) or _echo(text, prompt)


def _is_broken(char: str) -> bool:
    """Replacement characters, lone surrogates, control, private and unassigned code points."""
    return char == "\ufffd" or (char not in "\n\r\t" and unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn"))


def _says(char: str) -> bool:
    """Letters, digits and symbols such as an emoji, but no punctuation."""
    return char.isalnum() or unicodedata.category(char) in ("So", "Sm") or char in "$€£¥"


def _loop(text: str) -> str | None:
    """One unit over and over, at the end of the text or all through it."""
    tail = " ".join(text.split())[-SAMPLE:]
    unit, repeated = _period(tail)
    times = repeated // unit
    phrase = tail[-unit:].strip()
    counted = tail.isdecimal() and len(set(tail)) > 1
    share = LOOP_SHARE if times < 6 else LOOP_SHARE / 2
    if times >= (5 if unit <= 8 else 3) and repeated >= max(share * len(tail), 6) and not counted:
        shown = phrase if len(phrase) <= 40 else phrase[:39] + "…"
        return f'"{shown}" repeated {times} times'
    return None


def _period(text: str) -> tuple[int, int]:
    """The loop at the end of `text` that covers most: (length of the unit, characters covered).

    The failure function of Knuth, Morris and Pratt (1977) over the reversed text, in linear time: a
    prefix of length n with border b repeats a unit of n - b. Without a loop both are the whole text.
    """
    back = text[::-1]
    border = [0] * len(back)
    best = (len(back), len(back))
    length = 0
    for i in range(1, len(back)):
        while length and back[i] != back[length]:
            length = border[length - 1]
        if back[i] == back[length]:
            length += 1
        border[i] = length
        unit, covered = i + 1 - length, i + 1
        if covered >= 3 * unit and (best[0] == best[1] or covered > best[1]):
            best = (unit, covered)
    return best


def _repeats(text: str) -> str | None:
    """The same few sentences, words or letters, in whatever order."""
    sentences = [part for part in map(_letters, re.split(r"[.!?。！？\n]+", text)) if len(part) >= 4]
    distinct = len(set(sentences))
    if len(sentences) >= 2 and (distinct == 1 or (len(sentences) > 3 and distinct * 2 <= len(sentences))):
        return f"{len(sentences)} sentences, {distinct} of them distinct"
    letters = _letters(text)
    if len(letters) >= 8 and not (letters.isdecimal() and len(set(letters)) > 1):
        char, count = Counter(letters).most_common(1)[0]
        if count * 2 > len(letters):
            return f'"{char}" makes up {count} of {len(letters)} letters'
    words = _WORD.findall(text.casefold())
    size, least = (4, DISTINCT) if len(words) >= MANY else (2, PAIRS)
    if len(words) < FEW:
        return None
    runs = [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]
    share = len(set(runs)) / len(runs)
    return f"only {share:.0%} of its {size}-word sequences are distinct" if share < least else None


def _soup(text: str) -> str | None:
    """Letters of many writing systems, keys struck at random, or a value that stands for nothing."""
    if len(text) > 400:
        return None
    if _NOTHING.fullmatch(text):
        return "a value that stands for nothing"
    if _LIST_ONLY.fullmatch(text):
        return "a list without entries"
    found = {unicodedata.name(char, "").split(" ")[0] for char in text if char.isalpha()} & _SCRIPT_NAMES
    if len(found - {"KATAKANA"}) >= SCRIPTS:
        return f"letters of {len(found)} writing systems"
    words = re.findall(r"[^\W\d_]+", text)
    struck = [word for word in words if len(word) >= 4 and _STRUCK.search(word)]
    return "keys struck at random" if struck and len(struck) * 2 > len(words) else None


def _template(text: str, prompt: str | None) -> str | None:
    """A chat template without a reply: role names over and over, choices without text, an empty block."""
    window = text[:SAMPLE]
    if not any(map(_says, re.sub(r"```\w*", "", window))):
        return "an empty block of code"
    if len(window) < 200 and _EMPTY_CHOICES.search(window):
        return "choices without text"
    roles = len(_TEMPLATE.findall(window))
    said = set(map(_letters, _TEMPLATE.sub("\n", window).splitlines())) - {"", _letters((prompt or "")[:SAMPLE])}
    if roles and len(said) * 2 < roles:
        return f"{roles} role names and next to nothing said"
    return None


def _echo(text: str, prompt: str | None) -> str | None:
    """The prompt and next to nothing else, once or several times."""
    if prompt is None or len(text) > 20 * len(prompt) + 200:
        return None
    asked, said = _letters(prompt), _letters(text)
    if len(asked) < 2 or len(said) < len(asked):
        return None
    times, rest = divmod(len(said), len(asked))
    if rest == 0 and said == asked * times:
        return "the prompt repeated"
    near = said.startswith(asked) or said.endswith(asked)
    if len(asked) >= 6 and near and len(said) < 1.25 * len(asked):
        return "the prompt and next to nothing else"
    return None


def _letters(text: str) -> str:
    """Letters and digits only, in one case."""
    return "".join(filter(str.isalnum, text.casefold()))
