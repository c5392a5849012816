"""What can be attributed, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from anchorwatch.compare import Attribution, Change, Comparison
from anchorwatch.report import difference
from anchorwatch.report.sentences import Listed, Said, Term, english

HEADLINES = ("contract_pass", "changed")
"""The rate that the sentences speak of: the first of these that is comparable."""


def attribution(given: Attribution, comparison: Comparison) -> list[str]:
    """What the difference of the runs from the reference can be put down to, and on what conditions, in English."""
    return [english(each) for each in sentences(given, comparison)]


def sentences(given: Attribution, comparison: Comparison) -> list[Said]:
    """The same by name, for any language."""
    return [*_TOLD[given.verdict](given, comparison.reference), *_conditions(given, len(comparison.common.anchors))]


def headline(changes: Sequence[Change]) -> Change | None:
    """The change that is told first, over the first group that is given; None where none of `HEADLINES` can be."""
    return next(
        (change for name in HEADLINES for change in changes if change.metric == name and change.comparable), None
    )


def _same(given: Attribution, reference: str) -> Iterator[Said]:
    yield Said("same", (_differs(given.runs), reference))
    yield from _headline(given)


def _seed(given: Attribution, reference: str) -> Iterator[Said]:
    yield Said("seed", (_differs(given.runs), reference))
    yield from _headline(given)


def _one(given: Attribution, reference: str) -> Iterator[Said]:
    (only,) = given.causes
    yield Said("one_and_seed" if given.seed_too else "one", (_differs(given.runs), reference, difference.cause(only)))
    yield from _headline(given)
    if not given.freedom:
        yield Said("open", (Term("causes", only.name), reference))
        return
    shown = headline(given.changes)
    if shown is not None and shown.noise is not None:
        yield _noise(shown, shown.noise, given.freedom, only.name)
    yield from _others(given.changes, shown)


def _confounded(given: Attribution, reference: str) -> Iterator[Said]:
    causes = difference.few([difference.cause(each) for each in given.causes], 6)
    yield Said("several", (_differs(given.runs), reference, str(len(given.causes)), causes))
    yield from _headline(given)
    yield Said("confounded")
    for name, (one, other) in given.isolated.items():
        yield Said("isolated", (one, other, Term("causes", name)))
    if len(given.missing) == 1:
        yield Said("one_missing", (_taking(given.missing[0]),))
    elif given.missing:
        yield Said("missing", (str(len(given.missing)), _taking(given.missing[0])))


_TOLD = {"same": _same, "seed": _seed, "one": _one, "confounded": _confounded}


def _conditions(given: Attribution, anchors: int) -> Iterator[Said]:
    if given.code_too:
        yield Said("code_too")
    if given.unexplained_baselines:
        yield Said("baselines", (str(given.unexplained_baselines), str(anchors)))
    if given.unrecorded:
        yield Said("unrecorded", (Listed(tuple(Term("causes", name) for name in given.unrecorded)),))


def _headline(given: Attribution) -> Iterator[Said]:
    shown = headline(given.changes)
    if shown is not None:
        values = (difference.figure(shown, value) for value in (shown.reference, shown.other))
        interval = (shown.difference.value, shown.difference.low, shown.difference.high)
        over = _anchors(shown.n)
        sides = given.repeats_of_reference, given.runs
        if any(len(runs) > 1 for runs in sides):
            over = Said("of_repeats", (over, *map(Listed, sides)))
        moved = (difference.signed(shown, each) for each in interval)
        yield Said("headline", (Term("metrics", shown.metric), over, *values, *moved))


def _noise(shown: Change, noise: float, freedom: int, cause: str) -> Said:
    repeats = Said("repeat" if freedom == 1 else "repeats", (str(freedom),))
    if shown.beyond_noise:
        against = Said("beyond", (Term("causes", cause),))
    elif abs(shown.difference.value) > noise:
        against = Said("not_held", (_anchors(shown.n),))
    else:
        against = Said("within", (Term("causes", cause),))
    return Said("noise", (f"{100 * noise:.0f}", repeats, against)) if noise else Said("no_noise", (repeats, against))


def _others(changes: Sequence[Change], shown: Change | None) -> Iterator[Said]:
    """Of how many other behaviours the same can be said, beside what luck makes of so many."""
    judged = [change for change in changes if change.comparable and change.noise is not None and change != shown]
    beyond = [Term("metrics", change.metric) for change in judged if change.beyond_noise]
    if beyond:
        yield Said("others", (str(len(judged)), str(len(beyond)), difference.few(beyond)))
    elif judged:
        yield Said("no_others", (str(len(judged)),))


def _anchors(number: int) -> Said:
    return Said("anchor" if number == 1 else "anchors", (str(number),))


def _differs(runs: Sequence[str]) -> Said:
    return Said("differs" if len(runs) == 1 else "differ", (Listed(tuple(runs)),))


def _taking(causes: Mapping[str, str]) -> Listed:
    """Which cause from which run: "B's learning rate and A's training data"."""
    by_run: dict[str, list[Term]] = {}
    for cause, run in causes.items():
        by_run.setdefault(run, []).append(Term("causes", cause))
    return Listed(tuple(Said("taken", (run, Listed(tuple(names)))) for run, names in by_run.items()))
