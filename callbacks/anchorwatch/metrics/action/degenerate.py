"""Outputs that do nothing: empty, broken, stuck in a loop, or the prompt over again."""

from __future__ import annotations

import re
import unicodedata

SAMPLE = 4000
"""Characters looked at from each end of an output."""
BROKEN_SHARE = 0.1
"""From this share of broken characters an output is unreadable."""
LOOP_SHARE = 0.5
"""From this share of an output in one loop, the loop is the output."""
DISTINCT = 0.2
"""Below this share of distinct four-word sequences an output repeats itself with small changes."""
MANY = 60
"""Words (or Chinese characters) below which that share says nothing."""

_SPECIAL = re.compile(
    r"<\|[^|<>\n]{1,40}\|>|</?(?:s|unk|pad|bos|eos|mask|sep|cls)>|\[/?(?:UNK|PAD|BOS|EOS|INST|CLS|SEP|MASK)\]"
)
_MOJIBAKE = re.compile(r"锟斤拷|烫烫烫|屯屯屯|Ã[\u0080-\u00bf]|â€[\u0080-\u2122]|ï¿½")
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
    bare = _SPECIAL.sub(" ", sample).strip()
    if not any(c.isalnum() or unicodedata.category(c) in ("So", "Sk", "Sm") for c in bare):
        return "no word, number or symbol in it"
    return _loop(bare) or _echo(text, prompt)


def _is_broken(char: str) -> bool:
    """Replacement characters, lone surrogates, control, private and unassigned code points."""
    return char == "\ufffd" or (char not in "\n\r\t" and unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn"))


def _loop(text: str) -> str | None:
    """One unit over and over, at the end of the text or all through it."""
    tail = " ".join(text.split())[-SAMPLE:]
    unit, repeated = _period(tail)
    times = repeated // unit
    phrase = tail[-unit:].strip()
    counted = phrase.isdecimal() and repeated <= 20
    long_enough = repeated >= max(LOOP_SHARE * len(tail), 6)
    if times >= (5 if unit <= 8 else 3) and long_enough and not counted:
        shown = phrase if len(phrase) <= 40 else phrase[:39] + "…"
        return f'"{shown}" repeated {times} times'
    words = _WORD.findall(text.casefold())
    if len(words) >= MANY:
        grams = {tuple(words[i : i + 4]) for i in range(len(words) - 3)}
        share = len(grams) / (len(words) - 3)
        if share < DISTINCT:
            return f"only {share:.0%} of its four-word sequences are distinct"
    return None


def _period(text: str) -> tuple[int, int]:
    """The loop at the end of `text` that covers most: (length of the unit, characters covered).

    The failure function of Knuth, Morris and Pratt (1977) over the reversed text, in linear time: a
    prefix of length n with border b repeats a unit of n - b.
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


def _echo(text: str, prompt: str | None) -> str | None:
    """The prompt and nothing else, once or several times."""
    if prompt is None or len(text) > 20 * len(prompt) + 200:
        return None
    asked, said = _letters(prompt), _letters(text)
    if len(asked) < 2 or len(said) < len(asked):
        return None
    times, rest = divmod(len(said), len(asked))
    if rest == 0 and said == asked * times:
        return "the prompt repeated"
    return None


def _letters(text: str) -> str:
    """Letters and digits only, in one case."""
    return "".join(filter(str.isalnum, text.casefold()))
