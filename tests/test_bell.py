"""The bell in a real training: what is judged while it runs, what a flag does, and which checkpoint is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import TrainerCallback

from anchorwatch import AnchorWatch
from anchorwatch.anchors import AnchorSet, load
from anchorwatch.errors import ConfigurationError
from anchorwatch.judge.run import judge_run
from anchorwatch.metrics import Metric
from anchorwatch.records import Flag, Reading, RunInfo
from anchorwatch.store import Store
from training import steps_of, trainer

MANY: AnchorSet = load(
    [{"id": f"a{n}", "kind": "boundary", "prompt": f"order {n}", "max_new_tokens": 4} for n in range(24)]
)


KEPT = {"kind": "risk", "prompt": "?", "expect": {"metrics": {"kept": {"min": 1}}}, "max_new_tokens": 3}
"""All but the id of an anchor whose contract is the metric `kept`."""


class Clock(TrainerCallback):
    """Knows the step at which a metric is asked."""

    step = 0

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.step = state.global_step + 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


def vanishing(clock: Clock, at: int) -> Metric:
    """A yes/no metric of one's own that all anchors pass before step `at`, and none from there on."""
    return Metric("kept", lambda anchor, output, baseline: clock.step < at, higher_is_better=True)


def course(clock: Clock, values: dict[int, float]) -> Metric:
    """A number that is the same for all anchors and given by step."""
    return Metric("course", lambda anchor, output, baseline: values[clock.step], higher_is_better=True)


def recorded() -> tuple[RunInfo, list[Reading], dict[int, tuple[Flag, ...]]]:
    """The run, its checks, and its flags judged again from the store."""
    with Store() as store:
        run = store.run("latest").info
        readings = store.readings(run.id)
        again = judge_run(store.anchor_set(run.id).anchors, readings, store.losses(run.id), run.factors)
    return run, readings, again


def rules(reading: Reading) -> set[tuple[str, str, str]]:
    return {(flag.rule, flag.level, flag.metric) for flag in reading.flags}


def test_flags_of_a_training_are_those_of_the_store_judged_again(clock, capsys) -> None:
    watch = AnchorWatch(MANY, every=2, drift_every=1, metrics=[vanishing(clock, 11)])
    trainer(watch, callbacks=[clock], max_steps=20).train()
    run, readings, again = recorded()
    assert {reading.step: reading.flags for reading in readings} == again
    assert run.factors["checks.planned"] == len(readings) - 1 == 20
    assert run.factors["direction.kept"] == "higher"
    assert not any(rule == "regressed" for reading in readings if reading.step < 11 for rule, _, _ in rules(reading))
    assert ("regressed", "alarm", "kept") in rules(readings[-1])
    said = " ".join(capsys.readouterr().err.split())
    assert "is seen with probability" in said.split("baseline of")[0]
    assert said.count("alarm regressed kept all: kept on all anchors fell from 100% to") == 2, (
        "once, and in the summary"
    )


def test_every_anchor_has_sampled_answers_at_the_baseline(anchor_set) -> None:
    trainer(AnchorWatch(anchor_set, every=3, baseline_samples=3, verbose=False)).train()
    _, readings, _ = recorded()
    assert [len(output.samples) for output in readings[0].check.outputs] == [3] * len(anchor_set)
    assert all(output.samples == () for reading in readings[1:] for output in reading.check.outputs)
    assert not [a for a in readings[0].aggregates if a.metric == "sample_agreement" and a.value is not None]


def test_an_alarm_stops_the_training_at_its_step(clock) -> None:
    watch = AnchorWatch(MANY, every=2, on_flag="stop", metrics=[vanishing(clock, 5)], verbose=False)
    trained = trainer(watch, callbacks=[clock], max_steps=60)
    trained.train()
    _, readings, _ = recorded()
    alarmed = [reading.step for reading in readings if ("regressed", "alarm", "kept") in rules(reading)]
    assert alarmed == [trained.state.global_step]
    assert trained.state.global_step < 20
    with Store() as store:
        assert store.run("latest").status == "finished"


def test_an_alarm_saves_a_checkpoint_once(clock) -> None:
    watch = AnchorWatch(MANY, every=2, on_flag="save", metrics=[vanishing(clock, 5)], verbose=False)
    trainer(watch, callbacks=[clock], max_steps=16).train()
    _, readings, _ = recorded()
    first = next(reading.step for reading in readings if ("regressed", "alarm", "kept") in rules(reading))
    assert [path.name for path in Path("out").glob("checkpoint-*")] == [f"checkpoint-{first}"]


