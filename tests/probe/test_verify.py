"""A check by verification says what `generate` says, and asks the model no more than it must."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, Gemma2Config

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.probe import Probe, undisturbed
from anchorwatch.probe.batches import Batches
from anchorwatch.probe.generate import decoding
from anchorwatch.probe.plain import generate_all
from anchorwatch.records import Check
from anchorwatch.testing import tiny_model, tiny_tokenizer

ARCHITECTURES = ["llama", "qwen2", "gpt2", "gemma"]
SYSTEM = "You are the assistant of a shop."


@pytest.fixture
def anchors() -> AnchorSet:
    """Nine anchors: seven with one system prompt, two with others; answers of several lengths."""
    rows = [
        {"id": f"a{n}", "kind": "core", "system": SYSTEM, "prompt": f"Order {n * n}?", "max_new_tokens": 10 + 3 * n}
        for n in range(7)
    ]
    rows[1] |= {"reference": "At nine.", "chosen": "At nine.", "rejected": "Never, I am afraid."}
    rows[2] |= {"samples": 2}
    rows += [
        {"id": "other", "kind": "risk", "system": "Be brief.", "prompt": "Refund me.", "max_new_tokens": 16},
        {"id": "none", "kind": "boundary", "prompt": "Hi", "max_new_tokens": 1},
    ]
    return load(rows)


def _model(architecture: str, window: int = 4096) -> Any:
    if architecture != "gemma":
        return tiny_model(architecture)
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    ids = {"vocab_size": 259, "pad_token_id": 0, "eos_token_id": 2, "bos_token_id": None}
    config = Gemma2Config(num_key_value_heads=2, head_dim=8, sliding_window=window, **size, **ids)
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(config)


def _train(model: Any, size: float, seed: int) -> None:
    """Moves the weights as a training of that violence would."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator) * size * parameter.float().std()
            parameter.add_(noise.to(parameter.dtype))


def _fresh(anchors: AnchorSet, model: Any) -> Check:
    """What a probe that knows nothing of earlier checks finds."""
    return Probe(anchors, model, tiny_tokenizer()).check(model, step=1, trigger="baseline")


def _generated(anchors: AnchorSet, model: Any, batch_size: int = 16) -> list[tuple[int, ...]]:
    """What `generate` answers."""
    prompts = Probe(anchors, model, tiny_tokenizer()).prompts
    with undisturbed(model):
        answers = generate_all(model, prompts, decoding(model, tiny_tokenizer()), Batches(batch_size))
    return [answer.tokens for answer in answers]


def _again(
    probe: Probe, model: Any, baseline: Check, previous: Check | None = None, trigger: Any = "schedule"
) -> Check:
    return probe.check(model, step=1, trigger=trigger, baseline=baseline, previous=previous)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_check_of_a_run_says_what_generate_says(architecture: str, anchors: AnchorSet) -> None:
    model = _model(architecture)
    probe = Probe(anchors, model, tiny_tokenizer(), batch_size=3)
    last = baseline = probe.check(model, step=0, trigger="baseline")
    departed = []
    for step, size in enumerate((0, 0.003, 0.01, 0.03, 0.3, 0.3, 0, 0.01), 1):
        _train(model, size, step)
        last = _again(probe, model, baseline, last)
        expected = _fresh(anchors, model)
        assert [o.tokens for o in last.outputs] == _generated(anchors, model)
        assert [o.tokens for o in expected.outputs] == _generated(anchors, model)
        assert [o.finish for o in last.outputs] == [o.finish for o in expected.outputs]
        assert [o.samples for o in last.outputs] == [o.samples for o in expected.outputs]
        assert last.generated_because == ""
        departed.append(last.cost.departed)
    assert departed[0] == departed[6] == 0, "the model had not changed"
    assert max(departed) >= 4


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_given_answers_score_as_in_an_unpadded_forward_pass(architecture: str, anchors: AnchorSet) -> None:
    model = _model(architecture)
    probe = Probe(anchors, model, tiny_tokenizer(), batch_size=4)
    baseline = probe.check(model, step=0, trigger="baseline")
    _train(model, 0.1, 1)
    now = _again(probe, model, baseline)
    for prompt, before, output in zip(probe.prompts, baseline.outputs, now.outputs, strict=True):
        for name, answer in {"baseline": before.tokens, **prompt.answers}.items():
            with torch.no_grad():
                logits = model.eval()(input_ids=torch.tensor([[*prompt.ids, *answer]])).logits[
                    0, len(prompt.ids) - 1 : -1
                ]
            logprobs, scored = logits.log_softmax(-1), output.likelihoods[name]
            expected = [float(logprobs[at, token]) for at, token in enumerate(answer)]
            assert scored.token_logprobs == pytest.approx(expected, abs=1e-4)
            if name == "baseline":
                entropies = torch.distributions.Categorical(logits=logits).entropy().tolist()
                others = [
                    max(float(x) for n, x in enumerate(row) if n != t) for row, t in zip(logprobs, answer, strict=True)
                ]
                assert scored.entropies == pytest.approx(entropies, abs=1e-4)
                assert scored.margins == pytest.approx([e - o for e, o in zip(expected, others, strict=True)], abs=1e-4)
                assert len(scored.divergences) == len(answer)
                assert scored.top == ()


