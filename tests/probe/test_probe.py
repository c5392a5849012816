from __future__ import annotations

import pytest
import torch
from transformers import GenerationConfig

from anchorwatch.anchors import load
from anchorwatch.errors import AnchorSetError, ConfigurationError
from anchorwatch.probe import Probe
from anchorwatch.probe.generate import decoding
from anchorwatch.testing import tiny_model, tiny_tokenizer

ARCHITECTURES = ["llama", "qwen2", "gpt2", "gemma2"]


def _reference(model, tokenizer, anchor) -> list[int]:
    """What `generate` says to one anchor asked alone, without padding."""
    text = tokenizer.apply_chat_template(anchor.chat(), tokenize=False, add_generation_prompt=True)
    ids = torch.tensor([tokenizer(text, add_special_tokens=False)["input_ids"]])
    config = GenerationConfig(max_new_tokens=anchor.max_new_tokens, do_sample=False, eos_token_id=2, pad_token_id=0)
    model.eval()
    return model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=config)[
        0, ids.shape[1] :
    ].tolist()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_batch_says_what_each_anchor_says_alone(architecture, anchor_set) -> None:
    model, tokenizer = tiny_model(architecture), tiny_tokenizer()
    check = Probe(anchor_set, model, tokenizer).check(model, step=0, trigger="baseline")
    for anchor, output in zip(anchor_set.anchors, check.outputs, strict=True):
        assert list(output.tokens) == _reference(model, tokenizer, anchor)
        assert output.anchor_id == anchor.id


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_likelihoods_are_those_of_an_unpadded_forward_pass(architecture, anchor_set) -> None:
    model, tokenizer = tiny_model(architecture), tiny_tokenizer()
    probe = Probe(anchor_set, model, tokenizer)
    check = probe.check(model, step=0, trigger="baseline")
    for prompt, output in zip(probe.prompts, check.outputs, strict=True):
        assert output.likelihoods["baseline"].departs_at is None, "greedy decoding chose exactly this answer"
        for name, answer in {"baseline": output.tokens, **prompt.answers}.items():
            ids = torch.tensor([[*prompt.ids, *answer]])
            with torch.no_grad():
                logprobs = model.eval()(input_ids=ids).logits[0, len(prompt.ids) - 1 : -1].log_softmax(-1)
            expected = [float(logprobs[i, token]) for i, token in enumerate(answer)]
            assert output.likelihoods[name].token_logprobs == pytest.approx(expected, abs=1e-4)


def test_given_answers_end_as_generated_ones_do(anchor_set) -> None:
    probe = Probe(anchor_set, tiny_model(), tokenizer := tiny_tokenizer())
    answers = probe.prompts[1].answers
    assert set(answers) == {"chosen", "rejected"}
    assert all(answer[-1] == tokenizer.eos_token_id for answer in answers.values())


def test_a_changed_model_departs_and_loses_probability(anchor_set) -> None:
    tokenizer = tiny_tokenizer()
    probe = Probe(anchor_set, tiny_model(), tokenizer)
    before = probe.check(tiny_model(), step=0, trigger="baseline")
    after = probe.check(tiny_model(seed=1), step=9, trigger="schedule", baseline=before)
    for output in after.outputs:
        likelihood = output.likelihoods["baseline"]
        assert likelihood.departs_at is not None
        old = next(one.tokens for one in before.outputs if one.anchor_id == output.anchor_id)
        kept = likelihood.departs_at
        assert output.tokens[:kept] == old[:kept]
        assert output.tokens[kept] != old[kept]


def test_an_answer_is_cut_at_its_anchors_own_limit(anchor_set) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    outputs = Probe(anchor_set, model, tokenizer).check(model, step=0, trigger="baseline").outputs
    for anchor, output in zip(anchor_set.anchors, outputs, strict=True):
        assert len(output.tokens) <= anchor.max_new_tokens
        assert (output.finish == "length") == (len(output.tokens) == anchor.max_new_tokens and 2 not in output.tokens)


def test_an_end_token_of_the_generation_config_counts(anchor_set) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    first = Probe(anchor_set, model, tokenizer).check(model, step=0, trigger="baseline").outputs[0].tokens[1]
    model.generation_config.eos_token_id = [2, first]
    output = Probe(anchor_set, model, tokenizer).check(model, step=0, trigger="baseline").outputs[0]
    assert output.finish == "stop"
    assert output.tokens[-1] == first
    assert len(output.tokens) <= 2


