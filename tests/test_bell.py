"""The bell in a real training: what is judged while it runs, and what a flag does."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from anchorwatch import AnchorWatch
from anchorwatch.errors import ConfigurationError
from anchorwatch.metrics import Metric
from anchorwatch.records import Flag
from anchorwatch.store import Store
from behaving import MANY, Clock, recorded, rules, vanishing
from training import trainer

KEPT = {"kind": "risk", "prompt": "?", "expect": {"metrics": {"kept": {"min": 1}}}, "max_new_tokens": 3}
"""All but the id of an anchor whose contract is the metric `kept`."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


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


def test_a_stop_is_told_when_it_comes_in_the_summary_and_by_the_store(clock, capsys, cli) -> None:
    watch = AnchorWatch(MANY, every=2, on_flag="stop", metrics=[vanishing(clock, 5)])
    trained = trainer(watch, callbacks=[clock], max_steps=60)
    trained.train()
    step = trained.state.global_step
    stopped = f"on_flag stopped the training at step {step} of 60: regressed kept on all anchors"
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "on_flag" in line] == [f"anchorwatch: {stopped}", stopped]
    rang = next(number for number, line in enumerate(said) if line.startswith("alarm"))
    assert said[rang + 1] == f"anchorwatch: {stopped}"
    assert f"finished, step {step} (stopped by on_flag), began" in cli("show").out
    assert recorded()[0].factors["on_flag.stopped_at"] == step


def test_without_a_console_a_stop_is_a_warning(clock, caplog) -> None:
    watch = AnchorWatch(MANY, every=2, on_flag="stop", metrics=[vanishing(clock, 5)], verbose=False)
    trainer(watch, callbacks=[clock], max_steps=60).train()
    told = [record.levelname for record in caplog.records if "on_flag stopped the training at step" in record.message]
    assert told == ["WARNING"]


def test_an_alarm_at_the_last_step_stops_nothing(clock, capsys) -> None:
    watch = AnchorWatch(MANY, every=2, on_flag="stop", metrics=[vanishing(clock, 5)])
    trainer(watch, callbacks=[clock], max_steps=8).train()
    run, readings, _ = recorded()
    assert ("regressed", "alarm", "kept") in rules(readings[-1])
    assert "on_flag" not in capsys.readouterr().err
    assert "on_flag.stopped_at" not in run.factors


def test_an_alarm_saves_a_checkpoint_once(clock, caplog) -> None:
    caplog.set_level(logging.INFO, "anchorwatch")
    watch = AnchorWatch(MANY, every=2, on_flag="save", metrics=[vanishing(clock, 5)], verbose=False)
    trainer(watch, callbacks=[clock], max_steps=16).train()
    _, readings, _ = recorded()
    first = next(reading.step for reading in readings if ("regressed", "alarm", "kept") in rules(reading))
    assert [path.name for path in Path("out").glob("checkpoint-*")] == [f"checkpoint-{first}"]
    told = [(record.levelname, record.message) for record in caplog.records if "on_flag" in record.message]
    assert told == [("INFO", f"on_flag saved out/checkpoint-{first}: regressed kept on all anchors")]


def test_a_checkpoint_that_was_written_before_its_check_is_told_too(clock, capsys) -> None:
    watch = AnchorWatch(MANY, every="save", budget=None, on_flag="save", metrics=[vanishing(clock, 5)])
    trainer(watch, callbacks=[clock], max_steps=16, save_strategy="steps", save_steps=2).train()
    _, readings, _ = recorded()
    first = next(reading.step for reading in readings if ("regressed", "alarm", "kept") in rules(reading))
    said = [line for line in capsys.readouterr().err.splitlines() if "on_flag" in line]
    assert said == [f"anchorwatch: on_flag saved out/checkpoint-{first}: regressed kept on all anchors"]


@pytest.mark.parametrize(
    ("on_flag", "limit", "warnings"), [("save", 2, 1), ("save", None, 0), ("stop", 2, 0), ("log", 2, 0)]
)
def test_a_limit_that_deletes_the_checkpoint_of_a_flag_is_told_before_training(
    on_flag, limit, warnings, anchor_set, caplog
) -> None:
    watch = AnchorWatch(anchor_set, every=3, on_flag=on_flag, verbose=False)
    trainer(watch, save_strategy="steps", save_steps=2, save_total_limit=limit).train()
    assert caplog.text.count("on_flag='save' with save_total_limit=2: the trainer deletes") == warnings


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


def test_a_branch_is_judged_from_what_its_run_had_seen(clock) -> None:
    heard: list[Flag] = []

    def train(**resumed: Any) -> None:
        watch = AnchorWatch(MANY, every=2, on_flag=heard.append, metrics=[vanishing(clock, 5)], verbose=False)
        trainer(watch, callbacks=[clock], max_steps=16, save_strategy="steps", save_steps=12).train(**resumed)

    train()
    first, before, _ = recorded()
    alarm = ("regressed", "alarm", "kept")
    assert alarm in {(flag.rule, flag.level, flag.metric) for flag in heard if flag.step <= 12}
    heard.clear()
    train(resume_from_checkpoint="out/checkpoint-12")
    branch, readings, again = recorded()
    assert branch.factors["branched_from"] == f"{first.id} at step 12"
    assert readings[:-2] == before[:-2], "a copy of what the first run recorded until then"
    assert {reading.step: reading.flags for reading in readings} == again
    assert alarm in rules(readings[-1])
    assert alarm not in {(flag.rule, flag.level, flag.metric) for flag in heard}, "it rang in the first run"


def test_a_budget_that_leaves_on_flag_nothing_to_stop_says_so(anchor_set, caplog) -> None:
    trainer(AnchorWatch(anchor_set, on_flag="stop", budget=1e-9, verbose=False)).train()
    assert (
        caplog.text.count(
            "are left out, and on_flag can act at the last step alone, where one check is no alarm; raise budget="
        )
        == 1
    )


async def _awaited(*_: Any) -> str:
    return "stop"


class _Awaited:
    async def __call__(self, flag: Flag) -> str:
        return "stop"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on_flag": "stpo"}, "unknown on_flag 'stpo'; allowed: 'log', 'stop', 'save', or a function of a flag"),
        ({"on_flag": _awaited}, "must be awaited, which a training does not; allowed: 'log', 'stop', 'save', or a f"),
        ({"on_flag": partial(_awaited, 1)}, "must be awaited"),
        ({"on_flag": _Awaited()}, "must be awaited"),
        ({"keep_best": "risk/contract_pas"}, "did you mean 'risk/contract_pass'?"),
        ({"keep_best": "core/tokens"}, "keep_best='core/tokens': neither direction of it is better"),
        ({"baseline_samples": -1}, "baseline_samples is a number of answers, at least 0; found -1"),
    ],
)
def test_what_cannot_work_is_said_before_training(options, message, anchor_set) -> None:
    with pytest.raises(ConfigurationError) as raised:
        AnchorWatch(anchor_set, **options)
    assert message in str(raised.value)
