"""The state that modules keep outside their parameters: remembered, and put back."""

from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import torch
from torch import nn

# What every module has: parameters, submodules and hooks are torch's to manage; buffers are seen to by themselves.
_MANAGED = frozenset(vars(nn.Module())) - {"training", "_non_persistent_buffers_set"}
_CONTAINERS = (list, deque, dict, OrderedDict, defaultdict, set)
_PACKED = 2**20
"""Elements from which on an integer tensor is taken for packed weights (GPTQ, AWQ), which no forward pass changes."""


def keep_modules(restore: ExitStack, model: nn.Module) -> None:
    """When `restore` closes, every module has its attributes and buffers again, and those their contents.

    Contents are the values of tensors (running statistics, observers of quantisation) and the items of lists, dicts
    and sets, one level deep. Attributes that are new are removed. Parameters, submodules and hooks are left alone.
    """
    own = [(module, _own(module), dict(module._buffers)) for module in model.modules()]
    values = [value for _, attributes, buffers in own for value in (*attributes.values(), *buffers.values())]
    containers = [(value, copy.copy(value)) for value in _once(values) if type(value) in _CONTAINERS]
    tensors = [(value, value.detach().clone()) for value in _once(_flat(values)) if _may_change(value)]

    def put_back() -> None:
        for module, attributes, buffers in own:
            for name in _own(module).keys() - attributes.keys():
                del vars(module)[name]
            vars(module).update(attributes)
            module._buffers.clear()
            module._buffers.update(buffers)
        for container, items in containers:
            container.clear()
            container.extend(items) if isinstance(container, (list, deque)) else container.update(items)
        # Inference mode, because tensors made in it can be written to nowhere else.
        with torch.inference_mode():
            for tensor, value in tensors:
                # Through `data` and whether or not the version counter moved: it does not see writes through `data`,
                # and for tensors that nobody wrote to it has to stay, or a backward pass still to come would fail.
                data = tensor.data
                if data.shape != value.shape:  # observers resize their buffers
                    tensor.data = value
                else:
                    data.copy_(value)

    restore.callback(put_back)


def _own(module: nn.Module) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if name not in _MANAGED}


def _once(values: Iterable[Any]) -> list[Any]:
    """Each object a single time: tensors are often shared among layers."""
    return list({id(value): value for value in values}.values())


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    """The values, and the items of those that are containers."""
    for value in values:
        yield value
        if type(value) in _CONTAINERS:
            yield from value.values() if isinstance(value, dict) else value


def _may_change(value: Any) -> bool:
    if not isinstance(value, torch.Tensor) or isinstance(value, nn.Parameter) or value.layout is not torch.strided:
        return False
    if not value.is_floating_point() and value.numel() >= _PACKED:
        return False
    # An expanded tensor, several elements of which are one in memory, cannot be written to.
    return all(stride > 0 or size <= 1 for stride, size in zip(value.stride(), value.shape, strict=True))
