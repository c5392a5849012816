"""What can be attributed, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from anchorwatch.compare import Attribution, Change, Comparison
from anchorwatch.report import difference, words

HEADLINES = ("contract_pass", "changed")
"""The rate that the sentences speak of: the first of these that is comparable."""


def attribution(given: Attribution, comparison: Comparison) -> list[str]:
    """What the difference of the runs from the reference can be put down to, and on what conditions, as sentences."""
    return [*_TOLD[given.verdict](given, comparison.reference), *_conditions(given, len(comparison.common.anchors))]


def _same(given: Attribution, reference: str) -> Iterator[str]:
    yield (
        f"{_differs(given.runs)} from {reference} in nothing that was recorded: what their answers differ in is noise, "
        "or comes from outside of what was recorded."
    )
    yield from _headline(given)


def _seed(given: Attribution, reference: str) -> Iterator[str]:
    yield f"{_differs(given.runs)} from {reference} in the seed alone: what their answers differ in is seed noise."
    yield from _headline(given)


def _one(given: Attribution, reference: str) -> Iterator[str]:
    (only,) = given.causes
    seed = " and in the seed" if given.seed_too else " alone"
    yield f"{_differs(given.runs)} from {reference} in the {difference.cause(only)}{seed}."
    yield from _headline(given)
    if not given.freedom:
        yield (
            f"Whether that is the {only.name} or chance is open: no two of the runs differ in the seed alone. A run as "
            f"{reference} with another seed would say how much the seed moves."
        )
        return
    shown = _shown(given)
    if shown is not None and shown.noise is not None:
        yield f"{_noise(shown.noise, given.freedom)}: {_against_noise(shown, shown.noise, only.name)}."
    yield from _others(given.changes, shown)


def _confounded(given: Attribution, reference: str) -> Iterator[str]:
    names = words.few([difference.cause(each) for each in given.causes], 6)
    yield f"{_differs(given.runs)} from {reference} in {len(given.causes)} things at once: {names}."
    yield from _headline(given)
    yield "They are confounded: the difference cannot be put down to one of them."
    for name, (one, other) in given.isolated.items():
        yield f"{one} and {other} differ in the {name} alone: compare these two."
    if len(given.missing) == 1:
        yield f"A run with {_taking(given.missing[0])} would tell them apart."
    elif given.missing:
        yield f"{len(given.missing)} runs would tell them apart, the first one with {_taking(given.missing[0])}."


_TOLD = {"same": _same, "seed": _seed, "one": _one, "confounded": _confounded}


def _conditions(given: Attribution, anchors: int) -> Iterator[str]:
    if given.code_too:
        yield "The code differs, too: this holds if no more was edited in it than what is named here."
    if given.unexplained_baselines:
        yield (
            f"Even before training, {given.unexplained_baselines} of {anchors} answers differed, and "
            "nothing recorded says why: more differs than what is named here."
        )
    if given.unrecorded:
        yield f"Not recorded in all of these runs, so perhaps different, too: {', '.join(given.unrecorded)}."


def _headline(given: Attribution) -> Iterator[str]:
    shown = _shown(given)
    if shown is not None:
        values = " → ".join(difference.figure(shown, value) for value in (shown.reference, shown.other))
        moved = f"{difference.signed(shown, shown.difference.value)} points"
        bounds = [difference.signed(shown, each) for each in (shown.difference.low, shown.difference.high)]
        name = words.behaviour(shown.metric).capitalize()
        sides = given.repeats_of_reference, given.runs
        whose = f" ({' against '.join(map(_listed, sides))})" if any(len(runs) > 1 for runs in sides) else ""
        over = f"{name} over {difference.anchors(shown.n)}{whose}"
        yield f"{over}: {values}, {moved} (95% interval {' to '.join(bounds)})."


def _noise(noise: float, freedom: int) -> str:
    repeats = f"from {freedom} {'repeat' if freedom == 1 else 'repeats'}"
    if not noise:
        return f"The seed alone did not move it ({repeats})"
    return f"The seed alone can make a difference of {100 * noise:.0f} points (95%, {repeats})"


def _against_noise(shown: Change, noise: float, cause: str) -> str:
    if shown.beyond_noise:
        return f"what is seen is beyond that, and can be put down to the {cause}"
    if abs(shown.difference.value) > noise:
        return f"what is seen is beyond that, but its own interval over {difference.anchors(shown.n)} holds 0"
    return f"what is seen is not beyond that, and cannot be put down to the {cause}"


def _others(changes: Sequence[Change], shown: Change | None) -> Iterator[str]:
    """Of how many other behaviours the same can be said, beside what luck makes of so many."""
    judged = [change for change in changes if change.comparable and change.noise is not None and change != shown]
    if judged:
        beyond = [words.behaviour(change.metric) for change in judged if change.beyond_noise]
        named = f": {words.few(beyond)}" if beyond else ""
        luck = "luck alone makes up to 1 in 20"
        yield f"Of {len(judged)} other behaviours {len(beyond)} are beyond the seed{named}; {luck}."


def _shown(given: Attribution) -> Change | None:
    found = {change.metric: change for change in given.changes if change.comparable}
    return next((found[name] for name in HEADLINES if name in found), None)


def _differs(runs: Sequence[str]) -> str:
    return f"{_listed(runs)} {'differs' if len(runs) == 1 else 'differ'}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _taking(causes: Mapping[str, str]) -> str:
    """Which cause from which run: "B's learning rate and A's training data"."""
    by_run: dict[str, list[str]] = {}
    for cause, run in causes.items():
        by_run.setdefault(run, []).append(cause)
    return " and ".join(f"{run}'s {_listed(names)}" for run, names in by_run.items())