@pytest.mark.parametrize("configured", [[-1, 2], -1])
def test_negative_end_tokens_are_left_out(configured, anchor_set) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    plain = Probe(anchor_set, model, tokenizer).check(model, step=0, trigger="baseline").outputs
    model.generation_config.eos_token_id = configured
    assert decoding(model, tokenizer).ends == (2,)
    assert Probe(anchor_set, model, tokenizer).check(model, step=0, trigger="baseline").outputs == plain


def test_an_answer_given_twice_is_scored_once() -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    row = {"id": "a", "kind": "core", "prompt": "x", "max_new_tokens": 4, "reference": "No.", "chosen": "No."}
    probe = Probe(load([{**row, "rejected": "Yes."}]), model, tokenizer)
    before = probe.check(model, step=0, trigger="baseline")
    passed = []
    model.register_forward_pre_hook(
        lambda _, args, kwargs: passed.append(kwargs["input_ids"].shape[0]), with_kwargs=True
    )
    likelihoods = probe.check(model, step=1, trigger="schedule", baseline=before).outputs[0].likelihoods
    assert passed == [1, 2], "the prompt with its answer; then No. and Yes."
    assert set(likelihoods) == {"baseline", "reference", "chosen", "rejected"}
    assert likelihoods["chosen"] == likelihoods["reference"] != likelihoods["rejected"]


def test_the_models_own_decoding_settings_are_left_out_and_kept(anchor_set) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    plain = Probe(anchor_set, model, tokenizer).check(model, step=0, trigger="baseline").outputs
    own = GenerationConfig(repetition_penalty=5.0, do_sample=True, temperature=3.0, top_k=5, eos_token_id=2)
    model.generation_config = own
    assert Probe(anchor_set, model, tokenizer).check(model, step=0, trigger="baseline").outputs == plain
    assert model.generation_config is own


def test_samples_come_from_the_anchors_own_generator(anchor_set) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    rows = [{"id": "a", "kind": "core", "prompt": "x", "samples": 3, "max_new_tokens": 6}]
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first = Probe(load(rows), model, tokenizer).check(model, step=0, trigger="baseline").outputs[0]
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(4)
    again = Probe(load(rows), model, tokenizer).check(model, step=0, trigger="baseline").outputs[0]
    assert len(first.samples) == 3
    assert len({sample.text for sample in first.samples}) > 1
    assert first.samples == again.samples
    for sample in first.samples:
        assert sample.text == tokenizer.decode(sample.tokens, skip_special_tokens=True)
        assert (sample.finish == "length") == (len(sample.tokens) == 6 and sample.tokens[-1] != tokenizer.eos_token_id)


def _sampled(samples: int, **fields) -> dict:
    return {"id": "a", "kind": "core", "prompt": "x", "samples": samples, "max_new_tokens": 6, **fields}


def test_samples_are_drawn_in_batches_and_differ_between_them() -> None:
    model, tokenizer, rows = tiny_model(), tiny_tokenizer(), [_sampled(4)]
    model.register_forward_pre_hook(_OutOfMemory(2), with_kwargs=True)
    first, second = (
        Probe(load(rows), model, tokenizer, batch_size=size).check(model, step=0, trigger="baseline") for size in (4, 2)
    )
    assert first.cost.batch_size == 2, "four rows at once did not fit"
    assert first.outputs == second.outputs, "the same chunks, the same answers"
    assert len(set(first.outputs[0].samples)) == 4


def test_a_model_of_nan_costs_the_samples_only(caplog) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    rows = [_sampled(2), _sampled(2, id="b"), _sampled(0, id="c")]
    probe = Probe(load(rows), model, tokenizer)
    model.lm_head.weight.data.fill_(float("nan"))
    for step in (0, 1):
        outputs = probe.check(model, step=step, trigger="schedule").outputs
        assert [output.samples for output in outputs] == [()] * 3
    assert [record.getMessage() for record in caplog.records if record.name == "anchorwatch"] == [
        "anchor 'a' goes without sampled answers, others may too: the model's logits are not finite"
    ]


def test_samples_that_do_not_fit_in_single_rows_are_an_error() -> None:
    model = tiny_model()
    probe = Probe(load([_sampled(1)]), model, tiny_tokenizer())
    sampled = []

    def only_greedy_fits(module, args, kwargs) -> None:
        sampled.append(kwargs["input_ids"].shape)
        if len(sampled) > 6:
            raise torch.OutOfMemoryError("CUDA out of memory")

    model.register_forward_pre_hook(only_greedy_fits, with_kwargs=True)
    with pytest.raises(torch.OutOfMemoryError):
        probe.check(model, step=0, trigger="baseline")


