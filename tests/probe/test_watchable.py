"""Models that need the outer model, batches of one row, or a refusal."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from peft import LoraConfig, PrefixTuningConfig, PromptEncoderConfig, PromptTuningConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    BloomConfig,
    FalconConfig,
    Gemma3TextConfig,
    GPTNeoConfig,
    GPTNeoXConfig,
    JambaConfig,
    Lfm2Config,
    Llama4TextConfig,
    LlamaConfig,
    MambaConfig,
    MiniMaxConfig,
    MistralConfig,
    MptConfig,
    Phi3Config,
    Qwen2Config,
    RecurrentGemmaConfig,
    RwkvConfig,
    WhisperConfig,
    WhisperForConditionalGeneration,
)

from anchorwatch.anchors import AnchorSet
from anchorwatch.errors import ConfigurationError
from anchorwatch.probe import Probe
from anchorwatch.probe.watchable import base_of, context_length, one_row_at_a_time, plain_because
from anchorwatch.testing import tiny_model, tiny_tokenizer

SIZE: dict[str, Any] = {
    "vocab_size": 259,
    "hidden_size": 32,
    "pad_token_id": 0,
    "eos_token_id": 2,
    "bos_token_id": None,
}
HEADS = {"intermediate_size": 64, "num_attention_heads": 4, "num_hidden_layers": 3}
RECURRENT = {
    "recurrent_gemma": lambda: RecurrentGemmaConfig(lru_width=32, attention_window_size=16, **HEADS, **SIZE),
    "rwkv": lambda: RwkvConfig(attention_hidden_size=32, num_hidden_layers=2, **SIZE),
}
PROMPT_LEARNING = {"prompt": PromptTuningConfig, "prefix": PrefixTuningConfig, "p-tuning": PromptEncoderConfig}


BLOCKS = {"intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, **SIZE}
HIDDEN = {"num_hidden_layers": 2, "num_attention_heads": 4, **SIZE}
LONGROPE = {"rope_type": "longrope", "rope_theta": 1e4, "short_factor": [1.0] * 4, "long_factor": [2.0] * 4}
TINY = {name: value for name, value in SIZE.items() if name != "hidden_size"}
VERIFIABLE = {
    "llama": lambda: LlamaConfig(**BLOCKS),
    "qwen2, no window in use": lambda: Qwen2Config(sliding_window=8, **BLOCKS),
    "mistral without a window": lambda: MistralConfig(sliding_window=None, **BLOCKS),
    "phi3": lambda: Phi3Config(**BLOCKS),
    "gpt_neox": lambda: GPTNeoXConfig(intermediate_size=64, **HIDDEN),
    "falcon": lambda: FalconConfig(**HIDDEN),
}
WINDOWED = {
    "qwen2": lambda: Qwen2Config(use_sliding_window=True, sliding_window=64, max_window_layers=1, **BLOCKS),
    "mistral": lambda: MistralConfig(sliding_window=64, **BLOCKS),
    "gemma3": lambda: Gemma3TextConfig(sliding_window=64, head_dim=8, **BLOCKS),
    "phi3": lambda: Phi3Config(sliding_window=64, **BLOCKS),
    "llama4": lambda: Llama4TextConfig(
        attention_chunk_size=64, head_dim=8, intermediate_size_mlp=64, num_local_experts=2, **BLOCKS
    ),
    "gpt_neo": lambda: GPTNeoConfig(
        hidden_size=32, num_layers=2, num_heads=4, attention_types=[[["global", "local"], 1]], window_size=64, **TINY
    ),
}
PLAIN = {
    "mamba": (lambda: MambaConfig(num_hidden_layers=2, state_size=4, **SIZE), "recurrent layers"),
    "jamba": (lambda: JambaConfig(num_experts=2, mamba_d_state=4, **BLOCKS), "recurrent layers"),
    "recurrent_gemma": (RECURRENT["recurrent_gemma"], "recurrent layers"),
    "rwkv": (RECURRENT["rwkv"], "recurrent layers"),
    "lfm2": (lambda: Lfm2Config(layer_types=["conv", "full_attention"], **BLOCKS), "conv layers"),
    "bloom": (lambda: BloomConfig(hidden_size=32, n_layer=2, n_head=4, **TINY), "a forward without position_ids"),
    "mpt": (lambda: MptConfig(d_model=32, n_layers=2, n_heads=4, **TINY), "a forward without position_ids"),
    "falcon": (lambda: FalconConfig(alibi=True, **HIDDEN), "positions counted in the attention mask (ALiBi)"),
    "longrope": (
        lambda: Phi3Config(
            rope_parameters={**LONGROPE, "original_max_position_embeddings": 64},
            original_max_position_embeddings=64,
            **BLOCKS,
        ),
        "rotary embeddings that change after 64 positions",
    ),
}


def _noisy(model: Any) -> Any:
    """A model far enough from its start that a wrong position shows in its answers."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return model


def _same_as_single_rows(anchor_set: AnchorSet, model: Any) -> None:
    together = Probe(anchor_set, model, tiny_tokenizer()).check(model, step=0, trigger="baseline").outputs
    single = Probe(anchor_set, model, tiny_tokenizer(), batch_size=1).check(model, step=0, trigger="baseline").outputs
    assert together == single


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
@pytest.mark.parametrize("method", PROMPT_LEARNING)
def test_prompt_learning_answers_as_single_rows_do(method: str, architecture: Any, anchor_set: AnchorSet) -> None:
    torch.manual_seed(0)
    config = PROMPT_LEARNING[method](num_virtual_tokens=4, task_type="CAUSAL_LM")
    _same_as_single_rows(anchor_set, _noisy(get_peft_model(tiny_model(architecture), config)))


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_models_answer_as_single_rows_do(name: str, anchor_set: AnchorSet) -> None:
    torch.manual_seed(0)
    _same_as_single_rows(anchor_set, _noisy(AutoModelForCausalLM.from_config(RECURRENT[name]())))


