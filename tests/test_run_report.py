"""The report that a watched training leaves behind."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from anchorwatch import AnchorWatch
from anchorwatch.store import Store
from training import trainer

ROWS = [{"id": "late-order", "kind": "risk", "prompt": "where is it?", "max_new_tokens": 3}]
FOLDER = Path("anchorwatch-reports")


def test_a_run_ends_with_its_report(capsys: pytest.CaptureFixture[str]) -> None:
    trainer(AnchorWatch(ROWS, every=2, name="v7: /../für 客服"), max_steps=2).train()
    (report,) = FOLDER.iterdir()
    with Store() as store:
        run = store.run("latest").info
    assert report.name == f"v7-..-für-客服-{run.id}.html"
    assert "late-order" in report.read_text(encoding="utf-8")
    assert str(report) in capsys.readouterr().err


def test_a_training_that_fails_has_one_too() -> None:
    watch = AnchorWatch(ROWS, every=1, verbose=False)
    failing = trainer(watch, max_steps=4)
    real = failing.training_step

    def breaks(*arguments: object, **more: object) -> object:
        if failing.state.global_step == 2:
            raise RuntimeError("out of luck")
        return real(*arguments, **more)

    failing.training_step = breaks
    with pytest.raises(RuntimeError):
        failing.train()
    watch._abandon()  # as the interpreter does when it ends
    (report,) = FOLDER.iterdir()
    assert "failed" in report.read_text(encoding="utf-8")


def test_no_report_where_none_is_wanted() -> None:
    trainer(AnchorWatch(ROWS, every=2, report=None, verbose=False), max_steps=2).train()
    assert not FOLDER.exists()


def test_a_report_that_cannot_be_written_costs_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    Path("taken").write_text("a file", encoding="utf-8")
    with caplog.at_level(logging.WARNING, logger="anchorwatch"):
        trainer(AnchorWatch(ROWS, every=2, report="taken/reports", verbose=False), max_steps=2).train()
    (warning,) = [record.getMessage() for record in caplog.records if record.name == "anchorwatch"]
    assert "no report" in warning
    assert "anchorwatch report" in warning
    with Store() as store:
        assert store.run("latest").status == "finished"
