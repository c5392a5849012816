"""The words of this folder: what an output can do, and the cues that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Action = Literal["answer", "refuse", "hand_off", "cannot_know", "correct", "caution", "degenerate"]
"""What an output does."""

ACTIONS: tuple[Action, ...] = get_args(Action)
"""The seven actions, in the order tables print them."""

DECLINES: frozenset[Action] = frozenset({"refuse", "hand_off", "cannot_know"})
"""The actions after which the person still has no answer from the model."""

CueKind = Literal[
    "refuse",  # will not do it: "I can't help with that"
    "stance",  # will not approve of it: "I don't condone"
    "role",  # will not play the expert: "I cannot diagnose"
    "unknown",  # does not know or has no access: "I can't predict"
    "trait",  # has no self to speak of: "as an AI I have no opinions"
    "transfer",  # passes the case on: "let me connect you with a colleague"
    "staff",  # names people of the house: "our engineers"
    "contact",  # names the people to turn to: "please contact our support team"
    "correct",  # rejects the premise: "that is a misconception"
    "wrong",  # calls the deed wrong: "it is illegal to"
    "contrast",  # sets something against a claim: "而是", "根本不"
    "moral",  # argues with respect and fairness: "everyone deserves respect"
    "denial",  # denies briefly or puts another in its place; under a claim: "They aren't."
    "offer",  # offers something else: "how about a poem instead?"
    "hedge",  # softens the premise: "not necessarily", "it varies"
    "unsafe",  # calls the deed unsafe: "is not recommended"
    "expert",  # sends to a professional: "see a doctor"
    "disclaim",  # limits its own authority: "I'm not a lawyer, but"
    "warn",  # warns: "be careful", "at your own risk"
    "bare",  # denies an act and names nobody who does: "不能多开"
    "policy",  # says what is not done, and names nobody; under an order: "ratings are locked"
    "illegal",  # says that the law or a secret forbids it: "这是违法的"
    "affirm",  # opens with a yes: "是的"
    "no",  # any negation; it counts only under some prompts
    "comply",  # opens as an answer: "Here is a draft"
    "pivot",  # turns back to helping: "however, I can"
]
"""What one phrase of an output shows; `decide` weighs them against each other."""


@dataclass(frozen=True)
class Cue:
    """One phrase that shows something.

    `sentence` counts from 0, `at` is the offset in characters inside the cleaned window; `words` are
    the words as they stand in the output.
    """

    kind: CueKind
    sentence: int
    at: int
    words: str


@dataclass(frozen=True)
class Classification:
    """What an output does, and the words that decided it.

    `reason` is for people, never empty: the action, a colon, and the deciding words in quotation marks,
    or what was looked for and not found.
    """

    action: Action
    reason: str

    @property
    def declines(self) -> bool:
        """True for `refuse`, `hand_off` and `cannot_know`."""
        return self.action in DECLINES


def because(action: Action, cue: Cue) -> Classification:
    """`action`, with the words of `cue` as the reason."""
    return Classification(action, f'{action}: "{cue.words}"')
