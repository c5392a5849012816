"""Models that are watched without verification: encoder-decoder and quantized ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from anchorwatch import AnchorWatch
from anchorwatch.anchors import AnchorSet
from anchorwatch.probe import Probe
from anchorwatch.probe.encoder_decoder import right_pad
from anchorwatch.testing import tiny_model, tiny_tokenizer
from training import trace, trainer

ENCODER_DECODER = ["t5", "bart"]
ADAPTERS = {
    "none": lambda model: model,
    "lora": lambda model: get_peft_model(
        model, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="SEQ_2_SEQ_LM")
    ),
    "prompt tuning": lambda model: get_peft_model(
        model, PromptTuningConfig(num_virtual_tokens=4, task_type="SEQ_2_SEQ_LM")
    ),
}


def _noisy(model: Any) -> Any:
    """A model whose answers depend on all of the prompt, so that a wrong position or mask shows in them."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return model


def test_padding_on_the_right() -> None:
    ids, mask = right_pad([[5, 6], [7]], 0, torch.device("cpu"))
    assert ids.tolist() == [[5, 6], [7, 0]]
    assert mask.tolist() == [[1, 1], [1, 0]]


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("architecture", ENCODER_DECODER)
def test_an_encoder_decoder_model_says_what_it_says_to_each_anchor_alone(
    architecture: Any, adapter: str, anchor_set: AnchorSet
) -> None:
    torch.manual_seed(0)
    model, tokenizer = _noisy(ADAPTERS[adapter](tiny_model(architecture))), tiny_tokenizer()
    probe = Probe(anchor_set, model, tokenizer)
    check = probe.check(model, step=0, trigger="baseline")
    assert check.generated_because
    assert len({output.tokens for output in check.outputs}) > 1
    for prompt, output in zip(probe.prompts, check.outputs, strict=True):
        ids = torch.tensor([prompt.ids])
        said = model.eval().generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, eos_token_id=2, pad_token_id=0,
            max_new_tokens=prompt.anchor.max_new_tokens, forced_eos_token_id=None,
        )  # fmt: skip
        assert said[0, 1:].tolist() == list(output.tokens)
        assert output.likelihoods["baseline"].departs_at is None, "greedy decoding chose exactly this answer"


@pytest.mark.parametrize("architecture", ENCODER_DECODER)
def test_likelihoods_are_those_of_an_unpadded_forward_pass(architecture: Any, anchor_set: AnchorSet) -> None:
    model, tokenizer = _noisy(tiny_model(architecture)), tiny_tokenizer()
    probe = Probe(anchor_set, model, tokenizer)
    check = probe.check(model, step=0, trigger="baseline")
    for prompt, output in zip(probe.prompts, check.outputs, strict=True):
        for name, answer in {"baseline": output.tokens, **prompt.answers}.items():
            with torch.no_grad():
                # With labels, the model itself puts its start token before the answer.
                logits = model.eval()(input_ids=torch.tensor([prompt.ids]), labels=torch.tensor([answer])).logits[0]
            expected = logits.log_softmax(-1).gather(-1, torch.tensor(answer).unsqueeze(-1)).flatten().tolist()
            assert output.likelihoods[name].token_logprobs == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("architecture", ENCODER_DECODER)
def test_a_watched_training_of_an_encoder_decoder_model_is_the_same(architecture: Any, anchor_set: AnchorSet) -> None:
    def train(watch: AnchorWatch | None) -> Any:
        trained = trainer(watch, model=tiny_model(architecture))
        trained.train()
        return trace(trained)

    assert train(AnchorWatch(anchor_set, every=2, verbose=False)) == train(None)


def _quantized(folder: Path, bits: int) -> Any:
    """The tiny model in 8 bits, or in 4 with double quantization, as QLoRA takes it."""
    pytest.importorskip("bitsandbytes")
    if not folder.exists():
        tiny_model().save_pretrained(folder)
    config = BitsAndBytesConfig(
        load_in_8bit=bits == 8, load_in_4bit=bits == 4, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.float32,
    )  # fmt: skip
    return AutoModelForCausalLM.from_pretrained(
        folder, quantization_config=config, device_map="cpu", dtype=torch.float32
    )


@pytest.mark.parametrize("bits", [4, 8])
def test_a_quantized_model_is_asked_and_left_as_it_was(bits: int, tmp_path: Path, anchor_set: AnchorSet) -> None:
    model = _quantized(tmp_path / "model", bits)
    probe = Probe(anchor_set, model, tiny_tokenizer())
    weights = {name: value.clone() for name, value in model.state_dict().items() if isinstance(value, torch.Tensor)}
    check = probe.check(model, step=0, trigger="baseline")
    after = model.state_dict()
    assert all(torch.equal(after[name], value) for name, value in weights.items())
    assert check.outputs == probe.check(model, step=0, trigger="baseline").outputs
    for output in check.outputs:
        assert output.tokens
        assert output.likelihoods["baseline"].token_logprobs


@pytest.mark.parametrize("bits", [4, 8])
def test_a_watched_training_of_a_quantized_model_is_the_same(bits: int, tmp_path: Path, anchor_set: AnchorSet) -> None:
    config = LoraConfig(r=4, lora_dropout=0.1, target_modules="all-linear", task_type="CAUSAL_LM")

    def train(watch: AnchorWatch | None) -> Any:
        model = _quantized(tmp_path / "model", bits)
        trained = trainer(watch, model=model, adapt=lambda model: get_peft_model(model, config))
        trained.train()
        return trace(trained)

    assert train(AnchorWatch(anchor_set, every=1, verbose=False)) == train(None)
