"""What trackers show of a reading: numbers by name, and rows of outputs beside the baseline's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from anchorwatch.anchors import KINDS, AnchorSet
from anchorwatch.records import ContractResult, Flag, Reading, Value
from anchorwatch.report import flag_words, words
from anchorwatch.text import scrub

PREFIX = "anchors/"
"""What the names of all numbers begin with."""

CELL_LIMIT = 20_000
"""Characters of a text shown in one cell; the store has the whole text."""


class Row(NamedTuple):
    """One anchor at one check. The order of the fields is the order of the columns: MLflow's comparison groups by the
    first one and compares `output`. A column has one type in all rows, or None.
    """

    anchor_id: str
    prompt: str
    """The last user turn, without retrieved passages."""
    base_output: str | None
    """None at the baseline, as for every column that compares with it."""
    output: str
    kind: str
    tags: str
    """Joined by ", ", as all lists of names; empty if there are none."""
    step: int
    changed: bool | None
    """Whether the text is another than the baseline's."""
    action_before: str | None
    action: str | None
    contracts_broken: str
    """Names of the contracts that do not hold at this check."""
    broken_since_baseline: str | None
    """Those of them that held at the baseline."""
    mended_since_baseline: str | None
    logprob_lost: float | None
    tokens: int
    finish: str


class FlagRow(NamedTuple):
    """One flag that stands at a check; the order of the fields is the order of the columns."""

    rule: str
    level: str
    step: int
    since_step: int
    message: str
    anchors: str
    metric: str
    group: str
    loss: str | None
    """From here on as `flag_words.Figures` has it."""
    loss_before: float | None
    loss_after: float | None
    before: float | None
    after: float | None
    change_low: float | None
    change_high: float | None
    p: float | None


FlagLevels = Mapping[object, str]
"""Which flags stand, by their keys, with their levels."""


def scalars(reading: Reading) -> dict[str, float]:
    """The numbers of a check, as `anchors/GROUP/METRIC`, made of letters, digits, `_` and `/`.

    Every metric for all anchors and for each kind; of the tags only the contract pass rate, which keeps the number of
    charts bounded. A missing value is absent. Besides: `anchors/all/contracts_broken`, the trends that are flagged and
    those of them that are alarms as `anchors/all/flags` and `anchors/all/alarms`, `anchors/cost/seconds`,
    `anchors/cost/forward_calls` and, where outputs were verified, `anchors/cost/departed`. No name is the path of
    another one.
    """
    shown = {
        scalar_name(aggregate.group, aggregate.metric): float(aggregate.value)
        for aggregate in reading.aggregates
        if aggregate.value is not None and (aggregate.group in ("all", *KINDS) or aggregate.metric == "contract_pass")
    }
    cost = reading.check.cost
    levels = [flag.level for flag in _trends(reading)]
    return {
        **shown,
        "anchors/all/contracts_broken": float(sum(not contract.held for contract in reading.contracts)),
        "anchors/all/flags": float(len(levels)),
        "anchors/all/alarms": float(levels.count("alarm")),
        "anchors/cost/seconds": cost.seconds,
        "anchors/cost/forward_calls": float(cost.forward_calls),
        **({} if cost.departed is None else {"anchors/cost/departed": float(cost.departed)}),
    }


def scalar_name(group: str, metric: str) -> str:
    """The name of an aggregate among `scalars`."""
    return f"{PREFIX}{_word(group)}/{_word(metric)}"


def loss_name(name: str) -> str:
    """The name under which the trainer's integrations with W&B and trackio log a loss: "eval_loss" as "eval/loss"."""
    return name.replace("_", "/", 1) if name.startswith(("eval_", "test_")) else f"train/{name}"


def has_tables(reading: Reading) -> bool:
    """Whether the check is shown in tables too. A drift check, which comes often, is shown in numbers alone."""
    return reading.check.trigger != "drift"