def test_a_function_hears_every_new_flag_and_decides(clock, caplog) -> None:
    heard: list[Flag] = []

    def decides(flag: Flag) -> Any:
        heard.append(flag)
        return {"a0": None, "a1": ["stop"]}.get(flag.anchor_ids[0]) if clock.step < 6 else "stop"

    watch = AnchorWatch(
        [{"id": f"a{n}", **KEPT} for n in range(3)],
        every=2,
        on_flag=decides,
        metrics=[vanishing(clock, 3)],
        verbose=False,
    )
    trained = trainer(watch, callbacks=[clock], max_steps=8)
    trained.train()
    assert [(flag.rule, flag.anchor_ids, flag.step) for flag in heard] == [
        ("contract_broken", (f"a{n}",), 4) for n in range(3)
    ]
    assert trained.state.global_step == 8
    assert "on_flag returned ['stop']; allowed: None, 'log', 'stop', 'save'" in caplog.text


def test_a_function_that_fails_costs_a_warning(clock, caplog) -> None:
    rows = [
        {"id": "a", "kind": "risk", "prompt": "?", "expect": {"metrics": {"kept": {"min": 1}}}, "max_new_tokens": 3}
    ]
    watch = AnchorWatch(rows, every=2, on_flag=lambda flag: 1 / 0, metrics=[vanishing(clock, 3)], verbose=False)
    trained = trainer(watch, callbacks=[clock])
    trained.train()
    assert trained.state.global_step == 6
    assert "on_flag failed at contract_broken: ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("saving", "stay"),
    [
        ({"save_strategy": "no"}, {6}),
        ({"save_strategy": "steps", "save_steps": 5, "save_total_limit": 1}, {6}),
        ({"save_strategy": "epoch", "save_total_limit": 2}, {6, 12}),
    ],
)
def test_the_checkpoint_before_a_behaviour_turned_is_kept(saving, stay, clock, capsys) -> None:
    values = {0: 0.5, 2: 0.6, 4: 0.8, 6: 0.8, 8: 0.2, 10: 0.3, 12: 0.3}
    watch = AnchorWatch(MANY, every=2, keep_best="boundary/course", metrics=[course(clock, values)])
    trained = trainer(watch, callbacks=[clock], max_steps=12, **saving)
    trained.train()
    kept = {int(path.name.split("-")[1]) for path in Path("out").glob("checkpoint-*")}
    assert kept >= stay
    assert "save_total_limit" not in saving or len(kept) <= 2
    assert (trained.state.best_global_step, trained.state.best_metric) == (6, pytest.approx(0.8))
    assert Path(trained.state.best_model_checkpoint) == Path("out/checkpoint-6")
    said = " ".join(capsys.readouterr().err.split())
    assert "keep_best: boundary/course was best at step 6, 0.8 (at the baseline 0.5): out/checkpoint-6" in said


def test_a_resumed_run_remembers_the_best_checkpoint(clock) -> None:
    values = {0: 0.5, 2: 0.9, 4: 0.6, 6: 0.7, 8: 0.8}

    def train(steps: int, **resumed: Any) -> Any:
        watch = AnchorWatch(MANY, every=2, keep_best="all/course", metrics=[course(clock, values)], verbose=False)
        trained = trainer(watch, callbacks=[clock], max_steps=steps, save_strategy="steps", save_steps=4)
        trained.train(**resumed)
        return trained.state

    train(4)
    state = train(8, resume_from_checkpoint="out/checkpoint-4")
    assert steps_of() == [0, 2, 4, 6, 8]
    assert (state.best_global_step, Path(state.best_model_checkpoint).name) == (2, "checkpoint-2")


def test_a_check_made_after_its_checkpoint_is_remembered_by_a_resumed_run(clock) -> None:
    """With every="save" the checkpoint is written before its check, and cannot know what it found."""
    values = {0: 0.5, 2: 0.4, 4: 0.9, 6: 0.7, 8: 0.6}

    def train(steps: int, **resumed: Any) -> Any:
        watch = AnchorWatch(MANY, every="save", keep_best="all/course", metrics=[course(clock, values)], verbose=False)
        saves = {"save_strategy": "steps", "save_steps": 2, "save_total_limit": 2}
        trained = trainer(watch, callbacks=[clock], max_steps=steps, **saves)
        trained.train(**resumed)
        return trained.state

    train(4)
    state = train(8, resume_from_checkpoint="out/checkpoint-4")
    assert (state.best_global_step, state.best_metric) == (4, pytest.approx(0.9))
    assert sorted(path.name for path in Path("out").glob("checkpoint-*")) == ["checkpoint-4", "checkpoint-8"]


