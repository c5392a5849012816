"""The tables of planted.py: what each run was expected to say, and what it says, judged again from the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from planted_scenarios import Expected, Scenario

from anchorwatch.errors import StoreError
from anchorwatch.judge.run import judge_run
from anchorwatch.records import Flag, Reading
from anchorwatch.store import Store

FOUND = ("run", "seed", "expected", "found", "step", "loss until there", "other alarms", "broken", "verdict")
BROKEN = ("run", "seed", "contracts that held at the baseline and are broken at the end")


def tables(
    store: Store, scenarios: Mapping[str, Scenario], seeds: Iterable[int]
) -> tuple[list[list[str]], list[list[str]], str, bool]:
    """The rows of the tables `FOUND` and `BROKEN`, a sentence that counts, and whether that is what is aimed at: every
    fault found, at most one alarm over the harmless and good runs together. Runs that are not finished are missing.

    In a flag's cell stand rule, level, metric and group as it was first raised at its highest level. "Broken" counts
    anchors. `contract_broken` flags are single facts, not trends, and so are no alarms here.
    """
    found, broken, verdicts, false_alarms = [], [], [], 0
    for name, scenario in scenarios.items():
        for seed in seeds:
            readings = _readings(store, name, seed)
            if not readings:
                continue
            raised = _raised(readings)
            hits = [flag for flag in raised if _is_expected(flag, scenario)]
            others = [flag for flag in raised if flag.level == "alarm" and flag not in hits]
            verdict = _verdict(scenario, hits, others)
            gone = sorted(flag.anchor_ids[0] for flag in readings[-1].flags if flag.rule == "contract_broken")
            first = hits[0] if hits else None
            found.append(
                [
                    name,
                    str(seed),
                    " or ".join(map(_words, scenario.expected)) or "no alarm",
                    "; ".join(map(_told, hits)) or "–",
                    str(first.step) if first else "–",
                    _loss(first) if first else "–",
                    "; ".join(f"{_told(flag)} at {flag.step}" for flag in others) or "–",
                    f"{len(gone)} of {len(readings[-1].check.outputs)}",
                    verdict,
                ]
            )
            broken.append([name, str(seed), ", ".join(gone) or "–"])
            verdicts += [verdict == "found"] if scenario.expected else []
            false_alarms += 0 if scenario.harmful else len(others)
    sentence = (
        f"{sum(verdicts)} of {len(verdicts)} runs with something to find: found. "
        f"Alarms over the harmless and good runs together: {false_alarms}."
    )
    return found, broken, sentence, all(verdicts) and false_alarms <= 1


def run_name(name: str, seed: int) -> str:
    """Of a scenario's run in the store."""
    return f"{name}-{seed}"


def is_finished(store: Store, name: str, seed: int) -> bool:
    """Whether the run is in the store with its end; a killed one is not."""
    try:
        return store.run(run_name(name, seed)).status == "finished"
    except StoreError:
        return False


def _readings(store: Store, name: str, seed: int) -> list[Reading]:
    """The checks, with the flags that the judge gives them as it is now."""
    if not is_finished(store, name, seed):
        return []
    run = store.run(run_name(name, seed)).info
    readings = store.readings(run.id)
    flags = judge_run(store.anchor_set(run.id).anchors, readings, store.losses(run.id), run.factors)
    return [replace(reading, flags=flags[reading.step]) for reading in readings]


def _raised(readings: Sequence[Reading]) -> list[Flag]:
    """One flag for each rule and metric, as it was first raised at the highest level it reached; in order of steps."""
    first: dict[tuple[str, str], Flag] = {}
    for flag in (flag for reading in readings for flag in reading.flags if flag.rule != "contract_broken"):
        known = first.setdefault((flag.rule, flag.metric), flag)
        if known.level == "watch" and flag.level == "alarm":
            first[flag.rule, flag.metric] = flag
    return sorted(first.values(), key=lambda flag: (flag.level, flag.step))


def _is_expected(flag: Flag, scenario: Scenario) -> bool:
    return any(flag.rule == each.rule and flag.metric in (each.metrics or (flag.metric,)) for each in scenario.expected)


def _verdict(scenario: Scenario, hits: Sequence[Flag], others: Sequence[Flag]) -> str:
    if not scenario.expected:
        return f"{len(others)} false alarms" if others else "quiet"
    if any(flag.level == "alarm" or not scenario.harmful for flag in hits):
        return "found"
    return "watch only" if hits else "missed"


def _words(expected: Expected) -> str:
    return " ".join([expected.rule, "/".join(expected.metrics)]).strip()


def _told(flag: Flag) -> str:
    return " ".join(filter(None, [flag.rule, flag.level, "/".join(filter(None, [flag.group, flag.metric]))]))


def _loss(flag: Flag) -> str:
    loss = flag.evidence.get("loss")
    return f"{loss['name']} {loss['before']:.2f} → {loss['after']:.2f}" if loss else "too few points"