def rows(anchor_set: AnchorSet, reading: Reading, baseline: Reading | None) -> list[Row]:
    """A row for each output, in the order of the check; `baseline` None leaves what compares with it None.

    A text of more than `CELL_LIMIT` characters is cut there, with a note of how many were left out.
    """
    base = {} if baseline is None else {output.anchor_id: output.text for output in baseline.check.outputs}
    actions, actions_before = _scores(reading, "action"), _scores(baseline, "action")
    lost = _scores(reading, "logprob_lost")
    held_before = {contract.key: contract.held for contract in baseline.contracts} if baseline is not None else {}
    broken = [contract for contract in reading.contracts if not contract.held]
    newly_broken = _names(contract for contract in broken if held_before.get(contract.key) is True)
    mended = _names(each for each in reading.contracts if each.held and held_before.get(each.key) is False)
    all_broken = _names(broken)
    shown = []
    for output in reading.check.outputs:
        id_ = output.anchor_id
        anchor = anchor_set[id_]
        old = base.get(id_)
        shown.append(
            Row(
                anchor_id=id_,
                prompt=cell(anchor.question),
                base_output=None if old is None else cell(old),
                output=cell(output.text),
                kind=anchor.kind,
                tags=", ".join(anchor.tags),
                step=reading.step,
                changed=None if old is None else output.text != old,
                action_before=_label(actions_before.get(id_)),
                action=_label(actions.get(id_)),
                contracts_broken=all_broken.get(id_, ""),
                broken_since_baseline=None if old is None else newly_broken.get(id_, ""),
                mended_since_baseline=None if old is None else mended.get(id_, ""),
                logprob_lost=_number(lost.get(id_)),
                tokens=len(output.tokens),
                finish=output.finish,
            )
        )
    return shown


def flag_rows(reading: Reading) -> list[FlagRow]:
    """A row for each flag of the reading, in its order; empty if there are none."""
    return [
        FlagRow(
            rule=flag.rule,
            level=flag.level,
            step=flag.step,
            since_step=flag.since_step,
            message=cell(flag.message),
            anchors=", ".join(flag.anchor_ids),
            metric=flag.metric,
            group=flag.group,
            **flag_words.figures(flag)._asdict(),
        )
        for flag in reading.flags
    ]


def flag_levels(reading: Reading) -> FlagLevels:
    """Those of a check."""
    return {flag.key: flag.level for flag in reading.flags}


def flags_are_due(reading: Reading, shown: FlagLevels | None) -> bool:
    """Whether the table of flags is to be written, where the last one showed these; None: it is not known which.

    It is with every full check that has flags, and wherever others stand, or at another level: an empty table takes
    flags away that no longer do.
    """
    return flag_levels(reading) != shown or bool(reading.flags and has_tables(reading))


def alarms(reading: Reading) -> str:
    """The trends that are alarms, such as "overconfident declines, regressed contract_pass"; "none" if none is."""
    found = [flag for flag in _trends(reading) if flag.level == "alarm"]
    return ", ".join(f"{flag.rule} {flag.metric}".strip() for flag in found) or "none"


class Alert(NamedTuple):
    """What to ring the bell with."""

    title: str
    """Shorter than 64 characters, which is what W&B takes, and another one at every step, since W&B drops repeats."""
    text: str
    """What is `told` of each flag on a line of its own, safe to print."""
    alarm: bool
    """Whether one of the flags is an alarm."""
    step: int


def alert(reading: Reading, new: Sequence[Flag], baseline: Reading | None) -> Alert | None:
    """One alert for the `new` flags of a check; None if there are none."""
    if not new:
        return None
    rates = words.rates(each for each in (baseline, reading) if each is not None)
    plural = "s" if len(new) > 1 else ""
    return Alert(
        title=f"anchorwatch: {len(new)} new flag{plural} at step {reading.step}",
        text="\n".join(flag_words.told(flag, rates, limit=500).replace("\n", " ") for flag in new),
        alarm=any(flag.level == "alarm" for flag in new),
        step=reading.step,
    )


def cell(text: str) -> str:
    """`text` as it may stand in a table: encodable as UTF-8, and cut with a note past `CELL_LIMIT` characters."""
    text = scrub(text)
    return text if len(text) <= CELL_LIMIT else f"{text[:CELL_LIMIT]}… (+{len(text) - CELL_LIMIT} characters)"


def _trends(reading: Reading) -> list[Flag]:
    return [flag for flag in reading.flags if flag.rule != "contract_broken"]


def _scores(reading: Reading | None, metric: str) -> dict[str, Value]:
    return {} if reading is None else {s.anchor_id: s.value for s in reading.scores if s.metric == metric}


def _names(contracts: Iterable[ContractResult]) -> dict[str, str]:
    names: dict[str, list[str]] = {}
    for contract in contracts:
        names.setdefault(contract.anchor_id, []).append(contract.name)
    return {anchor_id: ", ".join(each) for anchor_id, each in names.items()}


def _label(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _word(name: str) -> str:
    # The labels of a metric become part of its name, and a classifier's labels can be any text.
    return re.sub(r"[^A-Za-z0-9_]", "_", name)
