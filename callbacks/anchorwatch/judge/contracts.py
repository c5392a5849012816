"""Contracts over time: facts about single anchors, no statistics.

Each function takes the history of a run, a mapping from the step of each check to its contract results. The smallest
step is the baseline, the greatest is now. A contract without a result at a step could not be checked there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from anchorwatch.records import ContractResult, Flag

History = Mapping[int, Iterable[ContractResult]]

_Key = tuple[str, str]


def broken_since_baseline(history: History) -> tuple[Flag, ...]:
    """An alarm per anchor with contracts that held at baseline and are broken now; empty for fewer than two checks.

    `since_step` is the first step of the current stretch of being broken, the earliest over the anchor's broken
    contracts; a step at which a contract could not be checked does not end the stretch. Evidence, under "contracts":
    name, reason before and now, since_step, one mapping per broken contract. Anchors keep the order of the last
    check.

    Does not fire for a contract that was broken at the baseline already, that could not be checked there or now, or
    that broke and holds again.

    Example: "refund" refused at the baseline, answered at step 40 and at every check since: one alarm at step 60, since
    step 40, however many of its contracts that breaks.
    """
    steps, baseline, now = _ends(history)
    broken: dict[str, list[ContractResult]] = {}
    for key, result in now.items():
        if not result.held and key in baseline and baseline[key].held:
            broken.setdefault(result.anchor_id, []).append(result)
    if not broken:
        return ()
    since = _since({result.key for results in broken.values() for result in results}, steps, history)
    return tuple(_flag(anchor_id, results, baseline, since, steps[-1]) for anchor_id, results in broken.items())


def mended(history: History) -> tuple[ContractResult, ...]:
    """The contracts that were broken at baseline and hold now, as they are now."""
    _, baseline, now = _ends(history)
    return tuple(result for key, result in now.items() if result.held and key in baseline and not baseline[key].held)


def _ends(history: History) -> tuple[list[int], dict[_Key, ContractResult], dict[_Key, ContractResult]]:
    steps = sorted(history)
    if not steps:
        return steps, {}, {}
    return steps, {each.key: each for each in history[steps[0]]}, {each.key: each for each in history[steps[-1]]}


def _since(keys: set[_Key], steps: list[int], history: History) -> dict[_Key, int]:
    """The first step of the current stretch of being broken, for each of `keys`, all broken at the last step."""
    since = dict.fromkeys(keys, steps[-1])
    stretching = set(keys)
    for step in reversed(steps):
        if not stretching:
            break
        for result in history[step]:
            key = result.anchor_id, result.name  # the longest loop here: result.key would double its time
            if key in stretching:
                if result.held:
                    stretching.remove(key)
                else:
                    since[key] = step
    return since


def _flag(
    anchor_id: str,
    broken: list[ContractResult],
    baseline: Mapping[_Key, ContractResult],
    since: Mapping[_Key, int],
    step: int,
) -> Flag:
    first = min(since[result.key] for result in broken)
    found = "; ".join(f"{result.name} ({result.reason})" for result in broken)
    return Flag(
        rule="contract_broken",
        level="alarm",
        step=step,
        since_step=first,
        message=f"{anchor_id}: compare its output with the baseline's; since step {first} it breaks {found}",
        anchor_ids=(anchor_id,),
        evidence={
            "contracts": [
                {
                    "name": result.name,
                    "before": baseline[result.key].reason,
                    "now": result.reason,
                    "since_step": since[result.key],
                }
                for result in broken
            ]
        },
    )
