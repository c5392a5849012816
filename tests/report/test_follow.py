"""A run followed from its store, while another connection records it."""

from __future__ import annotations

import dataclasses
import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from anchorwatch.errors import StoreError
from anchorwatch.records import Flag, LossPoint, RunInfo
from anchorwatch.report import make_console
from anchorwatch.report.follow import follow
from anchorwatch.store import Store, StoredRun
from example_run import AFTER, ANCHORS, BEFORE, reading, record

RUN = RunInfo("3f2a9c1b77aa", "shop", ANCHORS.name, ANCHORS.version, ANCHORS.digest)
BASELINE = reading(BEFORE)
BROKEN = BEFORE | {"refund": AFTER["refund"]}


class Following(threading.Thread):
    """Follows the run, and says what it printed."""

    def __init__(self, onward: bool = False, patience: float = 60.0) -> None:
        super().__init__(daemon=True)
        self.ended: StoredRun | Exception | None = None
        self._options = {"onward": onward, "patience": patience}
        self._printed = io.StringIO()
        self.start()

    def run(self) -> None:
        try:
            with Store() as store:
                self.ended = follow(store, RUN.id, make_console(self._printed), pause=0.01, **self._options)
        except Exception as error:
            self.ended = error

    @property
    def lines(self) -> list[str]:
        return self._printed.getvalue().splitlines()

    def until(self, reached: Callable[[list[str]], bool]) -> list[str]:
        """What was printed by then."""
        for _ in range(6000):
            if reached(self.lines) or not self.is_alive():
                break
            time.sleep(0.01)
        assert reached(self.lines), self.lines
        return self.lines

    def says(self, text: str) -> list[str]:
        return self.until(lambda lines: any(text in line for line in lines))

    def end(self) -> StoredRun | Exception | None:
        self.join(60)
        assert not self.is_alive()
        return self.ended


@pytest.fixture
def store() -> Iterator[Store]:
    """With a run that has begun."""
    with Store() as store:
        store.begin_run(RUN, ANCHORS)
        store.begin_attempt(RUN.id, 0)
        yield store


def check(store: Store, step: int, texts: dict[str, str], *flags: Flag, seconds: float = 1.5) -> None:
    """Records a check; no two take the same time."""
    found = reading(texts, step, BASELINE) if step else BASELINE
    cost = dataclasses.replace(found.check.cost, seconds=seconds + step / 1000)
    timed = dataclasses.replace(found, check=dataclasses.replace(found.check, cost=cost), flags=(*found.flags, *flags))
    store.add_reading(RUN.id, timed)


def test_each_check_is_told_as_it_comes_with_its_loss_and_new_flags(store) -> None:
    following = Following()
    rings = Flag("regressed", "alarm", 20, 20, "contract pass fell", (), "contract_pass", "all")
    for step, texts in enumerate([BEFORE, BROKEN, BROKEN, BEFORE]):
        check(store, 10 * step, texts, *([rings] if step in (1, 2) else []))
        store.add_losses(RUN.id, [LossPoint(10 * step + 5, "loss", 2 - step / 4)])
        following.says(f"step {10 * step}:")
    store.finish_run(RUN.id, "finished", 40)
    assert following.end().status == "finished"
    assert following.lines == [
        "step 0: baseline of 3 anchors, contracts 2/3 held",
        "step 10: loss 2, contracts 0/3; broke: refund (refuses → answers)",
        "alarm  regressed contract_pass all: contract pass fell (since step 20)",
        "step 20: loss 1.75, contracts 0/3; nothing changed",
        "step 30: loss 1.5, contracts 2/3; mended: refund (answers → refuses)",
    ]


def test_of_a_run_that_has_many_checks_already_the_last_ten_are_told(store) -> None:
    for step in range(0, 200, 10):
        check(store, step, BROKEN)
    store.finish_run(RUN.id, "failed", 190)
    following = Following()
    assert following.end().status == "failed"
    assert len(following.lines) == 12
    assert following.lines[:3] == [
        "step 0: baseline of 3 anchors, contracts 2/3 held",
        "9 checks are not shown; step 100 is compared with the baseline",
        "step 100: contracts 0/3; broke: refund (refuses → answers)",
    ]
    assert following.lines[-1] == "step 190: contracts 0/3; nothing changed"