class _OutOfMemory:
    """Stands in for a small device: any forward pass over more than `rows` rows does not fit."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def __call__(self, module, args, kwargs) -> None:
        if kwargs["input_ids"].shape[0] > self.rows:
            raise torch.OutOfMemoryError("CUDA out of memory")


def test_running_out_of_memory_halves_the_batch_and_goes_on(anchor_set, caplog) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    expected = Probe(anchor_set, model, tokenizer).check(model, step=0, trigger="baseline")
    model.register_forward_pre_hook(_OutOfMemory(1), with_kwargs=True)
    probe = Probe(anchor_set, model, tokenizer, batch_size=4)
    check = probe.check(model, step=0, trigger="baseline")
    assert [o.tokens for o in check.outputs] == [o.tokens for o in expected.outputs]
    assert check.cost.batch_size == 1
    assert "out of memory" in caplog.text


def test_a_single_row_that_does_not_fit_is_an_error(anchor_set) -> None:
    model = tiny_model()
    model.register_forward_pre_hook(_OutOfMemory(0), with_kwargs=True)
    with pytest.raises(torch.OutOfMemoryError):
        Probe(anchor_set, model, tiny_tokenizer()).check(model, step=0, trigger="baseline")


def test_the_cost_is_counted(anchor_set) -> None:
    model = tiny_model()
    probe = Probe(anchor_set, model, tiny_tokenizer())
    passed = []
    model.register_forward_pre_hook(
        lambda _, args, kwargs: passed.append(kwargs["input_ids"].numel()), with_kwargs=True
    )
    check = probe.check(model, step=0, trigger="baseline")
    assert (check.cost.forward_calls, check.cost.positions) == (len(passed), sum(passed))
    assert check.cost.prompt_tokens == sum(len(prompt.ids) for prompt in probe.prompts)
    assert check.cost.new_tokens == sum(len(output.tokens) for output in check.outputs)
    assert check.cost.seconds > 0
    assert len(model._forward_pre_hooks) == 1, "ours is gone"


def test_a_template_that_refuses_system_turns_gets_them_in_the_user_turn(anchor_set) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
        "{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    )
    prompt = Probe(anchor_set, tiny_model(), tokenizer).prompts[3]
    assert tokenizer.decode(list(prompt.ids)).startswith("user: You are brief.\n\nHi\n")


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda model, tokenizer: setattr(tokenizer, "chat_template", None), "no chat template"),
        (
            lambda model, tokenizer: setattr(tokenizer, "chat_template", "{{ raise_exception('odd') }}"),
            "chat template fails",
        ),
        (lambda model, tokenizer: setattr(model.config, "max_position_embeddings", 40), "do not fit"),
    ],
)
def test_what_cannot_be_watched_is_said_at_once(break_it, message, anchor_set) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    break_it(model, tokenizer)
    with pytest.raises(ConfigurationError, match=message) as error:
        Probe(anchor_set, model, tokenizer)
    assert "\n" not in str(error.value)


def test_no_tokenizer_is_said_at_once(anchor_set) -> None:
    with pytest.raises(ConfigurationError, match="processing_class"):
        Probe(anchor_set, tiny_model(), None)


def test_a_prompt_too_long_names_its_anchor() -> None:
    rows = [{"id": "long", "kind": "core", "prompt": "word " * 600}]
    with pytest.raises(AnchorSetError, match=r"'long'.*2048"):
        Probe(load(rows), tiny_model(context=2048), tiny_tokenizer())


def test_a_model_that_cannot_generate_is_refused(anchor_set) -> None:
    with pytest.raises(ConfigurationError, match="cannot generate"):
        Probe(anchor_set, torch.nn.Linear(2, 2), tiny_tokenizer())


@pytest.mark.parametrize("method", ["lora", "prompt"])
def test_peft_models_are_asked_with_their_adapter(method, anchor_set) -> None:
    from peft import LoraConfig, PromptTuningConfig, get_peft_model

    tokenizer = tiny_tokenizer()
    plain = Probe(anchor_set, tiny_model(), tokenizer).check(tiny_model(), step=0, trigger="baseline")
    config = (
        LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
        if method == "lora"
        else PromptTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM")
    )
    torch.manual_seed(0)
    model = get_peft_model(tiny_model(), config)
    check = Probe(anchor_set, model, tokenizer).check(model, step=0, trigger="baseline")
    assert [o.text for o in check.outputs] != [o.text for o in plain.outputs]
    assert all(o.likelihoods["baseline"].departs_at is None for o in check.outputs)
