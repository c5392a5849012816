"""Models that an OpenAI-compatible server offers as something to replay: texts, and nothing of what made them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.errors import ConfigurationError
from anchorwatch.factors import factors
from anchorwatch.metrics import Metric
from anchorwatch.replay.plan import Target, first_is_baseline, in_order
from anchorwatch.replay.server import Server


class Endpoint:
    """Models by their names at one server. See `replay.run.Source`.

    Raises:
        ConfigurationError: no server answers there, it refuses the key, or it has no such model.
        MissingDependencyError: openai is not installed.
    """

    def __init__(
        self,
        url: str,
        models: Sequence[str],
        anchor_set: AnchorSet,
        *,
        base: str | None,
        at_once: int,
        baseline_samples: int | None,
        say: Callable[[str], object],
    ) -> None:
        """`models` are asked in this order, or in that of the steps in their names; `base` is the baseline.

        Without `base` that is the first model. `at_once` is how many requests are under way at a time. No answers are
        sampled for a noise floor unless `baseline_samples` asks for them: each is a request. `say` is told what is
        noticed later.
        """
        if twice := next((name for name in models if models.count(name) > 1), None):
            raise ConfigurationError(f"the model {twice!r} is given twice")
        if base in models:
            raise ConfigurationError(f"--base {base!r} is the baseline already: leave it out of the models to ask")
        self.baseline_samples = baseline_samples or 0
        self.asker = Server(url, anchor_set, at_once, self.baseline_samples, say)
        targets, notes = in_order(models, models)
        if base is not None:
            targets.insert(0, Target(0, base, base))
        else:
            notes.append(first_is_baseline(targets[0].name, "another model of the server"))
        for target in targets:
            self.asker.require(target.of)
        self.targets: Sequence[Target[Any]] = targets
        self.notes = (*notes, "a server gives texts alone: scores of tokens and of drift are missing")
        self.name, self.where = models[-1], self.asker.url
        self.log_rows: list[dict[str, Any]] = []
        self.identity: Any = [self.where, [[target.step, target.of] for target in targets]]
        self.begins_anew_after = ""
        self._base, self._anchor_set = base, anchor_set

    @contextmanager
    def opened(self, target: Target[Any]) -> Iterator[str]:
        """The name by which the server knows the model."""
        yield target.of

    def factors(self, opened: str, metrics: tuple[Metric, ...]) -> dict[str, Any]:
        """What the anchors are, and the base model's name if it was given; the server's own software is not known."""
        found = factors(arguments=None, model=None, dataset=None, anchor_set=self._anchor_set, metrics=metrics)
        known = {name: value for name, value in found.items() if not name.startswith(("code.", "version."))}
        return known | ({"model.id": self._base} if self._base else {})
