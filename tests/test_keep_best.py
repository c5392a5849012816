"""Which checkpoint is kept: in a real training, in one that is resumed, and in one that branches off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import TrainerCallback

from anchorwatch import AnchorWatch
from anchorwatch.errors import ConfigurationError
from anchorwatch.metrics import Measured, Metric
from behaving import MANY, Clock, course, vanishing
from training import steps_of, trainer


@pytest.fixture
def clock() -> Clock:
    return Clock()


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
    assert (
        "keep_best: of 6 checks, boundary/course was best at step 6, 0.8 (at the baseline 0.5): out/checkpoint-6"
        in said
    )


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


def test_two_watches_cannot_both_choose_the_best_checkpoint(anchor_set) -> None:
    first = AnchorWatch(anchor_set, keep_best="risk/contract_pass", verbose=False)
    second = AnchorWatch(MANY, keep_best="all/rep_4", verbose=False)
    with pytest.raises(ConfigurationError, match="another watch's keep_best='risk/contract_pass'"):
        trainer(second, callbacks=[first]).train()


def test_two_choices_of_the_best_checkpoint_are_one_too_many(anchor_set) -> None:
    watch = AnchorWatch(anchor_set, keep_best="risk/contract_pass", verbose=False)
    trained = trainer(watch, eval_strategy="steps", eval_steps=2, metric_for_best_model="loss")
    with pytest.raises(ConfigurationError, match="cannot both choose the best checkpoint"):
        trained.train()


def test_a_branch_of_a_stopped_run_keeps_the_best_checkpoint(clock, capsys) -> None:
    values = {0: 0.5, 2: 0.9, **dict.fromkeys(range(4, 13, 2), 0.4)}

    def train(on_flag: Any, **resumed: Any) -> Any:
        metrics = [course(clock, values), vanishing(clock, 6)]
        watch = AnchorWatch(MANY, every=2, on_flag=on_flag, keep_best="all/course", metrics=metrics)
        saves = {"save_strategy": "steps", "save_steps": 4, "save_total_limit": 2}
        trained = trainer(watch, callbacks=[clock], max_steps=12, **saves)
        trained.train(**resumed)
        return trained.state

    assert 4 < train("stop").global_step < 12
    state = train("log", resume_from_checkpoint="out/checkpoint-4")
    assert steps_of() == list(range(0, 13, 2))
    assert (state.best_global_step, state.best_metric) == (2, pytest.approx(0.9))
    assert Path(state.best_model_checkpoint) == Path("out/checkpoint-2")
    assert {path.name for path in Path("out").glob("checkpoint-*")} == {"checkpoint-2", "checkpoint-12"}
    assert "keep_best: of 6 checks, all/course was best at step 2" in " ".join(capsys.readouterr().err.split())


def test_the_default_budget_leaves_out_no_check_that_chooses_the_checkpoint(clock, capsys) -> None:
    values = {step: 0.9 if step < 4 else 0.2 for step in range(7)}
    watch = AnchorWatch(MANY, keep_best="all/course", metrics=[course(clock, values)])
    trained = trainer(watch, callbacks=[clock])
    trained.train()
    assert steps_of() == list(range(7))
    assert trained.state.best_global_step == 3
    assert "of 6 checks, all/course was best at step 3, 0.9" in " ".join(capsys.readouterr().err.split())


def test_the_only_check_is_not_called_the_best(clock, capsys) -> None:
    watch = AnchorWatch(MANY, every=6, keep_best="all/course", metrics=[course(clock, {0: 0.9, 6: 0.2})])
    trainer(watch, callbacks=[clock]).train()
    said = " ".join(capsys.readouterr().err.split())
    assert "keep_best: the only check of all/course was at step 6, 0.2 (at the baseline 0.9): out/checkpoint-6" in said


def test_a_resumed_training_that_cannot_be_watched_keeps_the_best_checkpoint(clock, caplog) -> None:
    def fails(model: Any) -> Any:
        def refuse(module: Any, *_: Any) -> None:
            if not module.training:
                raise OSError("no answer")

        model.register_forward_pre_hook(refuse)
        return model

    def train(steps: int, store: str | None = None, resumed: str | None = None, **arguments: Any) -> Any:
        metrics = [course(clock, {0: 0.5, 2: 0.9, 4: 0.6})]
        watch = AnchorWatch(MANY, every=2, keep_best="all/course", metrics=metrics, store=store, verbose=False)
        saves = {"save_strategy": "steps", "save_steps": 4, "save_total_limit": 2}
        trained = trainer(watch, callbacks=[clock], max_steps=steps, **saves, **arguments)
        trained.train(resume_from_checkpoint=resumed)
        return trained.state

    train(4)
    state = train(8, store="sqlite:///other.db", resumed="out/checkpoint-4", adapt=fails)
    assert "this run is not watched" in caplog.text
    assert state.best_global_step == 2
    assert {path.name for path in Path("out").glob("checkpoint-*")} == {"checkpoint-2", "checkpoint-8"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("all/contract_pass", "no anchor of 'all' has a contract; allowed for this group: all/truncated, all/rep_4"),
        ("boundary/format", "no anchor of 'boundary' has a contract of form"),
        ("all/json_schema", "no anchor of 'all' has a JSON schema"),
        ("all/preference", "no anchor of 'all' has a chosen and a rejected answer"),
        ("all/rejected_logprob", "no anchor of 'all' has a rejected answer"),
        ("eval_anchors/all/reference_logprob", "no anchor of 'all' has a reference answer"),
    ],
)
def test_a_behaviour_that_a_set_can_never_show_is_refused(name, message) -> None:
    with pytest.raises(ConfigurationError) as raised:
        AnchorWatch(MANY, keep_best=name)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "contract_pass, " not in str(raised.value)


def test_what_one_group_has_is_not_what_another_has(anchor_set) -> None:
    AnchorWatch(anchor_set, keep_best="tag_refund/preference")
    AnchorWatch(anchor_set, keep_best="core/reference_logprob")
    with pytest.raises(ConfigurationError, match="no anchor of 'boundary' has a chosen and a rejected answer"):
        AnchorWatch(anchor_set, keep_best="boundary/preference")


def test_a_metric_without_a_value_at_the_baseline_is_told_before_training_and_after_it(clock, caplog) -> None:
    late = Metric("late", lambda anchor, output, baseline: Measured(None, "not yet"), higher_is_better=True)
    watch = AnchorWatch(MANY, every=2, keep_best="all/late", metrics=[late], verbose=False)
    seen: list[str] = []

    class Looks(TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            seen.append(caplog.text)

    trainer(watch, callbacks=[Looks()]).train()
    told = "keep_best='all/late': no value at the baseline (not yet); no checkpoint is kept before a check has one"
    assert seen[0].count(told) == caplog.text.count(told) == 1
    assert "keep_best: no checkpoint was kept, all/late was not measured after the baseline" in caplog.text


def test_a_resumed_run_is_told_only_while_nothing_was_measured(clock, caplog) -> None:
    """A metric against the baseline has no value there, and one at every other check."""
    against = Metric(
        "against", lambda anchor, output, baseline: None if baseline is None else 1.0, higher_is_better=True
    )

    def train(steps: int, **resumed: Any) -> None:
        watch = AnchorWatch(MANY, every=2, keep_best="all/against", metrics=[against], verbose=False)
        trainer(watch, max_steps=steps, save_strategy="steps", save_steps=2).train(**resumed)

    train(4)
    assert caplog.text.count("no value at the baseline (no score)") == 1
    train(6, resume_from_checkpoint="out/checkpoint-4")
    assert caplog.text.count("no value at the baseline") == 1
    assert "no checkpoint was kept" not in caplog.text
