"""Saved checkpoints as something to replay: what they are, how they are opened, and what is known of their training."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.errors import ConfigurationError
from anchorwatch.factors import factors
from anchorwatch.metrics import Metric
from anchorwatch.replay.asking import ModelAsker, Opened
from anchorwatch.replay.checkpoints import Checkpoint
from anchorwatch.replay.models import Models
from anchorwatch.replay.plan import Target, plan
from anchorwatch.replay.prepare import prepare

BASELINE_SAMPLES = 4
"""As in a live watch."""
# Who loads an adapter knows neither what else was trained nor what was run, and saving adds a setting.
_NOT_OF_THE_TRAINING = {"model.trained_parameters", "adapter.auto_mapping"}


class Saved:
    """Checkpoints on this machine. See `replay.run.Source`."""

    def __init__(
        self,
        given: Sequence[str],
        anchor_set: AnchorSet,
        *,
        base: str | None,
        device: str | None,
        batch_size: int,
        baseline_samples: int | None,
    ) -> None:
        """See `plan` and `prepare` for what is read, and for what is raised before any weights are."""
        self._plan = plan(given, base)
        self._anchor_set = anchor_set
        self._prepared = prepare(self._plan, anchor_set)
        self._models = Models(device)
        self.baseline_samples = BASELINE_SAMPLES if baseline_samples is None else baseline_samples
        self.asker = ModelAsker(
            anchor_set,
            self._prepared,
            batch_size=batch_size,
            baseline_samples=self.baseline_samples,
        )
        self.targets: Sequence[Target[Any]] = self._plan.targets
        self.notes, self.name, self.log_rows = self._plan.notes, self._plan.name, self._plan.log_rows
        self.where = ", ".join(given)
        self.begins_anew_after = "a change to a file of the checkpoints"

    @property
    def identity(self) -> Any:
        """The places, with the names, sizes and times of their files."""
        return [
            [each.step, each.of.identity, Checkpoint(self._prepared[each.step].full).identity] for each in self.targets
        ]

    @contextmanager
    def opened(self, target: Target[Any]) -> Iterator[Opened]:
        """The model of a target, loaded; it is let go of afterwards."""
        prepared = self._prepared[target.step]
        with self._models.loaded(prepared) as model:
            yield Opened(model, prepared)

    def factors(self, opened: Opened, metrics: tuple[Metric, ...]) -> dict[str, Any]:
        """The base model, the adapter's settings where all adapters have the same, what the anchors are, the software.

        Hyper-parameters, data and code of the training are not known: training_args.bin is a pickle, and not opened.
        """
        adapters = [each.of for each in self.targets if each.of.adapter is not None]
        configs = _adapter_configs(adapters)
        seen = SimpleNamespace(config=opened.model.config, parameters=opened.model.parameters, peft_config=configs)
        found = factors(arguments=None, model=seen, dataset=None, anchor_set=self._anchor_set, metrics=metrics)
        unknown = {*_NOT_OF_THE_TRAINING, *(name for name in found if name.startswith("code."))}
        if adapters:
            # Those of the adapter count in a live run.
            unknown |= {"model.parameters", *(f"adapter.{name}" for name in _differing(adapters))}
        if adapters and len(adapters) + (self._plan.base is not None) < len(self.targets):
            unknown |= {name for name in found if name.startswith("adapter.")}
        if self._plan.base is None:
            unknown.add("model.id")
        known = {name: value for name, value in found.items() if name not in unknown}
        return known | ({"model.id": self._plan.base} if self._plan.base else {})


def _adapter_configs(adapters: Sequence[Checkpoint]) -> dict[str, Any]:
    """The first adapter's configuration as PEFT has it, under some name; empty where there is none."""
    if not adapters:
        return {}
    from peft import PeftConfig

    try:
        return {"default": PeftConfig.from_pretrained(adapters[0].place)}
    except Exception as error:
        raise ConfigurationError(f"the adapter {adapters[0].place} cannot be read by peft: {error}") from error


def _differing(adapters: Sequence[Checkpoint]) -> set[str]:
    """The settings that are not the same for all adapters."""
    settings = [{name: _plain(value) for name, value in (each.adapter or {}).items()} for each in adapters]
    return {name for each in settings for name in each if any(other.get(name) != each[name] for other in settings)}


def _plain(value: Any) -> str:
    # PEFT keeps sets, and saves them in any order.
    return json.dumps(sorted(value, key=str) if isinstance(value, list) else value, sort_keys=True)
