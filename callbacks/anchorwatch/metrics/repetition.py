"""Whether an output repeats itself."""

from __future__ import annotations

import string
import zlib
from collections import Counter

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.counts import words
from anchorwatch.metrics.metric import Measured
from anchorwatch.records import Output

WINDOW = 100_000
"""Characters in which 4-grams are counted: each costs some 200 bytes of memory."""
MIN_BYTES = 100
"""A shorter text does not compress, whatever it says: zlib's own header and tables weigh too much."""


def rep_4(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Share of word 4-grams that were there before: 1 − distinct ÷ all. 0 (none) to almost 1 (one phrase for ever).

    Words are compared without case and outer punctuation; a Han or kana character counts as a word. No score below
    four words. Source: seq-rep-n of Welleck et al. 2020, "Neural Text Generation with Unlikelihood Training".
    """
    units = [word.casefold().strip(string.punctuation) for word in words(output.text[:WINDOW])]
    grams = Counter(zip(units, units[1:], units[2:], units[3:], strict=False))
    total = grams.total()
    if total == 0:
        return Measured(None, f"{len(units)} words; a 4-gram needs four")
    gram, times = grams.most_common(1)[0]
    return Measured(1 - len(grams) / total, f"{' '.join(gram)!r:.80} stands {times} times" if times > 1 else "")


def compression(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Bytes of UTF-8 ÷ bytes after zlib. About 1 to 2 for plain prose, above 2.4 for loops; up to about 1000.

    No score below `MIN_BYTES` bytes. Scripts differ, so compare within a language. Source: Radford et al. 2022
    (Whisper), who take a ratio above 2.4 for a failed decoding.
    """
    raw = output.text.encode("utf-8")
    if len(raw) < MIN_BYTES:
        return Measured(None, f"{len(raw)} bytes; too short to say below {MIN_BYTES}")
    return Measured(len(raw) / len(zlib.compress(raw)))
