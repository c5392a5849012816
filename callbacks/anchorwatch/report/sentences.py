"""Sentences about compared runs, by name with what is filled in, so that each language writes them in its own words.

English is written here; the page has the same names in its other languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from anchorwatch.report import words


@dataclass(frozen=True)
class Term:
    """A cause or a metric, by its name."""

    table: Literal["causes", "metrics"]
    name: str


@dataclass(frozen=True)
class Listed:
    """Several things, and how many more there are."""

    items: tuple[Value, ...]
    more: int = 0


@dataclass(frozen=True)
class Said:
    """A sentence, or a part of one: its name in `ENGLISH`, and what is filled in."""

    name: str
    values: tuple[Value, ...] = ()


Value: TypeAlias = "str | Term | Listed | Said"
"""What is filled in; a text is the same in every language: a run's label, a figure, a setting."""

ENGLISH = {
    "differs": "{0} differs",
    "differ": "{0} differ",
    "cause": "{0} ({1})",
    "same": (
        "{0} from {1} in nothing that was recorded: what their answers differ in is noise, or comes from outside of "
        "what was recorded."
    ),
    "seed": "{0} from {1} in the seed alone: what their answers differ in is seed noise.",
    "one": "{0} from {1} in the {2} alone.",
    "one_and_seed": "{0} from {1} in the {2} and in the seed.",
    "several": "{0} from {1} in {2} things at once: {3}.",
    "headline": "{0} over {1}: {2} → {3}, {4} points (95% interval {5} to {6}).",
    "anchor": "{0} anchor",
    "anchors": "{0} anchors",
    "of_repeats": "{0} ({1} against {2})",
    "open": (
        "Whether that is the {0} or chance is open: no two of the runs differ in the seed alone. A run as {1} with "
        "another seed would say how much the seed moves."
    ),
    "noise": "The seed alone can make a difference of {0} points (95%, {1}): {2}.",
    "no_noise": "The seed alone did not move it ({0}): {1}.",
    "repeat": "from {0} repeat",
    "repeats": "from {0} repeats",
    "beyond": "what is seen is beyond that, and can be put down to the {0}",
    "not_held": "what is seen is beyond that, but its own interval over {0} holds 0",
    "within": "what is seen is not beyond that, and cannot be put down to the {0}",
    "others": "Of {0} other behaviours {1} are beyond the seed: {2}; luck alone makes up to 1 in 20.",
    "no_others": "Of {0} other behaviours 0 are beyond the seed; luck alone makes up to 1 in 20.",
    "confounded": "They are confounded: the difference cannot be put down to one of them.",
    "isolated": "{0} and {1} differ in the {2} alone: compare these two.",
    "one_missing": "A run with {0} would tell them apart.",
    "missing": "{0} runs would tell them apart, the first one with {1}.",
    "taken": "{0}'s {1}",
    "code_too": "The code differs, too: this holds if no more was edited in it than what is named here.",
    "baselines": (
        "Already at the baseline, {0} of {1} answers differed, and nothing recorded says why: more differs than what "
        "is named here."
    ),
    "unrecorded": "Not recorded in all of these runs, so perhaps different, too: {0}.",
}


def english(value: Value) -> str:
    """The value in English; a sentence begins with a capital."""
    if isinstance(value, str):
        return value
    if isinstance(value, Term):
        return words.behaviour(value.name) if value.table == "metrics" else value.name
    if isinstance(value, Listed):
        items = [*map(english, value.items), *([f"{value.more} more"] if value.more else [])]
        return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))
    written = ENGLISH[value.name].format(*map(english, value.values))
    return written[0].upper() + written[1:] if written.endswith(".") else written


def as_json(value: Value) -> Any:
    """The value for another language to write: a text, or {"list", "more"}, {"term", "name"}, {"say", "values"}."""
    if isinstance(value, str):
        return value
    if isinstance(value, Term):
        return {"term": value.table, "name": value.name}
    if isinstance(value, Listed):
        return {"list": [as_json(each) for each in value.items], "more": value.more}
    return {"say": value.name, "values": [as_json(each) for each in value.values]}
