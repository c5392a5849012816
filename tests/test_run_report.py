"""The report that a watched training leaves behind."""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from anchorwatch import AnchorWatch
from anchorwatch.records import Flag, RunInfo
from anchorwatch.report import make_console, show, summary
from anchorwatch.store import Store
from example_run import AFTER, ANCHORS, BEFORE, LOSSES, reading
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
    told = capsys.readouterr().err
    assert f"  {report.absolute()}\n" in told, "it opens from wherever one stands"
    assert told.index(f"anchorwatch show {run.id}") < told.index(str(report.absolute())), "and is told last"


def test_alarms_that_are_over_are_told_at_the_end_and_of_any_check_since() -> None:
    run = RunInfo("3f2a9c1b77aa", "shop", ANCHORS.name, ANCHORS.version, ANCHORS.digest)
    fell = Flag("regressed", "watch", 10, 10, "contract pass fell: read both answers", metric="contract_pass")
    flags = [fell, *(replace(fell, level="alarm", step=step) for step in (20, 30)), replace(fell, step=40)]
    flags.append(Flag("churn", "alarm", 40, 40, "as many got worse", metric="contract_pass"))
    flags.append(replace(flags[-1], step=20, rule="contract_broken", anchor_ids=("refund",)))
    flags.append(replace(fell, rule="collapsed", level="alarm", step=30, message="answers broke down"))
    baseline = reading(BEFORE)
    last = replace(reading(AFTER, 40, baseline), flags=tuple(flag for flag in flags if flag.step == 40))
    ended, shown, earlier = (io.StringIO() for _ in range(3))
    summary(run, ANCHORS, LOSSES, baseline, last, make_console(ended), flags=flags)
    show(ANCHORS, LOSSES, baseline, last, make_console(shown), flags=flags)
    show(ANCHORS, LOSSES, baseline, reading(AFTER, 20, baseline), make_console(earlier), flags=flags)
    for console in (ended, shown):
        told = " ".join(console.getvalue().split())
        assert "alarm regressed contract_pass: rang from step 20 to 30, a watch now: contract pass fell" in told
        assert "alarm collapsed contract_pass: rang at step 30, no alarm since: answers broke down" in told
        assert told.count("no alarm since") == 1, "what stands and what no rule judges is not over"
    assert "rang" not in earlier.getvalue()


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