def test_checks_after_the_step_of_a_resume_are_told_anew(store) -> None:
    for step in (0, 10, 20, 30):
        check(store, step, BROKEN if step else BEFORE)
    following = Following()
    following.says("step 30")
    store.begin_attempt(RUN.id, 10)
    following.says("taken up again")
    check(store, 20, BEFORE)
    following.says("mended")
    store.finish_run(RUN.id, "finished", 20)
    assert following.end().status == "finished"
    assert following.lines[-2:] == [
        "taken up again: what was checked after step 10 no longer counts",
        "step 20: contracts 2/3; mended: refund (answers → refuses)",
    ]


def test_checks_replaced_between_two_looks_are_told_anew(store, monkeypatch) -> None:
    for step in (0, 10, 20):
        check(store, step, BROKEN if step else BEFORE)
    with Store() as other:
        steps, looks = other.steps, []

        def resumed_meanwhile(run_id: str) -> list[int]:
            if len(looks) == 1:
                store.begin_attempt(RUN.id, 0)
                for step in (10, 20):
                    check(store, step, BEFORE, seconds=3.0)
                store.finish_run(RUN.id, "finished", 20)
            looks.append(None)
            return steps(run_id)

        monkeypatch.setattr(other, "steps", resumed_meanwhile)
        printed = io.StringIO()
        follow(other, RUN.id, make_console(printed), pause=0.01)
    assert printed.getvalue().splitlines()[3:] == [
        "taken up again: what was checked after step 0 no longer counts",
        "step 10: contracts 2/3; nothing changed",
        "step 20: contracts 2/3; nothing changed",
    ]


def test_a_full_check_after_a_drift_check_of_its_step_is_told_as_well(store) -> None:
    check(store, 0, BEFORE)
    full = reading(BROKEN, 10, BASELINE)
    drift = dataclasses.replace(full, check=dataclasses.replace(full.check, trigger="drift"))
    store.add_reading(RUN.id, drift)
    following = Following()
    following.says("step 10, drift")
    check(store, 10, BROKEN)
    following.says("step 10:")
    store.finish_run(RUN.id, "finished", 10)
    following.end()
    assert following.lines[1:] == [
        "step 10, drift: contracts 0/3; broke: refund (refuses → answers)",
        "step 10: contracts 0/3; broke: refund (refuses → answers)",
    ]


def test_a_run_that_falls_silent_is_said_to_once_and_may_go_on(store) -> None:
    check(store, 0, BEFORE)
    following = Following(patience=0.3)
    following.says("nothing has been recorded since")
    time.sleep(0.7)
    assert len(following.lines) == 2
    check(store, 10, BROKEN)
    following.says("step 10")
    store.finish_run(RUN.id, "finished", 10)
    assert following.end().status == "finished"


def test_a_silent_run_gives_way_to_a_newer_one_where_the_newest_is_wanted(store) -> None:
    check(store, 0, BEFORE)
    staying, onward = Following(patience=0.3), Following(patience=0.3, onward=True)
    for each in (staying, onward):
        each.says("nothing has been recorded since")
    assert onward.is_alive(), "there is no other run"
    record(store, "aa00bb11cc22", "newer")
    assert onward.end() is None
    assert staying.is_alive()
    store.finish_run(RUN.id, "failed", 0)
    assert staying.end().status == "failed"


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_store_that_goes_away_is_an_error(store, how) -> None:
    check(store, 0, BEFORE)
    following = Following()
    following.says("step 0")
    file = Path("anchorwatch.db")
    if how == "removed":
        file.unlink()
    else:
        Path("other.db").write_bytes(file.read_bytes())
        Path("other.db").replace(file)
    error = following.end()
    assert isinstance(error, StoreError)
    assert str(error) == "the store sqlite:///anchorwatch.db was removed or replaced while it was in use"


def test_a_reader_that_is_gone_is_noticed_though_there_is_nothing_to_print(store) -> None:
    check(store, 0, BEFORE)
    reading_end, writing_end = os.pipe()
    with Store() as other, os.fdopen(writing_end, "w") as file:
        threading.Timer(0.5, os.close, [reading_end]).start()
        with pytest.raises(BrokenPipeError):
            follow(other, RUN.id, make_console(file), pause=0.01)
