"""A training that is cut off just when an alarm has rung, and goes on from its checkpoint."""

from __future__ import annotations

from typing import Any

import pytest
from transformers import TrainerCallback

from anchorwatch import AnchorWatch
from anchorwatch.records import Flag
from anchorwatch.store import Store
from behaving import MANY, Clock, recorded, rules, vanishing
from training import trainer


@pytest.fixture
def clock() -> Clock:
    return Clock()


class CutOff(TrainerCallback):
    """Ends a training as Ctrl-C does, as soon as an alarm is recorded."""

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if ("regressed", "alarm", "kept") in rules(recorded()[1][-1]):
            raise KeyboardInterrupt


def _saved_and_checked(clock: Clock, *others: Any, on_flag: Any = "stop") -> Any:
    """A trainer that saves every two steps, and is checked then, of which an alarm is due after step 5."""
    watch = AnchorWatch(MANY, every="save", budget=None, on_flag=on_flag, metrics=[vanishing(clock, 5)])
    trained = trainer(watch, callbacks=[clock], max_steps=40, save_strategy="steps", save_steps=2)
    for other in others:
        trained.add_callback(other)
    return trained


def test_a_stop_that_was_lost_comes_when_the_run_is_resumed(clock, capsys) -> None:
    cut_off = _saved_and_checked(clock, CutOff())
    with pytest.raises(KeyboardInterrupt):
        cut_off.train()
    step = cut_off.state.global_step
    capsys.readouterr()
    resumed = _saved_and_checked(clock)
    resumed.train(resume_from_checkpoint=True)
    assert resumed.state.global_step == step + 1
    said = " ".join(capsys.readouterr().err.split())
    why = f"regressed kept on all anchors (rang at step {step}, before the training was cut off)"
    assert f"anchorwatch: on_flag stops the training that goes on from step {step} of 40: {why}" in said
    assert f"on_flag stopped the training at step {step + 1} of 40: {why}" in said
    assert said.count("alarm regressed kept all:") == 1, "in the summary: it rang in the first part of the run"


def test_a_function_is_asked_again_of_what_it_may_not_have_answered(clock) -> None:
    heard: list[tuple[str, int]] = []

    def on_flag(flag: Flag) -> str:
        heard.append((flag.rule, flag.step))
        return "stop" if flag.level == "alarm" else "log"

    with pytest.raises(KeyboardInterrupt):
        _saved_and_checked(clock, CutOff(), on_flag=on_flag).train()
    alarm = recorded()[1][-1].step
    heard.clear()
    resumed = _saved_and_checked(clock, on_flag=on_flag)
    resumed.train(resume_from_checkpoint=True)
    assert heard == [("regressed", alarm)]
    assert resumed.state.global_step == alarm + 1


def test_a_run_that_was_stopped_goes_on_when_it_is_resumed_on_purpose(clock) -> None:
    stopped = _saved_and_checked(clock)
    stopped.train()
    step = stopped.state.global_step

    class Dies(TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == step + 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _saved_and_checked(clock, Dies()).train(resume_from_checkpoint=True)
    again = _saved_and_checked(clock)
    again.train(resume_from_checkpoint=True)
    assert step < again.state.global_step == 40
    with Store() as store:
        assert len(store.runs()) == 1
