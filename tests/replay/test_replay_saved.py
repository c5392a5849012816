"""Checkpoints of a training are asked as the training's own watch asked the model."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from peft import LoraConfig, PromptTuningConfig
from replay_samples import LORA, SET, answers, readings, train, watched
from transformers import AutoModelForCausalLM

from anchorwatch.store import Store
from anchorwatch.testing import tiny_model, tiny_tokenizer

PISSA = LoraConfig(r=4, target_modules=["q_proj"], init_lora_weights="pissa", task_type="CAUSAL_LM")
PROMPT = PromptTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM")


@pytest.mark.parametrize("adapter", [None, LORA, PISSA, PROMPT], ids=["full", "lora", "pissa", "prompt tuning"])
def test_a_replay_sees_what_a_live_watch_saw(replay, adapter) -> None:
    train(adapter, watched(baseline_samples=2))
    done = replay("out", "--baseline-samples", "2", *([] if adapter else ["--base", "base"]))
    assert done.code == 0, done.err
    live, replayed = readings("live"), readings("out")
    assert [each.step for each in replayed] == [0, 2, 4, 6]
    later = [each for each in live if each.step or adapter in (None, LORA)]  # others begin with an adapter that answers
    assert answers(later).items() <= answers(replayed).items()
    assert len({repr(each) for each in answers(replayed).values()}) > 1  # training changed something
    with Store() as store:
        losses = [store.losses(store.run(name).info.id) for name in ("live", "out")]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 6
    if adapter in (None, LORA):
        for one, other in zip(live, replayed, strict=True):
            assert [each.samples for each in one.check.outputs] == [each.samples for each in other.check.outputs]
            assert [each.epoch for each in (one.check, other.check)] == [one.check.epoch] * 2 or one.step == 0
            assert one.contracts == other.contracts
            assert [flag.key for flag in one.flags] == [flag.key for flag in other.flags]


def test_a_replayed_run_is_compared_shown_and_reported_beside_a_live_one(replay, cli) -> None:
    train(LORA, watched())
    assert replay("out").code == 0
    compared = cli("compare", "live", "out", "--json")
    assert compared.code == 0, compared.err
    (against,) = compared.json["against"]
    assert against["causes"] == []
    assert "checks.replayed" in {each["name"] for each in against["measured"]}
    assert {"hyper-parameters", "training data"} <= set(against["unrecorded"])
    assert "base model" not in against["unrecorded"]
    shown = cli("show", "out")
    assert shown.code == 0
    assert "loss" in shown.out
    assert cli("judge", "out").code == 0
    assert cli("report", "live", "out", "-o", "both.html").code == 0
    with Store() as store:
        factors = store.run("out").info.factors
        live = store.run("live").info.factors
    assert factors["model.id"] == live["model.id"] == "base"
    assert factors["checks.replayed"] == "out"
    assert {name: value for name, value in factors.items() if name.startswith("adapter.r")} == {"adapter.r": 4}
    assert not any(name.startswith(("args.", "data.", "code.")) for name in factors)


def test_what_did_not_change_is_verified_not_generated(replay) -> None:
    train()
    shutil.copytree("out/checkpoint-6", "out/checkpoint-8")
    assert replay("out", "--base", "base").code == 0
    baseline, *_, last, same = (each.check for each in readings("out"))
    assert same.generated_because == last.generated_because == ""
    assert same.cost.departed == 0
    assert same.cost.forward_calls < baseline.cost.forward_calls
    assert last.cost.departed is not None


def test_folders_are_asked_in_the_order_of_their_steps(replay) -> None:
    train()
    shutil.move("out/checkpoint-2", "out/checkpoint-10")
    done = replay(*sorted(map(str, Path("out").glob("checkpoint-*"))))
    assert done.code == 0
    assert [each.step for each in readings("out")] == [4, 6, 10]
    assert "the baseline is out/checkpoint-4, the first one" in done.err


def test_models_without_a_step_in_their_names_are_numbered(replay) -> None:
    for seed in (1, 2):
        tiny_model(seed=seed).save_pretrained(f"model-{seed}")
        tiny_tokenizer().save_pretrained(f"model-{seed}")
    done = replay("model-2", "model-1", "--base", "base")
    assert done.code == 0
    assert "they count as steps 1 to 2, in the order given" in done.err
    assert "there are no losses to record" in done.err
    together = answers(readings("model-1"))
    assert replay("model-1", "--base", "base", "--name", "alone").code == 0
    alone = answers(readings("alone"))
    assert (together[0], together[2]) == (alone[0], alone[1])


def test_an_adapter_leaves_nothing_behind_for_the_next_one(replay) -> None:
    other = LoraConfig(r=2, target_modules="all-linear", modules_to_save=["lm_head"], task_type="CAUSAL_LM")
    train(LORA, out="one")
    train(other, out="two")
    paths = ["one/checkpoint-6", "two/checkpoint-6"]
    for order, name in ((paths, "forward"), (paths[::-1], "back")):
        assert replay(*order, "--name", name).code == 0
    forward, back = (answers(readings(name)) for name in ("forward", "back"))
    assert (forward[1], forward[2]) == (back[2], back[1])
    assert forward[1] != forward[2]
    with Store() as store:
        factors = store.run("forward").info.factors
    assert "adapter.r" not in factors  # it is not the same for both
    assert factors["adapter.peft_type"] == "LORA"


def test_the_base_model_is_asked_with_the_tokenizer_that_it_was_trained_with(replay) -> None:
    bare = tiny_tokenizer()
    bare.chat_template = None
    for left in Path("base").glob("*token*"):
        left.unlink()
    Path("base/chat_template.jinja").unlink(missing_ok=True)
    bare.save_pretrained("base")
    train()
    assert replay("out", "--base", "base").code == 0
    assert [each.step for each in readings("out")] == [0, 2, 4, 6]


def test_tokens_added_for_training_have_room_in_the_base_model(replay) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.add_tokens(["<|extra|>"])
    tokenizer.save_pretrained("grown")
    model = AutoModelForCausalLM.from_pretrained("base")
    model.resize_token_embeddings(len(tokenizer))
    model.save_pretrained("grown")
    Path(SET).write_text("name: shop\nanchors:\n- {id: a, kind: core, prompt: '<|extra|>', max_new_tokens: 4}\n")
    done = replay("grown", "--base", "base")
    assert done.code == 0, done.err
    assert [each.check.generated_because for each in readings("grown")][1] == ""


def test_another_tokenizer_is_no_reason_to_call_something_drift(replay) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.add_tokens(["refund me"])
    tokenizer.save_pretrained("other")
    model = tiny_model(seed=3)
    model.resize_token_embeddings(len(tokenizer))
    model.save_pretrained("other")
    tiny_model("gpt2").save_pretrained("gpt2")
    tiny_tokenizer().save_pretrained("gpt2")
    tiny_model(seed=4).save_pretrained("alike")
    tiny_tokenizer().save_pretrained("alike")
    assert replay("alike", "other", "gpt2").code == 0
    baseline, other, gpt2 = readings("gpt2")
    assert other.check.generated_because == "the baseline has another tokenizer"
    assert gpt2.check.generated_because == "the baseline is of another architecture"
    for metric in ("logprob_lost", "kl", "greedy_kept", "margin"):
        assert baseline.score("hours", metric) is not None
        assert other.score("hours", metric).value is None
        assert gpt2.score("hours", metric).value is not None
    assert other.score("late-refund", "preference").value is not None
    assert other.score("hours", "changed").value is True
