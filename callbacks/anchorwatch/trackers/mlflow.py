"""MLflow: numbers by step, outputs side by side over runs and their history, the anchor set, the training data."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from anchorwatch.anchors import AnchorSet
from anchorwatch.mlflow_address import Address, without_password
from anchorwatch.records import Flag, Reading, RunInfo
from anchorwatch.trackers import tables
from anchorwatch.trackers.fanout import first_line
from anchorwatch.trackers.mlflow_server import ask
from anchorwatch.trackers.mlflow_traces import CheckTraces
from anchorwatch.trackers.mlflow_view import SavedView
from anchorwatch.trackers.tracker import Tracker

logger = logging.getLogger("anchorwatch")

_LATEST = "anchors/latest.json"
_LOGGED_ARTIFACTS = "mlflow.loggedArtifacts"


class MLflowTracker(Tracker):
    """Adds to the run that the trainer's integration opened, by its id, so that it may be closed already.

    Artifacts: `anchors/set.yaml`, `anchors/latest.json` (overwritten at each check), `anchors/by_step/NNNNNN.json`,
    `anchors/flags.json` (the flags that stand), `anchors/report.html`; a drift check leaves no outputs.
    Tags: `anchorwatch.run_id`, `anchorwatch.anchor_set`, `anchorwatch.anchor_set_version`, `anchorwatch.digest`,
    `anchorwatch.contracts_broken`, `anchorwatch.alarms` (rule and metric of each trend that is an alarm at this check,
    else "none").

    The experiment gets the saved view of `mlflow_view`; with `traces`, the run gets the nested runs of `mlflow_traces`.

    MLflow itself retries for minutes when its server is gone. So a server is asked for a sign of life first, and what
    is meant for one that gives none fails at once.
    """

    name = "mlflow"

    def __init__(self, traces: bool = False) -> None:
        self._with_traces = traces
        self._run_id = self._experiment_id = self._uri = ""
        self._anchor_set: AnchorSet
        self._view: SavedView
        self._traces: CheckTraces | None = None
        self._shown: tables.FlagLevels | None = {}

    def start(self, run: RunInfo, anchor_set: AnchorSet, standing: Sequence[Flag] = ()) -> Mapping[str, str]:
        """Take the id of the active run, and note there what is watched. The address is an `Address`."""
        import mlflow

        if not self._run_id:
            active = mlflow.active_run()
            if active is None:
                raise RuntimeError("no MLflow run is active")
            self._run_id, self._experiment_id = active.info.run_id, active.info.experiment_id
            self._uri, self._anchor_set = mlflow.get_tracking_uri(), anchor_set
            self._view = SavedView(self._uri, self._run_id, self._experiment_id, run.factors)
            if self._with_traces:
                self._traces = CheckTraces(self._run_id, self._experiment_id, run.name, anchor_set, run.factors)
        client = self._client()
        client.log_text(self._run_id, _as_yaml(anchor_set), "anchors/set.yaml")
        if "data.digest" in run.factors:
            client.log_inputs(self._run_id, datasets=[_training_data(run.factors)])
        tags = {
            "anchorwatch.run_id": run.id,
            "anchorwatch.anchor_set": run.anchor_set,
            "anchorwatch.anchor_set_version": str(run.anchor_set_version),
            "anchorwatch.digest": run.anchor_set_digest,
        }
        client.log_batch(self._run_id, tags=_tags(tags), synchronous=True)
        self._shown = None if standing else {}
        return {self.name: self._address()}

    def record(self, reading: Reading, baseline: Reading | None) -> None:
        """The tables, then the numbers: a table can be written again after a failure, a repeated number would stay.

        Of a drift check the numbers, and the flags if others stand now.
        """
        from mlflow.entities import Metric

        client = self._client()
        numbers = tables.scalars(reading)
        tags = {
            "anchorwatch.contracts_broken": f"{numbers['anchors/all/contracts_broken']:.0f}",
            "anchorwatch.alarms": tables.alarms(reading),
        }
        names = {*numbers}
        if tables.has_tables(reading):
            self._log_outputs(client, reading, baseline)
            logged = client.get_run(self._run_id).data
            names |= {*logged.metrics}
            tags[_LOGGED_ARTIFACTS] = _with_latest(logged.tags.get(_LOGGED_ARTIFACTS, "[]"))
        self._log_flags(client, reading)
        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, reading.step) for name, value in numbers.items()]
        client.log_batch(self._run_id, metrics=metrics, tags=_tags(tags), synchronous=True)
        self._view.update(client, names)
        if self._traces and tables.has_tables(reading):
            self._trace(self._traces, client, reading, baseline)

    def _log_outputs(self, client: Any, reading: Reading, baseline: Reading | None) -> None:
        paired = _as_json(tables.Row._fields, tables.rows(self._anchor_set, reading, baseline))
        client.log_text(self._run_id, paired, f"anchors/by_step/{reading.step:06d}.json")
        client.log_text(self._run_id, paired, _LATEST)

    def _log_flags(self, client: Any, reading: Reading) -> None:
        if tables.flags_are_due(reading, self._shown):
            flags = _as_json(tables.FlagRow._fields, tables.flag_rows(reading))
            client.log_text(self._run_id, flags, "anchors/flags.json")
        self._shown = tables.flag_levels(reading)

    def before_train_end(self) -> None:
        """See that the trainer's own integration ends no run on a server that is gone.

        `MLflowCallback.on_train_end` calls `mlflow.end_run()`, which waits for every number still in the queue, each
        retried for minutes, and then raises out of `trainer.train()`. If the run cannot be reached, it is no longer the
        active one after this call, so that there is nothing to end; MLflow's requests are no longer retried in this
        process; and the error is raised. The run stays RUNNING on the server, as after a crash.
        """
        import mlflow
        from mlflow.tracking import fluent

        try:
            self._client().get_run(self._run_id)
        except Exception:
            os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
            active = mlflow.active_run()
            if active is not None and active.info.run_id == self._run_id:
                # There is no public way to leave a run without telling the server.
                fluent._active_run_stack.get().pop()
            raise

    def finish(self, reading: Reading, baseline: Reading, report: Path | None = None) -> Mapping[str, str]:
        """The `report`, and the view as it is to stay; `anchors/latest.json` is the last check that has tables."""
        client = self._client()
        if report is not None:
            client.log_text(self._run_id, report.read_text(encoding="utf-8"), "anchors/report.html")
        self._view.update(client, client.get_run(self._run_id).data.metrics, last=True)
        return {self.name: self._address()}

    def _trace(self, traces: CheckTraces, client: Any, reading: Reading, baseline: Reading | None) -> None:
        """Traces stand beside the record: if they fail, that costs one warning, and the record goes on."""
        try:
            traces.add(client, reading, baseline)
        except Exception as error:
            self._traces = None
            logger.warning("no more traces of checks in MLflow (%s)", first_line(error))

    def _client(self) -> Any:
        from mlflow import MlflowClient

        ask(self._uri)
        return MlflowClient(self._uri)

    def _address(self) -> str:
        last, baseline = (self._traces.last, self._traces.baseline) if self._traces else ("", "")
        uri, view = without_password(self._uri), self._view.key
        return str(Address(self._run_id, uri, self._experiment_id, view=view, last=last, baseline=baseline))


def _tags(tags: Mapping[str, str]) -> list[Any]:
    from mlflow.entities import RunTag

    return [RunTag(key, value) for key, value in tags.items()]


def _with_latest(listed: str) -> str:
    """The tag of the tables that the table view offers, with ours among them."""
    tables_listed = json.loads(listed)
    ours = {"path": _LATEST, "type": "table"}
    return listed if ours in tables_listed else json.dumps([*tables_listed, ours])


def _as_json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return json.dumps({"columns": list(columns), "data": [list(row) for row in rows]}, ensure_ascii=False)


def _as_yaml(anchor_set: AnchorSet) -> str:
    """The set as a file that anchorwatch reads again, with the same digest."""
    content = anchor_set.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def _training_data(factors: Mapping[str, Any]) -> Any:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    digest = str(factors["data.digest"])
    dataset = Dataset(
        name="train",
        digest=digest[:36],  # MLflow takes no more.
        source_type="local",
        source=json.dumps({"digest": digest}),
        profile=json.dumps({"num_rows": factors.get("data.rows")}),
    )
    return DatasetInput(dataset, tags=[InputTag("mlflow.data.context", "training")])
