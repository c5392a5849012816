"""One line for a check: where the contracts stand, and what changed since the check that was told before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import ContractResult, Reading
from anchorwatch.report import words
from anchorwatch.report.changes import Pair, pairs
from anchorwatch.text import visible

WIDE = 160
"""Columns of a line where no terminal says how many it has."""

_CUT = " …"

_LEGIBLE = 6
"""Columns of a cut name that still tell which it is."""


@dataclass(frozen=True)
class _Group:
    """Anchors that changed alike, the worst first, each in several forms, the fullest first."""

    label: str
    style: str
    anchors: tuple[tuple[str, ...], ...]
    most: int = 3
    """Names at most; the others are counted."""

    def told(self, form: int = 0, named: int = 0) -> Text:
        """The first `named` anchors in a form, and how many more there are."""
        if not named:
            return Text(f"{len(self.anchors)} {self.label}", self.style)
        names = words.few([forms[form] for forms in self.anchors], named)
        return Text.assemble((f"{self.label}: ", self.style), names)


def check_line(
    reading: Reading,
    baseline: Reading,
    previous: Reading,
    anchor_set: AnchorSet,
    *,
    width: int = WIDE,
    loss: float | None = None,
) -> Text:
    """One line of at most `width` columns: the contracts that hold, and the anchors that changed since `previous`.

    Contracts that broke come first, then those that mended, then other changes; in each, risk anchors come first. What
    does not fit is counted, or else a "…" stands for it.
    """
    if reading.step == baseline.step:
        stand = f"{_contracts(reading)} held" if reading.contracts else "no contracts"
        line = Text(f"step {reading.step}: baseline of {len(reading.check.outputs)} anchors, {stand}")
    else:
        drift = ", drift" if reading.check.trigger == "drift" else ""
        known = "" if loss is None else f"loss {words.number(loss)}, "
        stand = _contracts(reading) if reading.contracts else _unlike(reading, baseline)
        line = Text(f"step {reading.step}{drift}: {known}{stand}")
        groups = _groups(pairs(anchor_set, previous, reading))
        line.append_text(_fitted(groups, width - cell_len(line.plain)) if groups else Text("; nothing changed", "dim"))
    line.truncate(width, overflow="ellipsis")
    return line


def columns(console: Console) -> int:
    """How long a line on `console` may be."""
    return console.width if console.is_terminal else WIDE


def _contracts(reading: Reading) -> str:
    held = sum(contract.held for contract in reading.contracts)
    return f"contracts {held}/{len(reading.contracts)}"


def _unlike(reading: Reading, baseline: Reading) -> str:
    before = {output.anchor_id: output.text for output in baseline.check.outputs}
    unlike = sum(before.get(output.anchor_id, output.text) != output.text for output in reading.check.outputs)
    return f"{unlike}/{len(reading.check.outputs)} answers unlike the baseline"


def _groups(found: Sequence[Pair]) -> list[_Group]:
    """Every anchor that changed, once, in the group that says the most about it."""
    broke = [_forms(pair, pair.broken) for pair in found if pair.broken]
    mended = [_forms(pair, pair.mended) for pair in found if pair.mended and not pair.broken]
    others = [pair for pair in found if pair.changed and not pair.broken and not pair.mended]
    changed = [_forms(pair) for pair in sorted(others, key=lambda pair: not _acts_otherwise(pair))]
    groups = (
        _Group("broke", "bold red", tuple(broke), most=len(broke)),
        _Group("mended", "green", tuple(mended)),
        _Group("changed", "", tuple(changed)),
    )
    return [group for group in groups if group.anchors]


def _forms(pair: Pair, switched: Sequence[ContractResult] = ()) -> tuple[str, ...]:
    """The anchor with what it did and does, or with the contracts that switched; with what it does now; alone."""
    names = [words.contract(result.name) for result in switched]
    full = brief = ", ".join(names)
    if pair.actions is not None and _acts_otherwise(pair) and (not names or "action" in names):
        before, brief = map(words.action_briefly, pair.actions)
        full = f"{before} → {brief}"
    detailed = (f"{pair.anchor.id} ({detail})" if detail else pair.anchor.id for detail in (full, brief))
    return tuple(visible(" ".join(form.split())) for form in (*detailed, pair.anchor.id))


def _acts_otherwise(pair: Pair) -> bool:
    return pair.actions is not None and pair.actions[0] != pair.actions[1]


def _fitted(groups: Sequence[_Group], room: int) -> Text:
    """The groups in `room` columns, or more where not one name fits.

    An anchor of the first group in its fullest form matters most, then that no group is left out, then more names.
    """
    first = groups[0]
    for form in range(len(first.anchors[0])):
        for kept in range(len(groups), 0, -1):
            cut = "" if kept == len(groups) else _CUT
            shown = [first.told(form, 1), *(group.told() for group in groups[1:kept])]
            if _width(shown) + cell_len(cut) <= room:
                for position, group in enumerate(groups[:kept]):
                    rest = room - cell_len(cut) - _width(shown) + _width(shown[position : position + 1])
                    shown[position] = _fullest(group, rest) or shown[position]
                return _joined(shown).append(cut, "dim")
    return _joined([_shortened(first, room)])


def _shortened(group: _Group, room: int) -> Text:
    """The group with its first name cut, or counted where a cut name would not tell which it is."""
    name = Text(group.anchors[0][-1])
    left = room - _width([group.told(-1, 1)]) + cell_len(name.plain)
    if left < _LEGIBLE:
        return group.told()
    name.truncate(left, overflow="ellipsis")
    return replace(group, anchors=((name.plain,), *group.anchors[1:])).told(-1, 1)


def _fullest(group: _Group, room: int) -> Text | None:
    """As many names as fit, in the fullest form in which one does; None where none does."""
    for form in range(len(group.anchors[0])):
        fitting = None
        for named in range(1, min(group.most, len(group.anchors)) + 1):
            told = group.told(form, named)
            if _width([told]) <= room:
                fitting = told  # a name more can be shorter than "and 1 more"
        if fitting is not None:
            return fitting
    return None


def _joined(told: Iterable[Text]) -> Text:
    return Text.assemble(*(part for each in told for part in ("; ", each)))


def _width(told: Iterable[Text]) -> int:
    return cell_len(_joined(told).plain)
