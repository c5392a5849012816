from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from tracker_samples import FELL, make_reading

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import Flag, Reading, RunInfo
from anchorwatch.trackers import FanOut, Tracker, discover


class Notebook(Tracker):
    """A tracker that writes down what it hears, and fails while `error` is set."""

    def __init__(self, name: str, error: BaseException | None = None) -> None:
        self.name = name
        self.error = error
        self.heard: list[str] = []

    def hear(self, what: str) -> None:
        if self.error is not None:
            raise self.error
        self.heard.append(what)

    def start(self, run: RunInfo, anchor_set: AnchorSet, standing: Sequence[Flag] = ()) -> Mapping[str, str]:
        self.hear(" ".join(["start", *(flag.rule for flag in standing)]))
        return {self.name: f"somewhere/{run.id}"}

    def record(self, reading: Reading, baseline: Reading | None) -> None:
        self.hear(f"{reading.step} after {baseline.step if baseline else None}")

    def before_train_end(self) -> None:
        self.hear("before the end")

    def finish(self, reading: Reading, baseline: Reading, report: Path | None = None) -> Mapping[str, str]:
        self.hear(f"finish {reading.step} with {report}")
        return {self.name: "shown there"}


EVERYTHING = ["start", "0 after None", "40 after 0", "80 after 0", "before the end", "finish 80 with r.html"]


def test_every_tracker_hears_everything_in_order(run: RunInfo, anchor_set: AnchorSet) -> None:
    one, two = Notebook("one"), Notebook("two")
    trackers = FanOut([one, two])
    links = trackers.start(run, anchor_set)
    baseline = make_reading(0)
    trackers.record(baseline, None)
    trackers.record(make_reading(40), baseline)
    trackers.record(make_reading(80), baseline)
    trackers.before_train_end()
    assert links == {"one": "somewhere/0123456789ab", "two": "somewhere/0123456789ab"}
    links = trackers.finish(make_reading(80), baseline, Path("r.html"))
    assert links == {"one": "shown there", "two": "shown there"}
    assert one.heard == two.heard == EVERYTHING


def test_a_tracker_that_fails_costs_one_line_and_hears_it_all_later(
    run: RunInfo, anchor_set: AnchorSet, warned: Callable[[], list[str]]
) -> None:
    down, up = Notebook("down", OSError("no route\x1b[2J\nto host")), Notebook("up")
    trackers = FanOut([down, up])
    baseline = make_reading(0)
    assert trackers.start(run, anchor_set) == {"up": "somewhere/0123456789ab"}
    trackers.record(baseline, None)
    trackers.record(make_reading(40), baseline)
    assert down.heard == []
    down.error = None
    trackers.record(make_reading(80), baseline)
    down.error = OSError("again")
    trackers.before_train_end()
    down.error = None
    assert trackers.finish(make_reading(80), baseline, Path("r.html"))["down"] == "shown there"
    assert down.heard == [heard for heard in EVERYTHING if heard != "before the end"]
    assert up.heard == EVERYTHING
    (warning,) = warned()
    assert warning == (
        "the tracker down failed (OSError: no route\\x1b[2J); "
        "the local store has everything, and down gets it when it works again"
    )


def test_a_tracker_is_told_which_flags_have_rung(run: RunInfo, anchor_set: AnchorSet) -> None:
    down = Notebook("down", OSError("not yet"))
    trackers = FanOut([down])
    trackers.start(run, anchor_set, (FELL,))
    down.error = None
    trackers.record(make_reading(80), make_reading(0))
    assert down.heard == ["start regressed", "80 after 0"]


def test_a_tracker_that_never_works_ends_nothing(run: RunInfo, anchor_set: AnchorSet) -> None:
    trackers = FanOut([Notebook("down", RuntimeError())])
    assert trackers.start(run, anchor_set) == {}
    trackers.record(make_reading(0), None)
    assert trackers.finish(make_reading(0), make_reading(0)) == {}


def test_an_interrupt_goes_through(run: RunInfo, anchor_set: AnchorSet) -> None:
    with pytest.raises(KeyboardInterrupt):
        FanOut([Notebook("slow", KeyboardInterrupt())]).start(run, anchor_set)


@pytest.mark.parametrize(
    ("report_to", "names"),
    [
        ([], []),
        (["tensorboard", "comet_ml"], []),
        (["wandb", "tensorboard", "mlflow", "trackio"], ["wandb", "mlflow", "trackio"]),
        (["dagshub", "mlflow"], ["mlflow"]),
    ],
)
def test_trackers_are_found_from_what_the_trainer_reports_to(report_to: list[str], names: list[str]) -> None:
    assert [tracker.name for tracker in discover(report_to)] == names


def test_trackers_whose_run_is_not_open_do_not_raise(run: RunInfo, anchor_set: AnchorSet) -> None:
    assert FanOut(discover(["wandb", "mlflow", "trackio"])).start(run, anchor_set) == {}