def test_linear_attention_is_asked_in_single_rows_and_attention_is_not() -> None:
    config = MiniMaxConfig(
        num_key_value_heads=2, head_dim=8, num_local_experts=2,
        layer_types=["linear_attention", "full_attention", "linear_attention"], **HEADS, **SIZE,
    )  # fmt: skip
    assert one_row_at_a_time(AutoModelForCausalLM.from_config(config))
    assert not one_row_at_a_time(tiny_model("gemma2"))
    lora = get_peft_model(tiny_model(), LoraConfig(target_modules="all-linear", task_type="CAUSAL_LM"))
    assert not one_row_at_a_time(base_of(lora))


@pytest.mark.parametrize("name", VERIFIABLE)
def test_a_model_that_attends_to_all_can_be_verified(name: str) -> None:
    assert plain_because(AutoModelForCausalLM.from_config(VERIFIABLE[name]()), 1000) == ""


@pytest.mark.parametrize("name", WINDOWED)
def test_a_window_counts_where_it_is_reached(name: str) -> None:
    model = AutoModelForCausalLM.from_config(WINDOWED[name]())
    assert plain_because(model, 63) == ""
    assert plain_because(model, 64) == "attention over a window of 64 positions"


@pytest.mark.parametrize("name", PLAIN)
def test_what_cannot_be_verified_has_a_reason(name: str) -> None:
    config, reason = PLAIN[name]
    assert plain_because(AutoModelForCausalLM.from_config(config()), 100) == reason


def test_layers_of_a_kind_never_heard_of_are_not_verified() -> None:
    model = tiny_model("qwen2")
    model.config.layer_types = ["full_attention", "folded_attention"]
    assert plain_because(model, 10) == "folded_attention layers"


def test_an_adapter_counts_where_it_is_outside_the_layers() -> None:
    lora = get_peft_model(tiny_model(), LoraConfig(target_modules="all-linear", task_type="CAUSAL_LM"))
    prompt = get_peft_model(tiny_model(), PromptTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM"))
    assert plain_because(base_of(lora), 10) == ""
    assert plain_because(base_of(prompt), 10) == "adapter outside the layers"


def test_an_encoder_decoder_model_is_not_verified() -> None:
    assert plain_because(base_of(tiny_model("bart")), 10) == "encoder-decoder model"


def test_the_context_of_relative_positions_has_no_end() -> None:
    assert context_length(tiny_model("t5")) is None
    assert context_length(tiny_model("bart", context=64)) == 64
    assert context_length(tiny_model("gpt2", context=64)) == 64


def test_an_encoder_of_speech_is_refused() -> None:
    stacks = {f"{stack}_{name}": 1 for stack in ("encoder", "decoder") for name in ("layers", "attention_heads")}
    config = WhisperConfig(d_model=8, encoder_ffn_dim=8, decoder_ffn_dim=8, max_source_positions=8, **stacks)
    with pytest.raises(ConfigurationError, match="reads input_features: anchorwatch watches models that read text"):
        base_of(WhisperForConditionalGeneration(config))


def test_an_encoder_decoder_model_that_does_not_say_how_answers_begin_is_refused() -> None:
    model = tiny_model("t5")
    model.config.decoder_start_token_id = model.generation_config.decoder_start_token_id = None
    with pytest.raises(ConfigurationError, match="set decoder_start_token_id"):
        base_of(model)


def test_activated_lora_is_active(anchor_set: AnchorSet) -> None:
    tokenizer = tiny_tokenizer()
    invocation = tokenizer("<|im_start|>assistant\n", add_special_tokens=False)["input_ids"]
    torch.manual_seed(0)
    config = LoraConfig(
        r=4, target_modules="all-linear", task_type="CAUSAL_LM", alora_invocation_tokens=invocation,
        init_lora_weights=False,
    )  # fmt: skip
    model = get_peft_model(tiny_model(), config)
    probe = Probe(anchor_set, model, tokenizer)
    outputs = probe.check(model, step=0, trigger="baseline").outputs
    plain = Probe(anchor_set, tiny_model(), tokenizer).check(tiny_model(), step=0, trigger="baseline").outputs
    assert [output.tokens for output in outputs] != [output.tokens for output in plain]
    assert all(output.likelihoods["baseline"].departs_at is None for output in outputs)
    for prompt, output in zip(probe.prompts, outputs, strict=True):
        ids = torch.tensor([prompt.ids])
        said = model.eval().generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, pad_token_id=0,
            max_new_tokens=prompt.anchor.max_new_tokens,
        )  # fmt: skip
        assert said[0, ids.shape[1] :].tolist() == list(output.tokens)


FULLY_SHARDED = """
import sys
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from anchorwatch.errors import ConfigurationError
from anchorwatch.probe.watchable import base_of
from anchorwatch.testing import tiny_model

dist.init_process_group("gloo", store=dist.FileStore(sys.argv[1], 1), rank=0, world_size=1)
model = tiny_model()
fully_shard(model.model.layers[0], mesh=init_device_mesh("cpu", (1,)))
try:
    base_of(model)
except ConfigurationError as error:
    print(error)
finally:
    dist.destroy_process_group()
"""


def test_fully_shard_is_refused(tmp_path: Any) -> None:
    command = [sys.executable, "-c", FULLY_SHARDED, str(tmp_path / "store")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "a model sharded by FSDP cannot be watched yet: use DDP"