def test_divergence_is_nothing_at_first_and_below_the_whole_kl_later(anchors: AnchorSet) -> None:
    model, other = _model("llama"), _model("llama")
    probe = Probe(anchors, model, tiny_tokenizer())
    baseline = probe.check(model, step=0, trigger="baseline")
    same = _again(probe, model, baseline)
    assert max(max(o.likelihoods["baseline"].divergences) for o in same.outputs) < 1e-5
    _train(model, 0.5, 1)
    now = _again(probe, model, baseline)
    for prompt, before, output in zip(probe.prompts, baseline.outputs, now.outputs, strict=True):
        ids = torch.tensor([[*prompt.ids, *before.tokens]])
        with torch.no_grad():
            was, is_ = (
                m.eval()(input_ids=ids).logits[0, len(prompt.ids) - 1 : -1].log_softmax(-1) for m in (other, model)
            )
        whole = (was.exp() * (was - is_)).sum(-1).tolist()
        for least, most in zip(output.likelihoods["baseline"].divergences, whole, strict=True):
            assert 0 <= least <= most + 1e-5
    assert sum(sum(o.likelihoods["baseline"].divergences) for o in now.outputs) > 0.01


def _rows(anchors: AnchorSet) -> tuple[int, int]:
    """How many prompts begin with the system prompt of most, and how many do not."""
    shared = sum(anchor.system == SYSTEM for anchor in anchors.anchors)
    return shared, len(anchors.anchors) - shared


@pytest.mark.parametrize("batch_size", [2, 3, 16])
def test_an_unchanged_model_is_asked_once_for_each_batch(batch_size: int, anchors: AnchorSet) -> None:
    model = _model("llama")
    plain = load(
        [
            {**anchor.model_dump(include={"id", "kind", "system", "prompt", "max_new_tokens"})}
            for anchor in anchors.anchors
        ]
    )
    probe = Probe(plain, model, tiny_tokenizer(), batch_size=batch_size)
    baseline = probe.check(model, step=0, trigger="baseline")
    check = _again(probe, model, baseline)
    prefix = 1
    assert check.cost.forward_calls == prefix + sum(ceil(rows / batch_size) for rows in _rows(plain))
    assert check.cost.departed == 0
    assert [o.tokens for o in check.outputs] == [o.tokens for o in baseline.outputs]


def test_a_prefix_is_computed_once(anchors: AnchorSet) -> None:
    model = _model("llama")
    probe = Probe(anchors, model, tiny_tokenizer())
    baseline = probe.check(model, step=0, trigger="baseline")
    check = _again(probe, model, baseline, trigger="drift")
    whole = sum(len(prompt.ids) + len(o.tokens) - 1 for prompt, o in zip(probe.prompts, check.outputs, strict=True))
    saved = (_rows(anchors)[0] - 1) * len(tiny_tokenizer()(SYSTEM)["input_ids"])
    padding = 0.35 * whole
    assert check.cost.positions < whole + padding - saved


