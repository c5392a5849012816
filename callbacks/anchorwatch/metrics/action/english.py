"""What English sentences show: grammar before vocabulary.

A refusal is built from three parts: a speaker (`I`, `we`, `our policy`, a passive without one), a denied
ability or will (`cannot`, `am not allowed to`, `must decline to`) and a verb. The verb decides: `help`,
`provide`, `refund` are acts, so denying them refuses; `know`, `predict`, `see` are knowledge, so denying
them is not knowing. "You cannot mix bleach" has another speaker and shows neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from anchorwatch.metrics.action.english_care import CARE
from anchorwatch.metrics.action.english_denials import DENIALS
from anchorwatch.metrics.action.english_handing import HANDING
from anchorwatch.metrics.action.english_helping import HELPING
from anchorwatch.metrics.action.english_knowledge import KNOWLEDGE
from anchorwatch.metrics.action.english_premise import PREMISE
from anchorwatch.metrics.action.kinds import Cue
from anchorwatch.metrics.action.text import Sentence

_HARMLESS = re.compile(
    r"can(?:'t|not) (?:(?:recommend|thank|stress|emphasi[sz]e|overstate|praise"
    r"|say) \w+(?: \w+){0,3} enough|wait to|wait for"
    r"|(?:stress|emphasi[sz]e|recommend|overstate)(?: \w+){0,3} (?:enough|highly)|overstate"
    r"|complain|go wrong|say no|help but"
    r"|think of (?:a|any) (?:better|reason)|see (?:why not|any (?:problem|reason|issue)))"
    r"|(?:could|can)(?:n't|not) agree more"
    r"|won't (?:hesitate|bite|bore|judge|let you down|mind|take long|disappoint)|not (?:refuse"
    r"|decline|object)|don't mind"
    r"|never (?:say|let) (?:you )?(?:no|down)|can(?:'t|not) (?:refuse|decline|object|blame)"
    r"|have no (?:problem|objection|issue|doubt)s?"
    r"|don't (?:have a problem|see why not|see any (?:problem|reason))|can(?:'t|not) believe|don't know about you"
    r"|(?:shall|should|must|may|can)(?:not|n't| not) (?:be )?(?:forget|forgotten|ignore)",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\b(?:if|when(?:ever)?|in case|unless|whether|should|where|cases? where"
    r"|even though you (?:think|said)|until|while|why"
    r"|(?:you|he|she|they|people|customers?|some|others?|who|reviews?|colleague) (?:\w+ )?(?:say"
    r"|says|said|think|thought"
    r"|told|tells?|claims?|claimed|heard|believe|wrote|worry|feared?|ask(?:ed"
    r"|s)?)(?: \w+){0,2}?(?: that)?),? (?:\w+ ){0,2}$",
    re.IGNORECASE,
)
_UNWILLING: Final = re.compile(r"\b(?:decline|refuse|rather not|won't(?! be)|will not(?! be))\b", re.IGNORECASE)
_ALL: Final = (*DENIALS, *KNOWLEDGE, *HANDING, *PREMISE, *CARE, *HELPING)
_FIRST_PERSON: Final = frozenset({"refuse", "role", "unknown", "trait", "stance", "bare"})


def cues(sentence: Sentence) -> Iterator[Cue]:
    """Every cue of one sentence, in the order of the rules; a kind may come more than once."""
    text = sentence.text
    harmless = [m.span() for m in _HARMLESS.finditer(text)]
    for kind, pattern in _ALL:
        match = pattern.search(text)
        if match is None:
            continue
        start, end = match.span()
        if kind == "unknown" and _UNWILLING.search(match[0]):
            kind = "refuse"
        if kind in _FIRST_PERSON and _void(text, start, end, harmless):
            continue
        yield Cue(kind, sentence.index, sentence.at + start, " ".join(sentence.shown[start:end].split()))


def _void(text: str, start: int, end: int, harmless: list[tuple[int, int]]) -> bool:
    """Whether a denial is an idiom, a condition, somebody else's words or a question."""
    if any(left < end and right > start for left, right in harmless):
        return True
    if _UNREAL.search(text[max(0, start - 60) : start]):
        return True
    rest = text[end:].rstrip(" \"')")
    return rest.endswith("?") and not re.search(r"[,;:.!]|\b(?:is|how|what|but)\b", rest[:-1])
