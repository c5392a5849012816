from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tracker_samples import Server, Tracked, make_anchor_set, make_run

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import RunInfo
from anchorwatch.trackers import FanOut, discover


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


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database without runs: to make one takes seconds, to copy it none."""
    from mlflow import MlflowClient

    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def track(
    tmp_path: Path, empty_database: Path, mlflow_at: Callable[[str], None], run: RunInfo, anchor_set: AnchorSet
) -> Callable[..., Tracked]:
    """Opens a run in a sqlite store and tells the trackers, which `discover` finds with these options, of it."""
    import mlflow

    uri = f"sqlite:///{shutil.copy(empty_database, tmp_path)}"
    mlflow_at(uri)

    def track(**options: bool) -> Tracked:
        run_id = mlflow.start_run().info.run_id
        trackers = FanOut(discover(["mlflow"], **options))
        trackers.start(run, anchor_set)
        return Tracked(run_id, trackers)

    return track


@pytest.fixture
def tracked(track: Callable[..., Tracked]) -> Tracked:
    """A run of which nothing is recorded yet."""
    return track()