def test_a_drift_check_scores_the_baselines_answers_only(anchors: AnchorSet) -> None:
    model = _model("llama")
    probe = Probe(anchors, model, tiny_tokenizer())
    baseline = probe.check(model, step=0, trigger="baseline")
    drift = _again(probe, model, baseline, trigger="drift")
    assert drift.cost.forward_calls == 3, "the prefix, the prompts that begin with it, the two that do not"
    assert all(o.samples == () and set(o.likelihoods) == {"baseline"} for o in drift.outputs)
    _train(model, 0.1, 1)
    changed = _again(probe, model, baseline, drift, trigger="drift")
    assert [o.tokens for o in changed.outputs] == _generated(anchors, model), "texts all the same"
    assert changed.cost.departed


def test_a_small_change_costs_few_calls_and_a_complete_one_no_more_than_generating(anchors: AnchorSet) -> None:
    model = _model("llama")
    probe = Probe(anchors, model, tiny_tokenizer())
    last = baseline = probe.check(model, step=0, trigger="baseline")
    longest = max(len(o.tokens) for o in baseline.outputs)
    _train(model, 0.004, 1)
    last = _again(probe, model, baseline, last, trigger="drift")
    assert 0 < last.cost.departed < 4
    assert last.cost.forward_calls <= longest
    for step in (2, 3, 4):
        _train(model, 1.0, step)
        last = _again(probe, model, baseline, last, trigger="drift")
        assert last.cost.departed >= 8
        # Beside a call for each token: the prefix, and the baseline's answers scored, in two groups of prompts.
        assert last.cost.forward_calls <= 2 * longest + 3


def test_what_was_said_before_is_drafted_again(anchors: AnchorSet) -> None:
    model, first = _model("llama"), _model("llama")
    probe = Probe(anchors, model, tiny_tokenizer())
    baseline = probe.check(model, step=0, trigger="baseline")
    _train(model, 1.0, 1)
    away = _again(probe, model, baseline, baseline, trigger="drift")
    model.load_state_dict(first.state_dict())
    back = _again(probe, model, baseline, away, trigger="drift")
    assert [o.tokens for o in back.outputs] == [o.tokens for o in baseline.outputs]
    assert back.cost.forward_calls < away.cost.forward_calls


def test_bf16_differs_at_ties_only(anchors: AnchorSet) -> None:
    model = _model("llama").to(torch.bfloat16)
    probe = Probe(anchors, model, tiny_tokenizer(), batch_size=4)
    last = baseline = probe.check(model, step=0, trigger="baseline")
    assert baseline.tie_margin is not None
    assert baseline.tie_margin > 0
    for step in range(1, 9):
        _train(model, 0.05, step)
        last = _again(probe, model, baseline, last)
        for output, expected in zip(last.outputs, _generated(anchors, model, 4), strict=True):
            pairs = enumerate(zip(output.tokens, expected, strict=False))
            first = next((at for at, (ours, theirs) in pairs if ours != theirs), None)
            assert first is None or first in output.ties
    assert _again(probe, model, baseline, last).cost.departed == 0


def test_a_tie_keeps_what_was_said_before_and_is_recorded(anchors: AnchorSet) -> None:
    model = _model("llama")
    probe = Probe(anchors, model, tiny_tokenizer())
    baseline = probe.check(model, step=0, trigger="baseline")
    _train(model, 0.05, 1)
    assert _again(probe, model, baseline).cost.departed
    tied = _again(probe, model, replace(baseline, tie_margin=1e3))
    assert tied.cost.departed == 0
    assert [o.ties for o in tied.outputs] == [tuple(range(len(o.tokens))) for o in tied.outputs]
    assert tied.tie_margin == 1e3


@pytest.mark.parametrize("slack", [-1, 0, 1, 40])
def test_a_window_is_never_left(slack: int, anchors: AnchorSet) -> None:
    prompts = Probe(anchors, _model("gemma"), tiny_tokenizer()).prompts
    longest = max(len(prompt.ids) for prompt in prompts) + 2 * max(prompt.anchor.max_new_tokens for prompt in prompts)
    model = _model("gemma", window=longest + 1 + slack)
    probe = Probe(anchors, model, tiny_tokenizer())
    last = baseline = probe.check(model, step=0, trigger="baseline")
    for step in range(1, 5):
        _train(model, 0.3, step)
        last = _again(probe, model, baseline, last)
        assert [o.tokens for o in last.outputs] == _generated(anchors, model)
    assert bool(last.generated_because) == (slack < 0)


