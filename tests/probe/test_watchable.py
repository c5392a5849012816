"""Models that need the outer model, batches of one row, or a refusal."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from peft import LoraConfig, PrefixTuningConfig, PromptEncoderConfig, PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM, MiniMaxConfig, RecurrentGemmaConfig, RwkvConfig

from anchorwatch.anchors import AnchorSet
from anchorwatch.probe import Probe
from anchorwatch.probe.watchable import base_of, one_row_at_a_time
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
