from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tracker_samples import Server, make_anchor_set, make_run

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import RunInfo


@pytest.fixture
def anchor_set() -> AnchorSet:
    return make_anchor_set()


@pytest.fixture
def run() -> RunInfo:
    return make_run()


@pytest.fixture
def warned(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The warnings that anchorwatch gave so far."""
    return lambda: [record.getMessage() for record in caplog.records if record.name == "anchorwatch"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def mlflow_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Points MLflow's fluent interface at a tracking URI, and leaves no active run behind."""
    import mlflow

    before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
    # What is meant for a server that was stopped is given up after one retry instead of after minutes.
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    yield mlflow.set_tracking_uri
    while mlflow.active_run() is not None:
        mlflow.end_run()
    mlflow.set_tracking_uri(before)
