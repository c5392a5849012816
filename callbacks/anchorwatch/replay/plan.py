"""In which order saved checkpoints are asked, at which steps, and against which baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from anchorwatch.errors import ConfigurationError
from anchorwatch.replay.checkpoints import Checkpoint, find_checkpoints, number_in
from anchorwatch.replay.history import epoch, log_rows

T = TypeVar("T")


@dataclass(frozen=True)
class Target(Generic[T]):
    """One check to make: of what, and at which step."""

    step: int
    name: str
    """For people: a folder, or a model's name."""
    of: T
    epoch: float | None = None


@dataclass(frozen=True)
class Plan:
    """The checks of a replay of saved checkpoints."""

    targets: tuple[Target[Checkpoint], ...]
    """The baseline first, then by step."""
    base: str | None
    """The model that was fine-tuned; None where nobody says."""
    log_rows: list[dict[str, Any]]
    """What the trainer logged, if all are checkpoints of one training."""
    notes: tuple[str, ...]
    """What was decided that a person should know, a sentence each."""
    name: str
    """For the run: the folder of the training, else the last checkpoint's."""


def plan(given: Sequence[str], base: str | None) -> Plan:
    """How the checkpoints in the folders `given` are asked; `base` is the model that was fine-tuned, if it was named.

    The baseline is, at step 0, the base model: the one named, or the one that all adapters name. Otherwise it is the
    first checkpoint, at its own step. A checkpoint saved at step 0 is the baseline, too.

    Raises:
        ConfigurationError: see `find_checkpoints`; an adapter names no base model, or adapters name several beside
            `base`.
    """
    checkpoints, notes = find_checkpoints(given)
    bases = _bases(checkpoints, base)
    targets, note = in_order(checkpoints, [checkpoint.place for checkpoint in checkpoints])
    notes += note
    of_one = {Path(checkpoint.place).resolve().parent for checkpoint in checkpoints}
    related = len(of_one) == 1 and not note
    if related:
        targets = [Target(each.step, each.name, each.of, epoch(each.of.place)) for each in targets]
    known = base or (bases[0] if len(bases) == 1 else None)
    if targets[0].step == 0 and base:
        raise ConfigurationError(f"{targets[0].name} was saved at step 0, and is the baseline: leave out it or --base")
    if targets[0].step == 0:
        notes.append(f"the baseline is {targets[0].name}, saved at step 0")
    elif known:
        targets.insert(0, Target(0, known, Checkpoint(known)))
        notes.append(f"the baseline, step 0, is the base model {known}")
    else:
        notes.append(first_is_baseline(targets[0].name, "the model that was fine-tuned"))
    rows = log_rows(targets[-1].of.place) if related else []
    if not rows:
        notes.append("there are no losses to record: " + ("no trainer_state.json" if related else "no single training"))
    name = of_one.pop().name if related else Path(targets[-1].of.place).resolve().name
    return Plan(tuple(targets), known, rows, tuple(notes), name or "replay")


def in_order(things: Sequence[T], names: Sequence[str]) -> tuple[list[Target[T]], list[str]]:
    """The things in step order, and a sentence if the steps are not those in their names.

    The steps are those in the `names` ("checkpoint-N") if each has one of its own, else 1, 2, … in the order given.
    """
    steps = [number_in(Path(name).name) for name in names]
    own = [step for step in steps if step is not None]
    if len(set(own)) == len(things):
        return [Target(*each) for each in sorted(zip(own, names, things, strict=True), key=lambda each: each[0])], []
    targets = [Target(number, *each) for number, each in enumerate(zip(names, things, strict=True), start=1)]
    if len(things) == 1:
        return targets, ["no step in its name (checkpoint-N): it counts as step 1"]
    counted = f"they count as steps 1 to {len(things)}, in the order given"
    return targets, [f"not each has a step of its own in its name (checkpoint-N): {counted}"]


def first_is_baseline(name: str, what: str) -> str:
    """What is said where no base model is known; `what` could be named instead."""
    return f"the baseline is {name}, the first one: changes are counted from there; --base names {what}"


def _bases(checkpoints: Sequence[Checkpoint], base: str | None) -> list[str]:
    """The base models that the adapters name, each once.

    Raises:
        ConfigurationError: an adapter has none, or cannot be of `base`.
    """
    adapters = [checkpoint for checkpoint in checkpoints if checkpoint.adapter is not None]
    if nameless := next((each for each in adapters if not each.base and not base), None):
        raise ConfigurationError(
            f"the adapter {nameless.place} does not say what its base model is: name it with --base"
        )
    bases = list(dict.fromkeys(each.base for each in adapters if each.base))
    if base and len(bases) > 1:
        raise ConfigurationError(
            f"these are adapters of {len(bases)} base models ({', '.join(bases)}), "
            "and --base names one for all: replay them apart"
        )
    return bases
