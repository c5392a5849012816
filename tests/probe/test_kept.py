"""Contents that modules change in place, and attributes of every kind."""

from __future__ import annotations

import pytest
import torch
from peft import PromptTuningConfig, get_peft_model
from torch import nn
from torch.ao.quantization import FakeQuantize, MovingAveragePerChannelMinMaxObserver

from anchorwatch.anchors import load
from anchorwatch.probe import Probe, undisturbed
from anchorwatch.testing import tiny_model, tiny_tokenizer


class _Watcher(nn.Module):
    """Keeps state in all the places where layers do."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("amax", torch.zeros(3))
        self.shared = self.amax
        self.mean = torch.zeros(2)
        self.history: list[float] = [1.0]
        self.by_name = {"mean": torch.zeros(2)}
        self.unset: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.amax.copy_(x.abs().max())
        self.mean.data.add_(1.0)  # the version counter does not see this
        self.history.append(2.0)
        self.by_name["mean"].add_(1.0)
        self.by_name["new"] = x
        self.unset = x
        self.new_tensor = x
        return x


def test_contents_and_attributes_come_back() -> None:
    module = _Watcher()
    buffer, mean, history, inner = module.amax, module.mean, module.history, module.by_name["mean"]
    names = set(vars(module))
    with undisturbed(module):
        module(torch.ones(3))
        assert module.amax.tolist() == [1.0] * 3
    assert module.amax is buffer
    assert module.shared is buffer
    assert buffer.tolist() == [0.0] * 3
    assert module.mean is mean
    assert mean.tolist() == [0.0] * 2
    assert module.history is history
    assert history == [1.0]
    assert list(module.by_name) == ["mean"]
    assert module.by_name["mean"] is inner
    assert inner.tolist() == [0.0] * 2
    assert module.unset is None
    assert set(vars(module)) == names


def test_buffers_that_an_observer_resizes_come_back() -> None:
    module = FakeQuantize(
        observer=MovingAveragePerChannelMinMaxObserver, quant_min=-128, quant_max=127, dtype=torch.qint8
    )
    before = {name: value.clone() for name, value in module.named_buffers()}
    with undisturbed(module):
        module(torch.randn(4, 3))
        assert module.scale.shape == (4,)
    after = dict(module.named_buffers())
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_tensors_made_in_inference_mode_come_back() -> None:
    module = nn.Module()
    with torch.inference_mode():
        module.seen = torch.zeros(2)
    with undisturbed(module), torch.inference_mode():
        module.seen.add_(1.0)
    assert module.seen.tolist() == [0.0, 0.0]


def test_an_expanded_buffer_is_no_hindrance() -> None:
    module = nn.Module()
    module.register_buffer("positions", torch.arange(4).expand(3, 4))
    with undisturbed(module):
        pass
    assert module.positions.tolist() == [[0, 1, 2, 3]] * 3


def test_a_backward_pass_under_way_is_not_broken() -> None:
    module = nn.Module()
    module.register_buffer("scale", torch.full((2,), 3.0))
    weight = torch.ones(2, requires_grad=True)
    loss = (weight * module.scale).sum()  # keeps `scale` for its backward pass
    with undisturbed(module):
        pass
    loss.backward()
    assert weight.grad is not None
    assert weight.grad.tolist() == [3.0, 3.0]


def test_hooks_and_parameters_stay_as_the_body_left_them() -> None:
    module = nn.Linear(2, 2)
    with undisturbed(module):
        module.register_forward_hook(lambda *_: None)
        module.weight.fill_(5.0)
    assert len(module._forward_hooks) == 1
    assert module.weight.eq(5.0).all()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_check_of_a_prompt_tuned_model_leaves_no_attribute() -> None:
    model = get_peft_model(tiny_model(), PromptTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM"))
    anchors = load([{"id": "a", "kind": "core", "prompt": "x", "max_new_tokens": 3}])
    names = [set(vars(module)) for module in model.modules()]
    Probe(anchors, model, tiny_tokenizer()).check(model, step=0, trigger="baseline")
    assert [set(vars(module)) for module in model.modules()] == names
