"""Which language an output is in, and whether that is the one expected."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.counts import CJK, words
from anchorwatch.metrics.metric import Measured
from anchorwatch.records import Output

_CODES = (
    "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv sw ta te "
    "th tr uk ur vi zh"
)
LANGUAGES = frozenset(_CODES.split())
"""ISO 639-1 codes that can be told apart. Small and common, so that a short text is not taken for a rare language."""

WINDOW = 4000
"""Characters read: the language of a longer output shows in its beginning."""
MIN_PROBABILITY = 0.6
"""Below it the text is too short or too mixed to tell."""

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_HAN_OR_KANA = re.compile(f"[{CJK}]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")


def language(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """ISO 639-1 code of the output's language, one of `LANGUAGES`; no score where it cannot be told. See `detect`."""
    return detect(output.text)


def language_match(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Whether the output is in the language the anchor expects, else in that of its last user turn.

    An anchor that asks for a translation should therefore state its `expect.language`. No score where one of the two
    cannot be told.
    """
    found = detect(output.text)
    expected = Measured(anchor.expect.language, "") if anchor.expect.language else detect(anchor.question)
    if found.value is None:
        return Measured(None, f"output: {found.reason}")
    if expected.value is None:
        return Measured(None, f"prompt: {expected.reason}")
    return Measured(found.value == expected.value, f"found {found.value}, expected {expected.value}")


def detect(text: str) -> Measured:
    """The language of `text`, code blocks left out, or None for text without words, too short or too mixed to tell.

    Han and kana decide by script (kana: ja, else zh) where they make up half of the words; all else is decided by
    py3langid (Lui & Baldwin 2012, langid.py) over `LANGUAGES`, at a probability of at least `MIN_PROBABILITY`.
    Deterministic.
    """
    return _detect(text[:WINDOW])


@lru_cache(maxsize=512)
def _detect(text: str) -> Measured:
    prose = _FENCE.sub(" ", text)
    units = [unit for unit in words(prose) if any(character.isalpha() for character in unit)]
    if not units:
        return Measured(None, "no words")
    by_script = len(_HAN_OR_KANA.findall(prose))
    if 2 * by_script >= len(units):
        kana = len(_KANA.findall(prose))
        # Chinese borrows a の now and then; Japanese without a tenth of kana is rare.
        code = "ja" if 10 * kana >= by_script else "zh"
        return Measured(code, f"{by_script} of {len(units)} words are Han or kana characters")
    code, probability = _identifier().classify(prose)
    if probability < MIN_PROBABILITY:
        return Measured(None, f"cannot tell from {len(units)} words (perhaps {code}, probability {probability:.2f})")
    return Measured(code, f"probability {probability:.2f}")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    # Loading takes most of a second, and not every run needs it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