def test_drift_checks_keep_no_checkpoint(clock) -> None:
    values = dict.fromkeys(range(7), 1.0)
    watch = AnchorWatch(
        MANY, every=3, drift_every=1, keep_best="all/course", metrics=[course(clock, values)], verbose=False
    )
    trainer(watch, callbacks=[clock]).train()
    assert sorted(path.name for path in Path("out").glob("checkpoint-*")) == ["checkpoint-3", "checkpoint-6"]


def test_a_checkpoint_that_the_trainer_forgets_is_asked_for_again(clock) -> None:
    """`save_strategy="best"` overwrites what a callback asked for whenever it evaluates."""
    best = {"save_strategy": "best", "metric_for_best_model": "loss", "greater_is_better": True}
    watch = AnchorWatch(MANY, every=2, on_flag="save", metrics=[vanishing(clock, 5)], verbose=False)
    trainer(watch, callbacks=[clock], max_steps=14, eval_strategy="steps", eval_steps=2, **best).train()
    _, readings, _ = recorded()
    first = next(reading.step for reading in readings if ("regressed", "alarm", "kept") in rules(reading))
    assert Path(f"out/checkpoint-{first + 1}").is_dir()


def test_a_run_that_goes_on_longer_than_planned_is_judged_as_one_of_its_length(anchor_set) -> None:
    saves = {"save_strategy": "steps", "save_steps": 4}
    trainer(AnchorWatch(anchor_set, every=2, verbose=False), max_steps=4, **saves).train()
    own = Metric("own", lambda anchor, output, baseline: 1.0, higher_is_better=False)
    longer = AnchorWatch(anchor_set, every=2, metrics=[own], verbose=False)
    trainer(longer, max_steps=12, **saves).train(resume_from_checkpoint="out/checkpoint-4")
    run, _, _ = recorded()
    assert run.factors["checks.planned"] == 6
    assert run.factors["direction.own"] == "lower"


def test_a_branch_remembers_the_losses_before_it(anchor_set) -> None:
    saves = {"save_strategy": "steps", "save_steps": 4}
    trainer(AnchorWatch(anchor_set, every=2, verbose=False), max_steps=8, **saves).train()
    again = trainer(AnchorWatch(anchor_set, every=2, verbose=False), max_steps=8, **saves)
    again.train(resume_from_checkpoint="out/checkpoint-4")
    with Store() as store:
        branch = store.run("latest").info
        assert "branched_from" in branch.factors
        assert {point.step for point in store.losses(branch.id)} == set(range(1, 9))


def test_two_watches_cannot_both_choose_the_best_checkpoint(anchor_set) -> None:
    first = AnchorWatch(anchor_set, keep_best="risk/contract_pass", verbose=False)
    second = AnchorWatch(MANY, keep_best="all/rep_4", verbose=False)
    with pytest.raises(ConfigurationError, match="another watch's keep_best='risk/contract_pass'"):
        trainer(second, callbacks=[first]).train()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on_flag": "stpo"}, "unknown on_flag 'stpo'; allowed: 'log', 'stop', 'save', or a function of a flag"),
        ({"keep_best": "risk/contract_pas"}, "did you mean 'risk/contract_pass'?"),
        ({"keep_best": "core/tokens"}, "keep_best='core/tokens': neither direction of it is better"),
        ({"baseline_samples": -1}, "baseline_samples is a number of answers, at least 0; found -1"),
    ],
)
def test_what_cannot_work_is_said_before_training(options, message, anchor_set) -> None:
    with pytest.raises(ConfigurationError) as raised:
        AnchorWatch(anchor_set, **options)
    assert message in str(raised.value)


def test_two_choices_of_the_best_checkpoint_are_one_too_many(anchor_set) -> None:
    watch = AnchorWatch(anchor_set, keep_best="risk/contract_pass", verbose=False)
    trained = trainer(watch, eval_strategy="steps", eval_steps=2, metric_for_best_model="loss")
    with pytest.raises(ConfigurationError, match="cannot both choose the best checkpoint"):
        trained.train()
