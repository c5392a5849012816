"""Full checks as MLflow evaluation runs: a trace for each anchor, so that any two checks are compared row by row."""

from __future__ import annotations

import contextvars
import math
import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from anchorwatch.anchors import Anchor, AnchorSet
from anchorwatch.judge.run import behaviours_in
from anchorwatch.records import Output, Reading
from anchorwatch.trackers.mlflow_server import installed_version
from anchorwatch.trackers.tables import cell

_SOURCE_RUN = "mlflow.sourceRun"
_QUEUES, _WRITER = (3, 14), "MLflowTraceLoggingConsumer"
_ASSESSED_IN = "mlflow.assessment.sourceRunId"


class CheckTraces:
    """A run nested in the training's for each full check, with a trace for each anchor: its prompt, its answer, scores.

    Nothing of this is the active run or the active trace of the process at any time. Traces are written by threads of
    MLflow's own, and are all there when a check has been added: what would still wait when the server goes would keep
    the process from ending for minutes.
    """

    def __init__(self, run_id: str, experiment_id: str, name: str, anchor_set: AnchorSet, factors: Mapping[str, Any]):
        self.baseline = ""
        """The nested run of the baseline; empty before that was added."""
        self.last = ""
        """The nested run of the last check added; empty before the first."""
        self._run_id, self._experiment_id, self._name, self._anchor_set = run_id, experiment_id, name, anchor_set
        self._metrics = dict.fromkeys(["action", *(each.metric for each in behaviours_in(factors)), "logprob_lost"])

    def add(self, client: Any, reading: Reading, baseline: Reading | None) -> None:
        """Add a full check, and the `baseline` before it where that has not been added by this process.

        Raises:
            RuntimeError: MLflow's tracing is disabled in this process.
        """
        if not self.baseline:
            self.baseline = self.last = self._added(client, baseline or reading)
        if baseline is not None:
            self.last = self._added(client, reading)
        self._flush()

    def _flush(self) -> None:
        import mlflow

        # Older versions write traces at once, and log an error where there is no queue to wait for.
        if (installed_version() or _QUEUES) >= _QUEUES or any(
            thread.name == _WRITER for thread in threading.enumerate()
        ):
            mlflow.flush_trace_async_logging()

    def _added(self, client: Any, reading: Reading) -> str:
        tags = {"mlflow.parentRunId": self._run_id, "mlflow.runType": "genai_evaluate"}
        name = f"{self._name}, step {reading.step}"
        run_id: str = client.create_run(self._experiment_id, tags=tags, run_name=name).info.run_id
        # `set_terminated` would print a line, and stop the queue in which the trainer's own numbers wait.
        client.update_run(run_id, status="FINISHED")
        with _random_of_its_own():
            for output in reading.check.outputs:
                # In a context of its own: a trace that is open in the user's code is not ours to add to.
                contextvars.Context().run(self._trace, run_id, reading, self._anchor_set[output.anchor_id], output)
        return run_id

    def _trace(self, run_id: str, reading: Reading, anchor: Anchor, output: Output) -> None:
        import mlflow
        from mlflow.entities import AssessmentSource
        from mlflow.entities.span import NO_OP_SPAN_TRACE_ID
        from mlflow.entities.trace_location import MlflowExperimentLocation

        prompt, text = cell(anchor.question), cell(output.text)
        with mlflow.start_span(anchor.id, trace_destination=MlflowExperimentLocation(self._experiment_id)) as span:
            if span.trace_id == NO_OP_SPAN_TRACE_ID:
                raise RuntimeError("MLflow's tracing is disabled in this process")
            # Rows of two checks are paired by their inputs, which therefore hold nothing of the check.
            span.set_inputs({"anchor": anchor.id, "prompt": prompt})
            span.set_outputs(text)
            mlflow.update_current_trace(
                metadata={_SOURCE_RUN: run_id},
                request_preview=f"{anchor.id}: {prompt}",
                response_preview=text,
            )
            for metric, value, why in self._assessments(reading, anchor):
                # Of the active trace: noted with it, no request of its own.
                mlflow.log_feedback(
                    trace_id=span.trace_id,
                    name=metric,
                    value=value,
                    rationale=why,
                    source=AssessmentSource("CODE", "anchorwatch"),
                    metadata={_ASSESSED_IN: run_id},
                )

    def _assessments(self, reading: Reading, anchor: Anchor) -> Iterator[tuple[str, bool | float | str, str | None]]:
        """(metric, value, why) of every score there is."""
        broken = [f"{each.name}: {each.reason}" for each in reading.contracts if each.anchor_id == anchor.id]
        for metric in self._metrics:
            score = reading.score(anchor.id, metric)
            value = score.value if score else None
            if score is None or value is None or (isinstance(value, float) and not math.isfinite(value)):
                continue
            why = "; ".join(broken) if metric == "contract_pass" else score.reason
            yield metric, cell(value) if isinstance(value, str) else value, cell(why) or None


@contextmanager
def _random_of_its_own() -> Iterator[None]:
    """Leaves Python's random numbers as they were: the ids of traces are drawn from them, and must never repeat."""
    state = random.getstate()
    random.seed()
    try:
        yield
    finally:
        random.setstate(state)
