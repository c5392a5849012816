from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from transformers import GenerationConfig

from anchorwatch.probe import undisturbed
from anchorwatch.testing import tiny_model, tiny_tokenizer


def _draws() -> tuple[float, float, float]:
    return random.random(), float(np.random.rand()), float(torch.rand(1))


def _disturb(model, tokenizer) -> None:
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    model.train()
    model.lm_head.weight.requires_grad_(False)
    model.config.use_cache = False
    model.config.new_attribute = 1
    model.generation_config = GenerationConfig(max_length=3)
    model.model.layers[0].scratch = 7
    rotary = model.model.rotary_emb
    rotary.register_buffer("inv_freq", rotary.inv_freq * 2, persistent=False)
    rotary.max_seq_len_cached = 10**6
    tokenizer.padding_side = "left"
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer(["a", "bcd"], padding=True, truncation=True, max_length=2)


@pytest.mark.parametrize("raises", [False, True])
def test_everything_is_put_back(raises: bool) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    tokenizer.padding_side = "right"
    model.train()
    model.model.layers[1].eval()  # a module with a mode of its own
    model.model.embed_tokens.weight.requires_grad_(False)
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    expected = _draws()
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    modes = [module.training for module in model.modules()]
    gradients = [parameter.requires_grad for parameter in model.parameters()]
    config, generation_config = model.config.to_dict(), model.generation_config
    frequencies = model.model.rotary_emb.inv_freq
    cached = model.model.rotary_emb.max_seq_len_cached

    try:
        with undisturbed(model, tokenizer):
            assert not any(module.training for module in model.modules())
            assert not torch.is_grad_enabled()
            _disturb(model, tokenizer)
            if raises:
                raise RuntimeError("half-way")
    except RuntimeError:
        assert raises

    assert _draws() == expected
    assert [module.training for module in model.modules()] == modes
    assert [parameter.requires_grad for parameter in model.parameters()] == gradients
    assert model.config.to_dict() == config
    assert not hasattr(model.config, "new_attribute")
    assert model.generation_config is generation_config
    assert not hasattr(model.model.layers[0], "scratch")
    assert model.model.rotary_emb.inv_freq is frequencies
    assert model.model.rotary_emb.max_seq_len_cached == cached
    assert tokenizer.padding_side == "right"
    assert tokenizer.pad_token == "<|pad|>"
    assert tokenizer.backend_tokenizer.padding is None
    assert tokenizer.backend_tokenizer.truncation is None
    assert torch.is_grad_enabled()


def test_schedule_free_weights_come_back_bit_for_bit() -> None:
    from schedulefree import AdamWScheduleFree

    model = tiny_model()
    optimizer = AdamWScheduleFree(model.parameters(), lr=0.1)
    optimizer.train()
    for _ in range(3):
        model(input_ids=torch.tensor([[3, 4, 5]]), labels=torch.tensor([[3, 4, 5]])).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    before = [parameter.detach().clone() for parameter in model.parameters()]
    with undisturbed(model, optimizer=optimizer):
        moved = [not torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True)]
    assert any(moved), "the check must see the averaged weights"
    assert all(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
    assert optimizer.param_groups[0]["train_mode"]


def test_an_optimizer_already_in_evaluation_stays_there() -> None:
    from schedulefree import AdamWScheduleFree

    model = tiny_model()
    optimizer = AdamWScheduleFree(model.parameters(), lr=0.1)
    optimizer.eval()
    with undisturbed(model, optimizer=optimizer):
        pass
    assert not optimizer.param_groups[0]["train_mode"]