def test_a_given_answer_longer_than_the_window_leaves_is_scored_the_plain_way() -> None:
    rows = [
        {"id": f"a{n}", "kind": "core", "prompt": "Why? " * n, "reference": "No. " * 15, "max_new_tokens": 8}
        for n in range(1, 4)
    ]
    anchors = load(rows)
    longest = max(
        len(p.ids) + len(p.answers["reference"]) for p in Probe(anchors, _model("gemma"), tiny_tokenizer()).prompts
    )
    for window, plain in ((longest + 1, True), (longest + 40, False)):
        model = _model("gemma", window=window)
        probe = Probe(anchors, model, tiny_tokenizer())
        baseline = probe.check(model, step=0, trigger="baseline")
        _train(model, 0.1, 1)
        check = _again(probe, model, baseline)
        assert bool(check.generated_because) == plain
        for prompt, output in zip(probe.prompts, check.outputs, strict=True):
            answer = prompt.answers["reference"]
            with torch.no_grad():
                logits = model.eval()(input_ids=torch.tensor([[*prompt.ids, *answer]])).logits[
                    0, len(prompt.ids) - 1 : -1
                ]
            expected = logits.log_softmax(-1).gather(-1, torch.tensor(answer).unsqueeze(-1)).squeeze(-1).tolist()
            assert output.likelihoods["reference"].token_logprobs == pytest.approx(expected, abs=1e-4)


def test_what_departed_at_once_is_verified_in_small_pieces_the_next_time() -> None:
    anchors = load([{"id": "a", "kind": "core", "prompt": "Hello?", "max_new_tokens": 40}])
    model = _model("llama")
    probe = Probe(anchors, model, tiny_tokenizer())
    last = baseline = probe.check(model, step=0, trigger="baseline")
    widths: list[list[int]] = []
    model.register_forward_pre_hook(
        lambda _, args, kwargs: widths[-1].append(kwargs["input_ids"].shape[1]), with_kwargs=True
    )
    for step in (1, 2):
        _train(model, 1.0, step)
        widths.append([])
        last = _again(probe, model, baseline, last, trigger="drift")
    prompt = len(probe.prompts[0].ids)
    assert widths[0][0] == prompt + 39, "the whole answer"
    assert widths[1][0] == prompt + 7, "its first eight tokens"


def test_an_answer_found_in_this_check_is_a_draft_for_the_others() -> None:
    rows = [{"id": f"a{n}", "kind": "core", "prompt": "Hello?", "max_new_tokens": 40} for n in range(6)]
    calls = []
    for anchors in (load(rows[:2]), load(rows)):
        model = _model("llama")
        probe = Probe(anchors, model, tiny_tokenizer(), batch_size=1)
        baseline = probe.check(model, step=0, trigger="baseline")
        _train(model, 1.0, 1)
        calls.append(_again(probe, model, baseline, trigger="drift").cost.forward_calls)
    assert calls[1] < 2 * calls[0], "six of the same prompt, of which the first two are decoded together"


def test_a_resumed_run_goes_on_from_what_the_store_holds(anchors: AnchorSet) -> None:
    model = _model("llama")
    baseline = _fresh(anchors, model)
    _train(model, 0.05, 1)
    resumed = _again(Probe(anchors, model, tiny_tokenizer()), model, baseline)
    assert [o.tokens for o in resumed.outputs] == _generated(anchors, model)
    assert resumed.generated_because == ""


def test_memory_that_runs_out_while_verifying_halves_the_batch(anchors: AnchorSet) -> None:
    model = _model("llama")
    probe = Probe(anchors, model, tiny_tokenizer(), batch_size=8)
    baseline = probe.check(model, step=0, trigger="baseline")
    _train(model, 0.05, 1)

    def small_device(module: Any, args: Any, kwargs: Any) -> None:
        if kwargs["input_ids"].numel() > 150:
            raise torch.OutOfMemoryError("CUDA out of memory")

    handle = model.register_forward_pre_hook(small_device, with_kwargs=True)
    check = _again(probe, model, baseline)
    handle.remove()
    assert check.cost.batch_size < 8
    assert [o.tokens for o in check.outputs] == _generated(anchors, model)


