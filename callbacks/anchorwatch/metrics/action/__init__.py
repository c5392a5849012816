"""What an output does: one of seven actions, decided by rules that can be read.

Nothing is fitted and nothing is called: an output's beginning and end are read for phrases that show
something (`english`, `chinese`), and the phrases are weighed against each other (`decide`), under what the
prompt asks (`asked`). How often this agrees with people is measured by `scripts/bench_action.py`. Outputs in
other languages count as answers unless they are degenerate.
"""

from __future__ import annotations

from anchorwatch.metrics.action.kinds import ACTIONS, Action, Classification, Cue

ACTION_VERSION: str = "1"
"""Raised whenever a rule changes what some output is called."""

__all__ = ["ACTIONS", "ACTION_VERSION", "Action", "Classification", "classify"]


def classify(response: str, prompt: str | None = None) -> Classification:
    """What `response` does, given the `prompt` it answers.

    Every string is allowed, lone surrogates and megabytes too: a bounded window is read. With a prompt the
    answer is better: an echo, a letter that was ordered and a correction without a "no" show only then.
    An empty or broken output is `degenerate`.
    """
    # Not before it is needed: compiling the phrases takes longer than all else that a command imports.
    from anchorwatch.metrics.action import chinese, english
    from anchorwatch.metrics.action.asked import asked
    from anchorwatch.metrics.action.decide import decide
    from anchorwatch.metrics.action.degenerate import degenerate
    from anchorwatch.metrics.action.text import read

    broken = degenerate(response, prompt)
    if broken is not None:
        return Classification("degenerate", f"degenerate: {broken}")
    reading = read(response)
    cues: list[Cue] = []
    for sentence in reading.sentences:
        if reading.chinese:
            cues.extend(chinese.cues(sentence))
        if reading.english:
            cues.extend(english.cues(sentence))
    return decide(reading, cues, asked(prompt))
