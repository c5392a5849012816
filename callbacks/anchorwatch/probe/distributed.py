"""What the processes of one training must agree on."""

from __future__ import annotations

from typing import TypeVar

import torch.distributed as dist

Value = TypeVar("Value")


def from_main(value: Value) -> Value:
    """The main process's `value`, in every process of a distributed training; `value` itself in any other.

    All processes must call it, whatever has failed in one of them: the others wait.
    """
    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return value
    box = [value]
    dist.broadcast_object_list(box, src=0)
    return box[0]