def test_memory_that_runs_out_while_decoding_generates_anew(anchors: AnchorSet) -> None:
    model = _model("llama")
    probe = Probe(anchors, model, tiny_tokenizer())
    baseline = probe.check(model, step=0, trigger="baseline")
    _train(model, 0.05, 1)
    failed = []

    def no_room_to_go_on(module: Any, args: Any, kwargs: Any) -> None:
        # Only decoding from the caches of several passes has a mask with rows that begin with holes.
        if kwargs.get("logits_to_keep") == kwargs["input_ids"].shape[1] < 18 and kwargs["attention_mask"].shape[1] > 99:
            failed.append(1)
            raise torch.OutOfMemoryError("CUDA out of memory")

    handle = model.register_forward_pre_hook(no_room_to_go_on, with_kwargs=True)
    check = _again(probe, model, baseline, trigger="drift")
    handle.remove()
    assert failed
    assert [o.tokens for o in check.outputs] == _generated(anchors, model)
    assert check.generated_because == ""


def _blind_to_holes(module: Any, args: Any, kwargs: Any) -> Any:
    """A model that, going on from a cache by several tokens, takes no notice of what is masked there."""
    mask, width = kwargs.get("attention_mask"), kwargs["input_ids"].shape[1]
    if mask is None or width == 1 or kwargs.get("logits_to_keep") != width:
        return args, kwargs
    return args, kwargs | {"attention_mask": (mask.cumsum(-1) > 0).to(mask.dtype)}


def _nan_in_long_passes(module: Any, args: Any, kwargs: Any, output: Any) -> None:
    if output.logits.shape[1] > 2:
        output.logits[0] = torch.nan


def _other_logits_in_long_passes(module: Any, args: Any, kwargs: Any, output: Any) -> None:
    if output.logits.shape[1] > 2:
        output.logits.neg_()


@pytest.mark.parametrize(
    "hook",
    [
        lambda model: model.register_forward_pre_hook(_blind_to_holes, with_kwargs=True),
        lambda model: model.register_forward_hook(_other_logits_in_long_passes, with_kwargs=True),
        lambda model: model.register_forward_hook(_nan_in_long_passes, with_kwargs=True),
    ],
    ids=["blind to holes", "other logits in long passes", "NaN in long passes"],
)
def test_a_model_that_cannot_be_verified_is_found_at_baseline(hook: Callable[[Any], Any], anchors: AnchorSet) -> None:
    model = _model("llama")
    hook(model)
    probe = Probe(anchors, model, tiny_tokenizer())
    baseline = probe.check(model, step=0, trigger="baseline")
    assert "logits" in baseline.generated_because
    assert [o.tokens for o in baseline.outputs] == _generated(anchors, model)
    assert baseline.tie_margin is None
    _train(model, 0.05, 1)
    now = _again(probe, model, baseline)
    assert now.generated_because == baseline.generated_because
    assert now.cost.departed is None
    resumed = _again(Probe(anchors, model, tiny_tokenizer()), model, baseline)
    assert resumed.generated_because == "the baseline was not verified"
    assert [o.tokens for o in resumed.outputs] == [o.tokens for o in now.outputs]


def test_verifying_that_fails_costs_a_warning_and_nothing_else(
    anchors: AnchorSet, caplog: pytest.LogCaptureFixture
) -> None:
    model = _model("llama")
    probe = Probe(anchors, model, tiny_tokenizer())
    baseline = probe.check(model, step=0, trigger="baseline")
    _train(model, 0.05, 1)

    def no_cache_from_outside(module: Any, args: Any, kwargs: Any) -> None:
        if kwargs.get("logits_to_keep", 1) > 1 and kwargs.get("past_key_values") is not None:
            raise ValueError("a cache of another kind is needed")

    model.register_forward_pre_hook(no_cache_from_outside, with_kwargs=True)
    for _ in range(2):
        check = _again(probe, model, baseline)
        assert [o.tokens for o in check.outputs] == _generated(anchors, model)
        assert "a cache of another kind is needed" in check.generated_because
    told = [record.getMessage() for record in caplog.records if "generated anew" in record.getMessage()]
    assert len(told) == 1
