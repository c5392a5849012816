from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from anchorwatch.anchors import load
from anchorwatch.records import RunInfo
from anchorwatch.store import Store
from example_run import record


@pytest.fixture
def report(cli):
    """Calls `anchorwatch report` in this process; returns code, stdout and stderr."""
    return partial(cli, "report")


@pytest.fixture
def run() -> RunInfo:
    """A run in the default store."""
    with Store() as store:
        return record(store)


def test_the_latest_run_is_written_to_report_html(report, run) -> None:
    assert report() == (0, "wrote report.html: open it in a browser\n", "")
    written = Path("report.html").read_text("utf-8")
    assert run.id in written
    assert "Sure, the money is on its way to you." in written


def test_several_runs_are_written_to_the_file_named(report, run) -> None:
    with Store() as store:
        record(store, "aa00bb11cc22", "newer")
    assert report("newer", "shop", "-o", "both.html")[0] == 0
    written = Path("both.html").read_text("utf-8")
    assert written.index('"id":"aa00bb11cc22"') < written.index(f'"id":"{run.id}"')


def test_a_run_that_broke_off_before_its_baseline_is_written(report) -> None:
    with Store() as store:
        store.begin_run(RunInfo("0000", "unborn", "s", 1, "d"), load("support-en"))
    assert report("unborn")[0] == 0
    assert '"checks":[]' in Path("report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nope"], "no run 'nope'"),
        (["shop", "shpo"], "did you mean 'shop'?"),
        (["-o", "no/folder/report.html"], "there is no folder no/folder"),
        (["-o", "."], "'.' is a directory"),
        (["--store", "sqlite:///nowhere.db"], "no store at"),
        (["--otput", "x"], "--output"),
    ],
)
def test_what_goes_wrong_is_one_line_and_writes_nothing(report, run, arguments, says) -> None:
    code, out, err = report(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err
    assert not list(Path().rglob("*.html*"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a POSIX system")
def test_what_is_no_file_is_refused(report, run) -> None:
    os.mkfifo("pipe")
    code, out, err = report("-o", "pipe")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "pipe is no regular file" in err
    assert Path("pipe").is_fifo()


def test_a_full_disk_is_one_line_that_names_the_file(report, run) -> None:
    resource = pytest.importorskip("resource", reason="needs a POSIX system")
    Path("kept.html").write_text("old", encoding="utf-8")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        code, out, err = report("-o", "kept.html")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (code, out, err) == (2, "", "anchorwatch: error: kept.html: File too large\n")
    assert [path.name for path in Path().iterdir() if path.suffix in (".html", ".part")] == ["kept.html"]
    assert Path("kept.html").read_text("utf-8") == "old"


def test_it_imports_no_torch_and_no_tracker(imported, run) -> None:
    assert not imported("report") & {"torch", "transformers", "mlflow", "wandb", "trackio", "datasets", "pandas"}
