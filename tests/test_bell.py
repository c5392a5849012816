"""The bell in a real training: what is judged while it runs, and what a flag does."""

from __future__ import annotations

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
    assert caplog.text.count("are left out, and on_flag can act at the last step alone; raise budget=") == 1


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
