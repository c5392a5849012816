"""The view "behaviour vs loss" among an MLflow experiment's saved views, for all its watched runs together."""

from __future__ import annotations

import base64
import json
import logging
import time
import zlib
from collections.abc import Collection, Mapping
from typing import Any

from anchorwatch.judge.run import behaviours_in
from anchorwatch.trackers.mlflow_charts import in_order, is_loss, page_state
from anchorwatch.trackers.mlflow_server import page_version
from anchorwatch.trackers.tables import scalar_name

logger = logging.getLogger("anchorwatch")

NAME = "behaviour vs loss"
KEY = "anchorwatch-behaviour-vs-loss"
TRIED = (3, 10), (3, 18)
"""Versions of MLflow's page that were seen to show the view, from the first to the last: its form is internal."""
_ENVELOPE = (3, 15)
"""From here on a view has a name and stands in a menu; before, it has only its link."""
_TAG = f"mlflow.sharedViewState.{KEY}"
_OURS, _US = "writtenBy", "anchorwatch"
"""Left out by the page when a person saves the view anew: from then on it is theirs."""
_OVER = "drawnOver"
_PACKED = "deflate;"
_RUNS = 20
"""Newest watched runs whose metrics the view draws; the page itself begins with ten."""


class SavedView:
    """Written as soon as a run has a loss and a behaviour, and again when there is more to draw. One an experiment.

    A view that a person has saved under its key is left alone. What fails is a debug message: a run is recorded
    without it.
    """

    def __init__(self, uri: str, run_id: str, experiment_id: str, factors: Mapping[str, Any]) -> None:
        self.key = ""
        """Of the view, once it is there; else empty."""
        self._uri, self._run_id, self._experiment_id = uri, run_id, experiment_id
        self._behaviours = behaviours_in(factors)
        self._drawn: frozenset[str] = frozenset()
        self._version: tuple[int, int] | None = None

    def update(self, client: Any, names: Collection[str], *, last: bool = False) -> None:
        """Write the view if there are metrics among `names`, those of the run, that it does not draw yet.

        At the `last` call it is written in any case where it is not up to date.
        """
        if not last and (set(names) <= self._drawn or not any(map(is_loss, names))):
            return
        try:
            self._version = self._version or page_version(self._uri)
            if self._version is None or not TRIED[0] <= self._version <= TRIED[1]:
                logger.debug("no MLflow view %r: not tried with version %s", NAME, self._version)
            elif self._write(client, {*names, *self._of_others(client)}, self._version):
                self.key = KEY
            self._drawn |= set(names)
        except Exception as error:
            logger.debug("no MLflow view %r (%s: %s)", NAME, type(error).__name__, error)

    def _write(self, client: Any, names: Collection[str], version: tuple[int, int]) -> bool:
        """Whether the view is there afterwards, and ours."""
        found = client.get_experiment(self._experiment_id).tags.get(_TAG)
        now = int(time.time() * 1000)
        created, there = (now, {}) if found is None else _read(found, now)
        if found is not None and there.get(_OURS) != _US:
            return False
        over = self._over(client, names, there.get(_OVER))
        state = page_state(names, self._behaviours, over) | {_OURS: _US, _OVER: over}
        if state != there:
            packed = _PACKED + base64.b64encode(zlib.compress(json.dumps(state).encode(), 9)).decode()
            envelope = {"name": NAME, "createdAt": created, "updatedAt": now, "state": packed}
            value = packed if version < _ENVELOPE else json.dumps(envelope)
            client.set_experiment_tag(self._experiment_id, _TAG, value)
        return True

    def _of_others(self, client: Any) -> set[str]:
        """Names of the metrics of the newest watched runs of the experiment."""
        watched = "tags.`anchorwatch.run_id` != ''"
        runs = client.search_runs([self._experiment_id], watched, max_results=_RUNS)
        return {name for run in runs for name in run.data.metrics}

    def _over(self, client: Any, names: Collection[str], before: str | None) -> str | None:
        """The loss to draw behaviours over: that of the evaluation, where it was logged at steps that had a check.

        Where it was not the page has nothing to draw: then that of `before`, which another run may have had.
        """
        checked = self._steps(client, scalar_name("all", "contracts_broken"))
        evaluations = [name for name in in_order(names) if name != "loss"]
        shared = (name for name in evaluations if len(checked & self._steps(client, name)) > 1)
        known = (name for name in (before, "loss", *evaluations) if name in names)
        return next(shared, None) or next(known, None)

    def _steps(self, client: Any, name: str) -> set[int]:
        return {point.step for point in client.get_metric_history(self._run_id, name)}


def _read(tag: str, now: int) -> tuple[int, Mapping[str, Any]]:
    """(when it was created, state) of a view as any version writes it; ({}) if it is none."""
    try:
        created, packed = now, tag
        if not tag.startswith(_PACKED):
            envelope = json.loads(tag)
            created, packed = int(envelope["createdAt"]), str(envelope["state"])
        plain = zlib.decompress(base64.b64decode(packed.removeprefix(_PACKED))).decode()
        state = json.loads(plain)
        return created, state if isinstance(state, dict) else {}
    except (ValueError, KeyError, TypeError, zlib.error):
        return now, {}
